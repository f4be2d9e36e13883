//! The ledger of one release: an append-only list of entries, and what follows from them.
//!
//! The ledger records intent. Whether a step is done depends on the observed state. The ports
//! decide where the entries are stored.

use super::event::Change;
use crate::base::names::{Sha, StageName, StepKey};
use crate::base::version::Version;
use crate::release::plan::Plan;
use crate::release::statement::{RepositoryStatement, Shown, Statement};
use crate::release::step::Reach;
use crate::release::waiver::UsedWaiver;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use super::event::{Compatibility, Event, Evidence, Reader, Verified};

/// How long a lease lasts after its holder's last entry.
pub const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// One entry: who did, or intends to do, what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of this format, 1.
    pub format: u32,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: Holder,
    /// The number of its lease, which increases by one with every lease.
    pub fence: u64,
    /// When the writer's lease expires if no entry follows.
    pub lease_until: Timestamp,
    /// What happened.
    pub event: Event,
    /// What readers that do not know the event must know; `None` for events of the first version,
    /// which every reader knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<Reader>,
}

/// An unknown event that must be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} of the ledger has the unknown type `{event}`; reading it requires {since}")]
pub struct NotUnderstood {
    /// The number of the entry, from 1.
    pub number: usize,
    /// The name of its event.
    pub event: String,
    /// The version of tminus that knows it.
    pub since: String,
}

/// A process that works on a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// `user@host`, for people.
    pub name: String,
    /// Identifies the machine and its process namespace, so that process ids can be compared.
    pub machine: String,
    /// Process id there.
    pub process: u32,
    /// When that process started, in the machine's own units; guards against reused ids.
    pub started: Option<u64>,
    /// The workflow run, if there is one.
    pub run: Option<HolderRun>,
}

/// A job of a workflow run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderRun {
    /// Its number.
    pub id: u64,
    /// The number of the attempt, from 1.
    pub attempt: u64,
    /// The job's id.
    pub job: String,
    /// Its page.
    pub url: String,
}

impl Entry {
    /// Since when the release waits after this entry, if it waited from a time on before it.
    pub(super) fn waits_from(since: Option<Timestamp>, entry: &Self) -> Option<Timestamp> {
        match (&entry.event, since) {
            (Event::Did { .. }, _) | (Event::Sealed { .. } | Event::Tracked { .. }, None) => {
                Some(entry.at)
            }
            (_, since) => since,
        }
    }

    /// The line that `git log` shows.
    #[must_use]
    pub fn line(&self) -> String {
        self.event.line(&self.by.name)
    }
}

/// The whole ledger, oldest entry first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The newest commit of the chain; the next entry is appended to it.
    pub head: Option<Sha>,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// The current lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease<'a> {
    /// The holder.
    pub holder: &'a Holder,
    /// Its number.
    pub fence: u64,
    /// When it expires if no entry follows.
    pub until: Timestamp,
}

impl Ledger {
    /// Creates a ledger from entries, oldest first.
    ///
    /// # Errors
    /// When an entry must be understood, and this version does not know its event.
    pub fn new(head: Option<Sha>, entries: Vec<Entry>) -> Result<Self, NotUnderstood> {
        for (at, entry) in entries.iter().enumerate() {
            let Some(event) = entry.event.unknown() else { continue };
            let (since, must) = match &entry.reader {
                Some(reader) => (format!("tminus {}", reader.since), reader.must),
                None => ("a newer version of tminus".into(), Compatibility::Understand),
            };
            if must == Compatibility::Understand {
                return Err(NotUnderstood { number: at + 1, event: event.into(), since });
            }
        }
        Ok(Self { head, entries })
    }

