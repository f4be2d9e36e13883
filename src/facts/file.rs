//! Files of commits.

use crate::base::seen::Seen;
use serde::{Deserialize, Serialize};

/// The largest file of a commit that is read, in bytes.
pub const LARGEST_FILE: usize = 4 << 20;

/// A file at the judged commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileAt {
    /// It is not there.
    Absent,
    /// Its text.
    Text(String),
    /// Not UTF-8.
    Binary,
    /// Larger than tminus reads.
    TooLarge {
        /// Its size.
        bytes: u64,
    },
}

/// A file with its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Where it is.
    pub path: String,
    /// What it holds.
    pub file: Seen<FileAt>,
}

/// A file that a merge adds, changes or removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Where it is.
    pub path: String,
    /// What it holds before.
    pub before: FileAt,
    /// What it holds after.
    pub after: FileAt,
}
