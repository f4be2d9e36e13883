//! Whether a ledger is consistent in itself: its leases, its plan, the order of its entries and
//! their signatures. [`claims`](super::claims) compares it with the actual state.

use super::steps::verifying;
use crate::base::finding::{Finding, Who};
use crate::base::moment::{length, short};
use crate::base::names::{StageName, StepKey};
use crate::release::ledger::{Entry, Event, Holder, Ledger};
use crate::release::plan::Plan;
use crate::release::signature::EntrySignature;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// By how much the clocks of two runners may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How repairs begin, which no plan has.
const REPAIR: &str = "remove:";

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFinding {
    /// Which, from 1.
    pub entry: usize,
    /// What.
    pub finding: Finding,
}

impl EntryFinding {
    /// A finding about an entry. Its help says how to read the entry.
    pub(super) fn new(ledger: &Ledger, entry: usize, said: &str) -> Self {
        let finding = Finding::new(format!("entry {entry}: {said}")).who(Who::Operator);
        let newer = ledger.entries.len().saturating_sub(entry);
        let finding = match &ledger.head {
            Some(head) => {
                let (head, file) = (head.short(), "entry.json");
                finding.help(format!("`git show {head}~{newer}:{file}` shows the entry"))
            }
            None => finding,
        };
        Self { entry, finding }
    }
}

/// What is wrong with the entries of a ledger, in their order.
#[must_use]
pub fn audit(ledger: &Ledger) -> Vec<EntryFinding> {
    let mut audit = Audit {
        ledger,
        number: 0,
        fence: 0,
        holder: None,
        ended: None,
        sealed: None,
        begun: BTreeSet::new(),
        newest: None,
        found: Vec::new(),
    };
    for (at, entry) in ledger.entries.iter().enumerate() {
        audit.number = at + 1;
        audit.entry(entry);
    }
    audit.found
}