    /// The names of events that this version ignores.
    pub fn ignored_entries(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| entry.event.unknown())
    }

    /// The entries since the last abort.
    fn current(&self) -> &[Entry] {
        let aborted = |entry: &Entry| matches!(entry.event, Event::Aborted { .. });
        let start = self.entries.iter().rposition(aborted).map_or(0, |last| last + 1);
        self.entries.get(start..).unwrap_or(&[])
    }

    /// The entries since the last abort, with their numbers in the whole ledger, from 1.
    pub fn numbered(&self) -> impl DoubleEndedIterator<Item = (usize, &Entry)> {
        let current = self.current();
        let before = self.entries.len() - current.len();
        current.iter().enumerate().map(move |(at, entry)| (before + at + 1, entry))
    }

    /// The current lease, expired or not; `None` after its holder ended it.
    #[must_use]
    pub fn lease(&self) -> Option<Lease<'_>> {
        let last = self.entries.iter().rfind(|entry| !entry.event.is_aside())?;
        match last.event.change() {
            Change::LetGo | Change::Aside => None,
            Change::Nothing | Change::Begun(_) | Change::Settled(_) => {
                Some(Lease { holder: &last.by, fence: last.fence, until: last.lease_until })
            }
        }
    }

    /// The number of the newest lease, 0 before the first.
    #[must_use]
    pub fn fence(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.fence)
    }

    /// The sealed plan.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.current().iter().rev().find_map(|entry| {
            let Event::Sealed { plan, .. } = &entry.event else { return None };
            Some(plan.as_ref())
        })
    }

    /// The evidence recorded for a step.
    #[must_use]
    pub fn did(&self, key: &StepKey) -> Option<&Evidence> {
        self.current().iter().rev().find_map(|entry| {
            let Event::Did { step, evidence } = &entry.event else { return None };
            (step == key).then_some(evidence)
        })
    }

    /// Started steps without a later entry, in the order in which they were started.
    #[must_use]
    pub fn in_doubt(&self) -> Vec<&StepKey> {
        let mut open: Vec<&StepKey> = Vec::new();
        for entry in self.current() {
            match entry.event.change() {
                Change::Begun(step) => {
                    open.retain(|other| *other != step);
                    open.push(step);
                }
                Change::Settled(step) => open.retain(|other| *other != step),
                Change::Nothing | Change::Aside | Change::LetGo => {}
            }
        }
        open
    }

    /// The draft's number on the forge, if a step returned it.
    #[must_use]
    pub fn release(&self) -> Option<u64> {
        self.current().iter().rev().find_map(|entry| {
            let Event::Did { evidence, .. } = &entry.event else { return None };
            evidence.release
        })
    }

    /// When a stage was entered.
    #[must_use]
    pub fn entered(&self, name: &StageName) -> Option<Timestamp> {
        let enters =
            |entry: &&Entry| matches!(&entry.event, Event::Entered { stage } if stage == name);
        self.current().iter().rev().find(enters).map(|entry| entry.at)
    }

    /// The waivers that the release used, each once, oldest first.
    pub fn waived(&self) -> impl Iterator<Item = &UsedWaiver> {
        self.current().iter().filter_map(|entry| {
            let Event::Waived(used) = &entry.event else { return None };
            Some(used.as_ref())
        })
    }

    /// When the release first waited for the protection of a stage's environment.
    #[must_use]
    pub fn queued(&self, name: &StageName) -> Option<Timestamp> {
        let waits =
            |entry: &&Entry| matches!(&entry.event, Event::Queued { stage } if stage == name);
        self.current().iter().find(waits).map(|entry| entry.at)
    }

    /// The newest entry about the verification of a stage.
    #[must_use]
    pub fn verification(&self, name: &StageName) -> Option<Verified> {
        self.current().iter().rev().find_map(|entry| {
            let Event::Verification { stage, now, .. } = &entry.event else { return None };
            (stage == name).then_some(*now)
        })
    }

    /// Whether the environment of a stage was rolled back from this release.
    #[must_use]
    pub fn rolled_back(&self, name: &StageName) -> Option<&Version> {
        self.current().iter().rev().find_map(|entry| {
            let Event::RolledBack { stage, to } = &entry.event else { return None };
            (stage == name).then_some(to)
        })
    }

    /// An entry to be appended without the lease.
    #[must_use]
    pub fn aside(&self, event: Event, by: Holder, now: Timestamp) -> Entry {
        let reader = event.reader();
        Entry { format: 1, at: now, by, fence: self.fence(), lease_until: now, event, reader }
    }

    /// All statements of people, with the number of their entry, from 1. Those from before an abort
    /// are included: each one says what it is about.
    pub fn statements(&self) -> impl DoubleEndedIterator<Item = (usize, &Entry, &Statement)> {
        self.entries.iter().enumerate().filter_map(|(at, entry)| {
            let Event::Said(statement) = &entry.event else { return None };
            Some((at + 1, entry, statement.as_ref()))
        })
    }

    /// The statements about the whole repository, if this is the chain of its holds, with the number
    /// of their entry, from 1.
    pub fn of_repository(&self) -> impl Iterator<Item = (usize, &Entry, &RepositoryStatement)> {
        self.entries.iter().enumerate().filter_map(|(at, entry)| {
            let Event::Repository(statement) = &entry.event else { return None };
            Some((at + 1, entry, statement.as_ref()))
        })
    }

    /// The tracking issue: its number and its page. The first one stays.
    #[must_use]
    pub fn issue(&self) -> Option<(u64, &str)> {
        self.current().iter().find_map(|entry| {
            let Event::Tracked { issue, url, .. } = &entry.event else { return None };
            Some((*issue, url.as_str()))
        })
    }

    /// The account that opened the tracking issue, if that was recorded.
    #[must_use]
    pub fn issue_author(&self) -> Option<&str> {
        self.current().iter().find_map(|entry| {
            let Event::Tracked { author, .. } = &entry.event else { return None };
            author.as_deref()
        })
    }

    /// What the tracking issue shows.
    #[must_use]
    pub fn shown(&self) -> Option<Shown> {
        self.current().iter().rev().find_map(shown)
    }

    /// What the tracking issue showed to the author of a comment that was written at a moment. The
    /// entry is written after the text: a comment of the same second can be older than the text.
    #[must_use]
    pub fn shown_before(&self, moment: Timestamp) -> Option<Shown> {
        self.current().iter().rev().filter(|entry| entry.at < moment).find_map(shown)
    }

    /// Since when the release waits for what comes next: when its last step was done, else when it was
    /// first shown to people or sealed.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.current().iter().fold(None, Entry::waits_from)
    }

    /// Whether what was added since an earlier reading of the record was written beside the lease.
    #[must_use]
    pub fn only_adds_aside(&self, earlier: &[Entry]) -> bool {
        let added = self.entries.strip_prefix(earlier);
        added.is_some_and(|added| added.iter().all(|entry| entry.event.is_aside()))
    }

    /// When the plan was sealed.
    #[must_use]
    pub fn sealed(&self) -> Option<Timestamp> {
        let seals = |entry: &&Entry| matches!(&entry.event, Event::Sealed { .. });
        self.current().iter().rev().find(seals).map(|entry| entry.at)
    }

    /// When the newest entry was written.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.at).max()
    }

    /// Whether a public step of the release was done, or may have been.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let begun = self.in_doubt();
        let is_begun = |key: &StepKey| self.did(key).is_some() || begun.contains(&key);
        let mut steps = self.plan().into_iter().flat_map(Plan::steps);
        steps.any(|(_, planned)| planned.reach > Reach::Private && is_begun(&planned.key))
    }

    /// Whether a release was started and neither finished nor aborted.
    #[must_use]
    pub fn under_way(&self) -> bool {
        self.plan().is_some() && !self.finished()
    }

    /// Whether the newest event is the end of the release.
    #[must_use]
    pub fn finished(&self) -> bool {
        let mut own = self.current().iter().rev().filter(|one| !one.event.is_aside());
        own.next().is_some_and(|entry| entry.event == Event::Finished)
    }

    /// Whether the last release of this tag was aborted.
    #[must_use]
    pub fn aborted(&self) -> bool {
        let last = self.entries.iter().rfind(|entry| !entry.event.is_aside());
        matches!(last, Some(Entry { event: Event::Aborted { .. }, .. }))
    }
}

