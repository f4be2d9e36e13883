//! The people of a release on a forge: the tracking issue, its comments, and who has which role.

use super::PortError;
use crate::base::names::Person;
use crate::project::manifest::Permission;
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
}

/// The tracking issue of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingIssue {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// Its author, if known.
    pub author: Option<Person>,
    /// Whether it is open.
    pub open: bool,
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
    /// Whether we already acknowledged it with a reaction.
    pub acknowledged: bool,
}
