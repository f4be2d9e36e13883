//! The statements about a release, and the roles of the people who made them.

use crate::base::names::{Digest, Person, RoleName, Sha};
use crate::base::seen::{Seen, Unseen};
use crate::release::comment::Command;
use crate::release::statement::{RepositoryStatement, Statement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The people of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// Statements whose author is proven, oldest first.
    pub statements: Vec<Proven>,
    /// Statements that do not count, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disregarded: Vec<Disregarded>,
    /// What the forge says about entries that are signed with keys that the allowed signers do not
    /// contain, by their commits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verified: BTreeMap<Sha, Verification>,
    /// For each role, which of the people who made a statement are members.
    pub members: BTreeMap<RoleName, Members>,
    /// The people who wrote the commits of the release.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub authors: Seen<BTreeSet<Person>>,
    /// The reviews of the release's pull request, if they count as approvals.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub reviews: Seen<Reviews>,
    /// The tracking issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Issue>,
    /// Comments on it that contain commands, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
}

/// What the forge says about the signature of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// It is verified, and the account signed it.
    By(Person),
    /// It is not, for this reason.
    Not(String),
}

/// The reviews of the pull requests that a commit comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviews {
    /// The commit.
    pub commit: Sha,
    /// The pull requests whose head has exactly the files of the commit.
    pub pulls: Vec<ReviewedPull>,
    /// The pull requests that were merged as the commit, but whose head has other files. Their
    /// reviews do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<u64>,
    /// The number of requests that it took to read them.
    pub requests: usize,
}

impl Reviews {
    /// No reviews of a commit.
    #[must_use]
    pub fn of(commit: Sha) -> Self {
        Self { commit, pulls: Vec::new(), changed: Vec::new(), requests: 0 }
    }
}

/// A pull request and its reviews.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedPull {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// Its newest commit.
    pub head: Sha,
    /// The reviews by people that are more than comments, oldest first.
    pub reviews: Vec<Review>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its author.
    pub by: Person,
    /// When it was submitted.
    pub at: Timestamp,
    /// What it says.
    pub says: Opinion,
    /// The commit that was reviewed; `None` if the forge no longer knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Sha>,
    /// Its page.
    pub url: String,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    /// Yes.
    Approved,
    /// No.
    ChangesRequested,
    /// Nothing: the review was dismissed.
    Dismissed,
}

/// The holds on the whole repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryHolds {
    /// The newest commit of the chain that they were read from.
    pub head: Option<Sha>,
    /// Statements whose author is proven, oldest first.
    pub statements: Vec<ProvenHold>,
    /// Statements that do not count, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disregarded: Vec<Disregarded>,
    /// What the forge says about entries that are signed with other keys, by their commits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verified: BTreeMap<Sha, Verification>,
    /// For each role, which of the people who lifted a hold of somebody else are members.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<RoleName, Members>,
    /// The number of requests that it took to find these members.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub requests: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A statement about the whole repository, and its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenHold {
    /// When.
    pub at: Timestamp,
    /// What was said, and who said it.
    pub statement: RepositoryStatement,
}

/// The members of a role among the people who made a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// Those who are known to be members.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub known: BTreeSet<Person>,
    /// Why it is not known whether the others are members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
}

/// A statement and its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// When.
    pub at: Timestamp,
    /// What was said, and who said it.
    pub statement: Statement,
    /// Whether the ledger has it.
    pub recorded: bool,
}

/// A statement that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disregarded {
    /// Which: `entry 7 of the ledger`, or the address of a comment.
    pub what: String,
    /// Why it does not count.
    pub why: String,
}

/// The tracking issue of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// What it shows now; not read if there is no forge.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub shown: Seen<Option<ShownIssue>>,
}

/// What the tracking issue shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownIssue {
    /// Whether it is open.
    pub open: bool,
    /// The digest of its title and text.
    pub text: Digest,
    /// The number of its comments.
    pub comments: usize,
}

/// A comment with commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its number on the forge.
    pub id: u64,
    /// Its page.
    pub url: String,
    /// Its author.
    pub by: Person,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was edited since.
    pub edited: bool,
    /// Whether it was acknowledged.
    pub acknowledged: bool,
    /// Its commands; `None` if there are too many.
    pub commands: Option<Vec<Command>>,
}
