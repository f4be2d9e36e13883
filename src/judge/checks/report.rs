//! A check with its commit, its source and its start time.

use crate::base::names::Sha;
use crate::facts::{Check, CheckKind, CheckState, Checks};
use jiff::Timestamp;
use std::ops::Deref;

/// A check, and the commit that it was reported on.
#[derive(Debug, Clone, Copy)]
pub struct Reported<'a> {
    /// The check.
    pub check: &'a Check,
    /// The commit.
    pub commit: &'a Sha,
}

impl<'a> Reported<'a> {
    /// All checks that were reported on a commit.
    pub fn all(checks: &'a Checks) -> impl Iterator<Item = Self> {
        checks.runs.iter().map(|check| Self { check, commit: &checks.commit })
    }
}

impl Deref for Reported<'_> {
    type Target = Check;

    fn deref(&self) -> &Check {
        self.check
    }
}

/// A source of checks. The newest run of each source counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: CheckKind,
    pub(super) app: Option<String>,
    pub(super) workflow: Option<String>,
    pub(super) name: String,
}

impl Key {
    pub(super) fn of(check: &Check) -> Self {
        Self {
            kind: check.kind,
            app: check.app.clone(),
            workflow: check.workflow.clone(),
            name: check.name.clone(),
        }
    }
}

/// When a run started, ordered from oldest to newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Age {
    /// It has finished, and its start time is unknown.
    Untold,
    /// It started at this time.
    At(Timestamp),
    /// It has not started yet.
    Ahead,
}

pub(super) fn age(check: &Check) -> Age {
    match (check.started_at, &check.state) {
        (Some(at), _) => Age::At(at),
        (None, CheckState::Pending(_)) => Age::Ahead,
        (None, CheckState::Finished(_)) => Age::Untold,
    }
}

pub(super) fn is_pending(check: &Check) -> bool {
    matches!(check.state, CheckState::Pending(_))
}
