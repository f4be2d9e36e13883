//! What tminus released into an environment: the version that stands there now, and those before.
//!
//! It is one JSON document for each environment, replaced by compare-and-swap. So two releases
//! cannot enter the same environment at once.

use crate::base::names::{Digest, EnvironmentName, Sha, StageName, TagName};
use crate::base::version::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of this format.
pub const FORMAT: u32 = 1;

/// How many earlier versions are kept.
const EARLIER: usize = 20;

/// The record of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The release that stands there, or is entering.
    pub current: Option<Entry>,
    /// Those before it, newest first.
    #[serde(default)]
    pub earlier: Vec<Entry>,
}

/// One release in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// Its commit.
    pub commit: Sha,
    /// The digest of its plan.
    pub plan: Digest,
    /// The stage that entered the environment.
    pub stage: StageName,
    /// When it entered.
    pub at: Timestamp,
    /// Who let it in (`user@host`).
    pub by: String,
    /// How far it is.
    pub state: State,
    /// Until when a release that is entering may still be at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_until: Option<Timestamp>,
    /// When its verification passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Timestamp>,
    /// The version that it was rolled back from, if it came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_from: Option<Version>,
}

/// How far a release in an environment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The steps of its stage are not done.
    Entering,
    /// The steps of its stage are done.
    Deployed,
    /// It was rolled back.
    RolledBack,
}

impl Default for EnvironmentRecord {
    fn default() -> Self {
        Self { format: FORMAT, current: None, earlier: Vec::new() }
    }
}

impl EnvironmentRecord {
    /// The current entry, if it is of this plan.
    #[must_use]
    pub fn of(&self, plan: &Digest) -> Option<&Entry> {
        self.current.as_ref().filter(|entry| entry.plan == *plan)
    }

    /// Whether this plan was rolled back here, after it had entered last.
    #[must_use]
    pub fn rolled_back(&self, plan: &Digest) -> bool {
        let last = self.earlier.iter().find(|entry| entry.plan == *plan);
        self.of(plan).is_none() && last.is_some_and(|entry| entry.state == State::RolledBack)
    }

    /// The last version before the current one whose verification passed and that was not rolled
    /// back itself.
    #[must_use]
    pub fn last_verified(&self) -> Option<&Entry> {
        let current = self.current.as_ref().map(|entry| &entry.plan);
        self.earlier.iter().find(|entry| {
            entry.verified.is_some()
                && entry.state == State::Deployed
                && Some(&entry.plan) != current
        })
    }

    /// Whether a release was in the environment before, or may have been: only the newest are kept.
    #[must_use]
    pub fn may_have_left(&self, plan: &Digest) -> bool {
        self.earlier.len() >= EARLIER || self.earlier.iter().any(|entry| entry.plan == *plan)
    }

    /// The record after a release entered.
    #[must_use]
    pub fn enter(&self, entry: Entry) -> Self {
        let mut earlier = self.earlier.clone();
        if let Some(before) = self.current.clone().filter(|before| before.plan != entry.plan) {
            earlier.insert(0, before);
            earlier.truncate(EARLIER);
        }
        Self { format: FORMAT, current: Some(entry), earlier }
    }

    /// The record after the current release was given up: the one before it stands there again.
    #[must_use]
    pub fn without_current(&self) -> Self {
        let mut earlier = self.earlier.clone();
        let current = (!earlier.is_empty()).then(|| earlier.remove(0));
        Self { format: FORMAT, current, earlier }
    }

    /// The record after the current entry changed.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Entry)) -> Self {
        let mut record = self.clone();
        if let Some(entry) = &mut record.current {
            change(entry);
        }
        record
    }

    /// The line that `git log` shows for the newest change.
    #[must_use]
    pub fn line(&self, environment: &EnvironmentName) -> String {
        match &self.current {
            None => format!("nothing in {environment}"),
            Some(entry) => {
                let state = match (entry.state, &entry.back_from) {
                    (State::Entering, None) => "entering".to_owned(),
                    (_, Some(from)) => format!("rolled back from {from}"),
                    (State::Deployed, None) if entry.verified.is_some() => "verified".to_owned(),
                    (State::Deployed, None) => "deployed".to_owned(),
                    (State::RolledBack, None) => "rolled back".to_owned(),
                };
                format!("{environment}: {} {state}", entry.version)
            }
        }
    }
}
