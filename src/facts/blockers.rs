//! Open issues and pull requests that a release looks for: what blocks it, and what testers reported.

use serde::{Deserialize, Serialize};

/// What to search for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerQuery {
    /// Labels, any of which counts.
    pub labels: Vec<String>,
    /// The titles that the version's milestone can have.
    pub milestones: Vec<String>,
    /// The only kind that is looked for; both if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<BlockerKind>,
}

impl BlockerQuery {
    /// Whether issues, or pull requests, are looked for.
    #[must_use]
    pub fn includes(&self, kind: BlockerKind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }
}

/// The open items that block the release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blockers {
    /// What was searched for.
    pub query: BlockerQuery,
    /// Labels that the repository does not have, so that nothing can have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_labels: Vec<String>,
    /// The items that were read, each once, sorted by number.
    pub open: Vec<Blocker>,
    /// How many the forge counts; more than `open` if not all were read.
    pub total: usize,
}

/// An open issue or pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// Its number.
    pub number: u64,
    /// Its type.
    pub kind: BlockerKind,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Who is assigned to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<String>,
    /// The requested labels that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The version's milestone, if it is in that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
}

/// An issue or a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockerKind {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}
