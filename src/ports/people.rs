//! The people of a release on a forge: the tracking issue, its comments, and who has which role.

use super::PortError;
use crate::base::names::{Person, Sha};
use crate::facts::people::{Reviews, Verification};
use crate::project::manifest::Permission;
pub use crate::report::issue::IssueText;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the tracking issue and roles.
#[async_trait(?Send)]
pub trait ForgePeople {
    /// An issue with its comments, oldest first; `None` if it does not exist.
    async fn issue(&self, number: u64) -> Result<Option<TrackingIssue>, PortError>;

    /// The permission of people on the repository. People without any are left out.
    async fn permissions(
        &self,
        people: &BTreeSet<Person>,
    ) -> Result<BTreeMap<Person, Permission>, PortError>;

    /// Which of some people are members of a team (`ORGANIZATION/TEAM`). A token that cannot read
    /// the organization is denied; it never means that nobody is a member.
    async fn team_members(
        &self,
        team: &str,
        people: &BTreeSet<Person>,
    ) -> Result<BTreeSet<Person>, PortError>;

    /// The people who wrote some commits, co-authors included. Authors without an account are left
    /// out.
    async fn authors(&self, commits: &[Sha]) -> Result<BTreeSet<Person>, PortError>;

    /// Whether the forge verifies the signature of a commit, and whose account signed it.
    async fn verified(&self, commit: &Sha) -> Result<Verification, PortError>;

    /// The reviews of the pull requests whose head has exactly the files of a commit: that head is the
    /// commit, or was merged as the commit without another change.
    async fn reviews(&self, commit: &Sha) -> Result<Reviews, PortError>;
}

/// Writes the tracking issue.
#[async_trait(?Send)]
pub trait ForgePeopleChange: ForgePeople {
    /// Opens an issue. A second call opens a second issue.
    async fn create_issue(&self, new: &IssueText) -> Result<TrackingIssue, PortError>;

    /// Replaces the title and the text of an issue, and opens or closes it.
    async fn edit_issue(
        &self,
        number: u64,
        text: &IssueText,
        closed: Option<CloseReason>,
    ) -> Result<(), PortError>;

    /// Closes an issue.
    async fn close_issue(&self, number: u64, because: CloseReason) -> Result<(), PortError>;

    /// Adds a reaction to a comment. Returns whether it is new: of several processes with the same
    /// account, exactly one gets `true`.
    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, PortError>;

    /// Writes a comment on an issue.
    async fn reply(&self, issue: u64, text: &str) -> Result<(), PortError>;
}

/// Why an issue is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The release is finished.
    Completed,
    /// The release was aborted, or the issue is not needed.
    NotPlanned,
}

/// The answer to a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reaction {
    /// Every command in it counts.
    Counted,
    /// A command in it was refused.
    Refused,
}

/// The tracking issue of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingIssue {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// The account that opened it, if it still exists.
    pub author: Option<String>,
    /// The account that we write under.
    pub viewer: String,
    /// Whether it is open.
    pub open: bool,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its comments, oldest first.
    pub comments: Vec<IssueComment>,
}

/// A comment on the tracking issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueComment {
    /// Its number.
    pub id: u64,
    /// Its page.
    pub url: String,
    /// Its author; `None` for bots and deleted accounts.
    pub author: Option<Person>,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was edited. Such a comment is no evidence.
    pub edited: bool,
    /// Markdown.
    pub body: String,
    /// Our reactions to it.
    pub reactions: Vec<Reaction>,
}
