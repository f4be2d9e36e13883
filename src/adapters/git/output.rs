//! The output of a program that ended.

use jiff::Timestamp;

/// What a program printed, and how it ended.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) ok: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
    /// When it ended.
    pub(super) at: Timestamp,
}

impl Output {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}
