//! Files of commits, and those at the head of a branch.

use crate::base::finding::Finding;
use crate::base::names::{BranchName, Sha};
use crate::base::seen::Seen;
use crate::base::source::Source;
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

/// When the head of a branch was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    /// It was read now.
    Now,
    /// It was read at the last fetch.
    LastFetch,
}

/// The file of the waivers at the head of the release's branch. It is not the file of the evaluated
/// commit: a waiver is reviewed like any change, and also applies to a release that was started
/// before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverFile {
    /// The branch.
    pub branch: BranchName,
    /// Whether its head was read now, or is the last one that was fetched.
    pub asked: Freshness,
    /// The head; `None` if the branch does not exist.
    pub commit: Option<Sha>,
    /// The file; `None` if it does not exist.
    pub source: Option<Source>,
}

/// The waivers after a merge, which do not apply to the merge itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedWaivers {
    /// The file.
    pub source: Source,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
}
