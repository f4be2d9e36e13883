//! Files of commits.

use crate::base::seen::Seen;
use serde::{Deserialize, Serialize};

/// The largest file of a commit that is read, in bytes.
pub const LARGEST_FILE: usize = 4 << 20;

/// A file at a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileAt {
    /// It does not exist.
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
    /// Its path.
    pub path: String,
    /// Its content.
    pub file: Seen<FileAt>,
}

/// A file that a merge adds, changes or removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Its path.
    pub path: String,
    /// Its content before the merge.
    pub before: FileAt,
    /// Its content after the merge.
    pub after: FileAt,
}