/// What the entries so far came to.
struct Audit<'l> {
    ledger: &'l Ledger,
    number: usize,
    fence: u64,
    holder: Option<&'l Holder>,
    /// The entry that ended the lease, and its event.
    ended: Option<(usize, &'static str)>,
    /// The plan, and the entry that sealed it.
    sealed: Option<(usize, &'l Plan)>,
    begun: BTreeSet<&'l StepKey>,
    newest: Option<(usize, Timestamp)>,
    found: Vec<EntryFinding>,
}

impl<'l> Audit<'l> {
    fn say(&mut self, said: &str) {
        self.found.push(EntryFinding::new(self.ledger, self.number, said));
    }

    fn entry(&mut self, entry: &'l Entry) {
        if entry.format != 1 {
            self.say(&format!("it has format {}, not 1", entry.format));
        }
        self.lease(entry);
        self.time(entry.at);
        self.event(&entry.event);
    }

    fn lease(&mut self, entry: &'l Entry) {
        let (fence, known) = (entry.fence, self.fence);
        if entry.event.unknown().is_some() {
            // What people say of a release is appended without the lease.
            if fence < known {
                self.say(&format!("its fence is {fence}, but that of the lease is {known}"));
            }
        } else if matches!(entry.event, Event::Leased { .. }) {
            if fence != known + 1 {
                let wanted = known + 1;
                self.say(&format!("the new lease has fence {fence}; it should be {wanted}"));
            }
            (self.holder, self.ended) = (Some(&entry.by), None);
        } else {
            if fence != known {
                self.say(&format!("its fence is {fence}, but that of the lease is {known}"));
            }
            match (self.holder, self.ended) {
                (Some(holder), _) if *holder != entry.by => {
                    let (by, holder) = (whose(&entry.by), whose(holder));
                    self.say(&format!("{by} wrote it under the lease of {holder}"));
                }
                (Some(_), _) => {}
                (None, Some((number, event))) => {
                    self.say(&format!("it follows `{event}` (entry {number}) without a new lease"));
                }
                (None, None) => self.say("it was written without a lease"),
            }
        }
        self.fence = self.fence.max(fence);
    }

    fn time(&mut self, at: Timestamp) {
        if let Some((number, newest)) = self.newest {
            let back = newest.duration_since(at);
            if back > SKEW {
                let back = length(back.unsigned_abs().as_secs());
                self.say(&format!("its time is {back} before that of entry {number}"));
            }
        }
        if self.newest.is_none_or(|(_, newest)| at > newest) {
            self.newest = Some((self.number, at));
        }
    }

    fn event(&mut self, event: &'l Event) {
        match event {
            Event::Leased { .. } | Event::Other(_) => {}
            Event::Sealed { digest, plan } => {
                let real = plan.digest();
                if *digest != real {
                    let (said, real) = (digest.short(), real.short());
                    let said =
                        format!("it seals plan {said}, but the digest of its plan is {real}");
                    self.say(&said);
                }
                if let Some((number, _)) = self.sealed {
                    self.say(&format!("it seals a second plan; entry {number} sealed the first"));
                }
                self.sealed = Some((self.number, plan));
            }
            Event::Entered { stage }
            | Event::Queued { stage }
            | Event::Verification { stage, .. }
            | Event::RolledBack { stage, .. } => self.stage(stage),
            Event::Meant { step } => {
                self.step(step);
                self.begun.insert(step);
            }
            Event::Did { step, .. } => self.settled(step, "done"),
            Event::Refused { step, .. } => self.settled(step, "refused"),
            Event::Stopped { .. } => self.let_go("stopped"),
            Event::Finished => self.let_go("finished"),
            Event::Aborted { .. } => {
                self.let_go("aborted");
                self.sealed = None;
                self.begun.clear();
            }
        }
    }

    fn let_go(&mut self, event: &'static str) {
        self.holder = None;
        self.ended = Some((self.number, event));
    }

    fn stage(&mut self, name: &StageName) {
        match self.sealed {
            None => self.say(&format!("it names stage `{name}` before a plan was sealed")),
            Some((_, plan)) if plan.stages.iter().any(|stage| stage.name == *name) => {}
            Some(_) => self.say(&format!("the sealed plan has no stage `{name}`")),
        }
    }

    fn step(&mut self, key: &StepKey) {
        if key.as_str().starts_with(REPAIR) {
            return;
        }
        match self.sealed {
            None => self.say(&format!("it names step `{key}` before a plan was sealed")),
            Some((_, plan)) if plan.steps().any(|(_, planned)| planned.key == *key) => {}
            Some(_) => self.say(&format!("the sealed plan has no step `{key}`")),
        }
    }

    fn settled(&mut self, key: &'l StepKey, event: &str) {
        self.step(key);
        let observed = self.sealed.is_some_and(|(_, plan)| {
            let mut steps = plan.steps();
            steps.any(|(_, planned)| planned.key == *key && verifying(&planned.step).is_some())
        });
        // A verification is observed, and never begun.
        if !observed && !self.begun.contains(key) {
            self.say(&format!("step `{key}` was {event}, but no entry says that it was started"));
        }
    }
}

fn whose(holder: &Holder) -> String {
    format!("`{}` (process {})", holder.name, holder.process)
}

/// How many entries are signed, by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signed {
    /// The number of entries with a good signature, by its signer.
    pub by: BTreeMap<String, usize>,
    /// What is wrong.
    pub wrong: Vec<EntryFinding>,
    /// What could not be checked.
    pub unchecked: Vec<EntryFinding>,
}

/// The signatures of a ledger's entries. If one entry is signed, all should be.
#[must_use]
pub fn signatures(ledger: &Ledger, all: &[EntrySignature]) -> Signed {
    let mut signed = Signed::default();
    let some = all.iter().any(|one| *one != EntrySignature::Unsigned);
    for (at, one) in all.iter().enumerate() {
        let say = |said: &str| EntryFinding::new(ledger, at + 1, said);
        match one {
            EntrySignature::Unsigned if some => {
                signed.wrong.push(say("it is not signed, but other entries are"));
            }
            EntrySignature::Unsigned => {}
            EntrySignature::Good { by } => *signed.by.entry(by.clone()).or_default() += 1,
            EntrySignature::Bad { why } => {
                signed.wrong.push(say(&format!("its signature is not valid: {why}")));
            }
            EntrySignature::Unchecked { why } => {
                signed.unchecked.push(say(&format!("its signature cannot be checked: {why}")));
            }
        }
    }
    signed
}

/// When an entry was written, for a sentence.
pub(super) fn written(entry: &Entry) -> String {
    format!("at {}", short(entry.at))
}
