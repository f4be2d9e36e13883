//! Files of commits, and those at the head of a branch.

use crate::base::finding::Finding;
use crate::base::names::{BranchName, Sha};
use crate::base::seen::Seen;
use crate::base::source::Source;
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

/// How recent the head of a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// It was read now.
    Now,
    /// It is what was fetched last.
    LastFetch,
}

/// The file of the waivers at the head of the release's branch. It is not that of the judged commit:
/// a waiver is reviewed like any change, and also reaches a release that was started before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverFile {
    /// The branch.
    pub branch: BranchName,
    /// Whether its head was read now, or is the last one that was fetched.
    pub asked: Asked,
    /// The head; `None` where there is no such branch.
    pub commit: Option<Sha>,
    /// The file; `None` where there is none.
    pub source: Option<Source>,
}

/// The waivers that a merge leaves, which do not count for the merge itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedWaivers {
    /// The file.
    pub source: Source,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
}
