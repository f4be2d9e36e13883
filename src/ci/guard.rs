//! The workflow commands that stop and resume the processing of workflow commands, so that printed
//! text is never executed.

use std::io;

/// The word that makes a workflow runner process commands again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard(u128);

impl Guard {
    /// Creates a guard with an unpredictable word.
    pub(crate) fn fresh() -> io::Result<Self> {
        random().map(Self)
    }

    /// The command after which the runner processes no commands.
    pub(crate) fn stop(self) -> String {
        format!("::stop-commands::{:032x}", self.0)
    }

    /// The command after which the runner processes commands again.
    pub(crate) fn resume(self) -> String {
        format!("::{:032x}::", self.0)
    }
}

/// A word of 128 random bits.
pub(super) fn random() -> io::Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| io::Error::other("the system provides no random numbers"))?;
    Ok(u128::from_ne_bytes(bytes))
}
