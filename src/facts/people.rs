//! What people said about a release, and which roles they have.

use crate::base::names::{Person, RoleName};
use crate::base::seen::Seen;
use crate::release::statement::Statement;
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
    /// For each role, which of the people who made a statement are members.
    pub members: BTreeMap<RoleName, Seen<BTreeSet<Person>>>,
    /// The people who wrote the commits of the release.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub authors: Seen<BTreeSet<Person>>,
    /// The tracking issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Issue>,
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
}
