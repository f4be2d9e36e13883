//! The releases that tminus made to an environment: the current version, and earlier ones.
//!
//! This is one JSON document for each environment, replaced by compare-and-swap. So two releases
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
    /// The release that is there, or is entering.
    pub current: Option<Entry>,
    /// Earlier releases, newest first.
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
    /// The holder that entered it (`user@host`).
    pub by: String,
    /// Its progress.
    pub state: State,
    /// Until when a release that is entering may still be in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_until: Option<Timestamp>,
    /// When its verification passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Timestamp>,
    /// The version that was rolled back, if this version returned because of a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_from: Option<Version>,
}

/// The progress of a release in an environment.
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

    /// Whether this plan was rolled back here after its last entry.
    #[must_use]
    pub fn rolled_back(&self, plan: &Digest) -> bool {
        let last = self.earlier.iter().find(|entry| entry.plan == *plan);
        self.of(plan).is_none() && last.is_some_and(|entry| entry.state == State::RolledBack)
    }

    /// The newest earlier version whose verification passed and that was not rolled back.
    #[must_use]
    pub fn last_verified(&self) -> Option<&Entry> {
        let current = self.current.as_ref().map(|entry| &entry.plan);
        self.earlier.iter().find(|entry| {
            entry.verified.is_some()
                && entry.state == State::Deployed
                && Some(&entry.plan) != current
        })
    }

    /// Whether a release was in the environment before, or may have been: only the newest entries
    /// are kept.
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

    /// The record after the current release was aborted: the previous one is current again.
    #[must_use]
    pub fn without_current(&self) -> Self {
        let mut earlier = self.earlier.clone();
        let current = (!earlier.is_empty()).then(|| earlier.remove(0));
        Self { format: FORMAT, current, earlier }
    }

    /// The record after the entry of a plan changed; unchanged if another release is there.
    #[must_use]
    pub fn changed(&self, plan: &Digest, change: impl FnOnce(&mut Entry)) -> Self {
        let mut record = self.clone();
        if let Some(entry) = record.current.as_mut().filter(|entry| entry.plan == *plan) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::step::sha256;

    fn entry(minor: u64, state: State) -> Entry {
        Entry {
            version: Version::new(1, minor, 0),
            tag: TagName::new(format!("v1.{minor}.0")).unwrap(),
            commit: Sha::new("a".repeat(40)).unwrap(),
            plan: sha256(minor.to_string().as_bytes()),
            stage: StageName::new("production").unwrap(),
            at: Timestamp::from_second(1_780_000_000).unwrap(),
            by: "ada@one".into(),
            state,
            busy_until: None,
            verified: None,
            back_from: None,
        }
    }

    fn verified(minor: u64) -> Entry {
        Entry { verified: Timestamp::from_second(1).ok(), ..entry(minor, State::Deployed) }
    }

    fn record(entries: &[Entry]) -> EnvironmentRecord {
        let start = EnvironmentRecord::default();
        entries.iter().fold(start, |record, entry| record.enter(entry.clone()))
    }

    fn minors(record: &EnvironmentRecord) -> Vec<String> {
        let all = record.current.iter().chain(&record.earlier);
        all.map(|entry| entry.version.to_string()).collect()
    }

    #[test]
    fn at_most_twenty_earlier_entries_are_kept_newest_first() {
        let entries: Vec<Entry> = (0..30).map(|minor| entry(minor, State::Deployed)).collect();
        let record = record(&entries);
        assert_eq!(record.earlier.len(), 20);
        assert_eq!(minors(&record)[..3], ["1.29.0", "1.28.0", "1.27.0"]);
    }

    #[test]
    fn a_plan_that_enters_an_environment_again_is_not_its_own_predecessor() {
        let record = record(&[entry(0, State::Deployed), entry(1, State::Entering)]);
        let again = record.enter(entry(1, State::Deployed));
        assert_eq!(minors(&again), ["1.1.0", "1.0.0"]);
        assert_eq!(minors(&again.without_current()), ["1.0.0"]);
        assert_eq!(minors(&EnvironmentRecord::default().without_current()), [""; 0]);
    }

    #[test]
    fn a_rollback_returns_to_the_last_verified_version_that_was_not_rolled_back() {
        let back = Entry { state: State::RolledBack, ..verified(2) };
        let record =
            record(&[verified(0), verified(1), entry(3, State::Deployed), back, verified(4)]);
        assert_eq!(
            record.last_verified().map(|entry| entry.version.to_string()),
            Some("1.1.0".into())
        );
        let one = EnvironmentRecord::default().enter(verified(0));
        assert_eq!(one.last_verified(), None, "not to itself");
    }

    #[test]
    fn a_plan_is_rolled_back_if_its_last_record_entry_says_so() {
        let (first, second) = (entry(0, State::RolledBack), entry(1, State::Deployed));
        let left = record(&[first.clone(), second.clone()]);
        assert!(left.rolled_back(&first.plan) && !left.rolled_back(&second.plan));
        let returned = left.enter(entry(0, State::Deployed));
        assert!(!returned.rolled_back(&first.plan), "it stands there again");
    }

    #[test]
    fn only_the_entry_of_the_given_plan_is_changed() {
        let (own, other) = (entry(1, State::Entering), entry(2, State::Entering));
        let record = EnvironmentRecord::default().enter(own.clone());
        let deploy = |entry: &mut Entry| entry.state = State::Deployed;
        assert_eq!(record.changed(&other.plan, deploy), record);
        assert_eq!(record.changed(&own.plan, deploy).current, Some(entry(1, State::Deployed)));
    }

    #[test]
    fn the_environment_log_records_what_happened_to_the_release() {
        let environment = EnvironmentName::new("live").unwrap();
        let line = |entry: Entry| EnvironmentRecord::default().enter(entry).line(&environment);
        assert_eq!(EnvironmentRecord::default().line(&environment), "nothing in live");
        assert_eq!(line(entry(1, State::Entering)), "live: 1.1.0 entering");
        assert_eq!(line(entry(1, State::Deployed)), "live: 1.1.0 deployed");
        assert_eq!(line(verified(1)), "live: 1.1.0 verified");
        assert_eq!(line(entry(1, State::RolledBack)), "live: 1.1.0 rolled back");
        let from = Some(Version::new(1, 2, 0));
        let back = Entry { back_from: from, ..entry(1, State::Entering) };
        assert_eq!(line(back), "live: 1.1.0 rolled back from 1.2.0");
    }
}