fn shown(entry: &Entry) -> Option<Shown> {
    let Event::Tracked { about: Some(about), stage, .. } = &entry.event else { return None };
    Some(Shown { about: about.as_ref().clone(), stage: stage.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn entry(event: &Value, reader: &Value) -> Entry {
        let at = "2026-01-10T12:00:00Z";
        let by = json!({ "name": "ada@one", "machine": "m", "process": 1 });
        let mut entry = json!({
            "format": 1, "at": at, "by": by, "fence": 1, "lease_until": at, "event": event,
        });
        if !reader.is_null() {
            entry["reader"] = reader.clone();
        }
        serde_json::from_value(entry).unwrap()
    }

    fn approved(must: &str) -> Entry {
        let approved = json!({ "approved": { "role": "qa" } });
        entry(&approved, &json!({ "since": "0.4.0", "must": must }))
    }

    #[test]
    fn an_unknown_mandatory_entry_makes_the_ledger_unreadable() {
        let leased = entry(&json!({ "leased": { "took_over": null } }), &Value::Null);
        let error = Ledger::new(None, vec![leased, approved("understand")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "entry 2 of the ledger has the unknown type `approved`; reading it requires tminus 0.4.0"
        );
    }

    #[test]
    fn an_unknown_entry_without_a_hint_is_mandatory() {
        let error = Ledger::new(None, vec![entry(&json!("paused"), &Value::Null)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "entry 1 of the ledger has the unknown type `paused`; reading it requires a newer version of tminus"
        );
    }

    #[test]
    fn an_unreadable_entry_of_a_known_kind_is_an_error() {
        let odd = entry(&json!({ "did": { "step": 7 } }), &Value::Null);
        assert!(Ledger::new(None, vec![odd]).is_err());
    }

    #[test]
    fn an_unknown_ignorable_entry_is_kept_and_has_no_effect() {
        let finished = entry(&json!("finished"), &Value::Null);
        let ledger = Ledger::new(None, vec![finished, approved("ignore")]).unwrap();
        assert!(ledger.finished() && ledger.lease().is_none());
        assert_eq!(ledger.ignored_entries().collect::<Vec<_>>(), ["approved"]);
        let line = ledger.entries[1].line();
        assert_eq!(line, "unknown event approved");
        let kept = serde_json::to_value(&ledger.entries[1]).unwrap();
        assert_eq!(kept["event"], json!({ "approved": { "role": "qa" } }));
    }
}
