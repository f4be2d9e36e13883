//! A commit, and a change that it describes.

use crate::base::names::Sha;
use crate::project::manifest::Bump;
use serde::{Deserialize, Serialize};

/// A commit, as it is in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub sha: Sha,
    /// The whole message; bytes that are not UTF-8 are replaced.
    pub message: String,
    /// Seconds since 1970-01-01 UTC, by the committer's clock.
    pub committed_at: i64,
    /// How many parents it has; two or more make it a merge.
    pub parents: usize,
    /// Their IDs, if the history has merges: a revert of a merge reverts the commits that were
    /// merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parent_commits: Vec<Sha>,
    /// Whether it changes nothing in the folder of the package that is released.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// Whether a bot is its author.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

impl Commit {
    /// A commit with one parent, created only for its message.
    #[must_use]
    pub fn saying(sha: Sha, message: String) -> Self {
        Self {
            sha,
            message,
            committed_at: 0,
            parents: 1,
            parent_commits: Vec::new(),
            elsewhere: false,
            bot: false,
        }
    }

    /// The first line of the message.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or("").trim()
    }
}

/// A change that a commit describes; a squashed commit can describe several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The commit that contains it.
    pub sha: Sha,
    /// `feat`, `fix`, …; `None` if the text does not follow the convention, or its type is unknown.
    pub kind: Option<String>,
    /// The unknown word in place of the type.
    pub unknown: Option<String>,
    /// The scope, if there is one.
    pub scope: Option<String>,
    /// Whether it is a breaking change.
    pub breaking: bool,
    /// The description, in one line.
    pub description: String,
    /// The complete text of each `BREAKING CHANGE`, which tells users what to do, in Markdown.
    pub notes: Vec<String>,
}

impl Change {
    /// The bump that this change alone requires, at or above 1.0.
    #[must_use]
    pub fn bump(&self) -> Option<Bump> {
        match self.kind.as_deref() {
            _ if self.breaking => Some(Bump::Major),
            Some("feat") => Some(Bump::Minor),
            Some("fix" | "perf" | "revert") => Some(Bump::Patch),
            Some(_) | None => None,
        }
    }
}
