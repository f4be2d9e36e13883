//! The author of tags and ledger entries.

use super::program::Git;
use jiff::Timestamp;

/// A name and an address, as git writes them into objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity(String);

impl Identity {
    /// The user's, as git is configured; CI has often none, and then it is tminus's own.
    pub(super) fn of(git: &Git) -> Self {
        // Without `useConfigOnly`, git would create an address from the host's name.
        let told = git.ask(&["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"]);
        let told = told.ok().and_then(|line| Some(line.get(..=line.rfind('>')?)?.to_owned()));
        Self(told.unwrap_or_else(|| "tminus <tminus@localhost>".into()))
    }

    /// `Name <address>`.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in an object: with the time, in UTC.
    pub(super) fn at(&self, at: Timestamp) -> String {
        format!("{} {} +0000", self.0, at.as_second())
    }
}
