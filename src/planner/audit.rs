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

/// The maximum difference between the clocks of two runners.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// The prefix of the keys of repairs. No step of a plan has it.
const REPAIR: &str = "remove:";

/// A finding about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFinding {
    /// The number of the entry, from 1.
    pub entry: usize,
    /// The finding.
    pub finding: Finding,
}

impl EntryFinding {
    /// A finding about an entry. Its help says how to read the entry.
    pub(super) fn new(ledger: &Ledger, entry: usize, said: &str) -> Self {
        let finding = Finding::new(format!("entry {entry}: {said}")).who(Who::Operator);
        let newer = ledger.entries.len().saturating_sub(entry);
        let finding = match &ledger.head {
            Some(head) => {
                let before = if newer == 0 { String::new() } else { format!("~{newer}") };
                let at = format!("{}{before}:entry.json", head.short());
                finding.help(format!("`git show {at}` shows the entry"))
            }
            None => finding,
        };
        Self { entry, finding }
    }
}

/// All findings about the entries of a ledger, in the order of the entries.
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

/// The state that the entries so far result in.
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
        if entry.event.is_aside() {
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
            Event::Leased { .. }
            | Event::Renewed
            | Event::Said(_)
            | Event::Repository(_)
            | Event::Tracked { .. }
            | Event::Waived(_)
            | Event::Other(_) => {}
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
        // A verification is observed and never started.
        if !observed && !self.begun.contains(key) {
            self.say(&format!("step `{key}` was {event}, but no entry says that it was started"));
        }
    }
}

fn whose(holder: &Holder) -> String {
    format!("`{}` (process {})", holder.name, holder.process)
}

/// How many entries are signed, and by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signed {
    /// The number of entries with a good signature, by its signer.
    pub by: BTreeMap<String, usize>,
    /// Invalid or missing signatures.
    pub wrong: Vec<EntryFinding>,
    /// Signatures that could not be checked.
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
            EntrySignature::Foreign { why } | EntrySignature::Unchecked { why } => {
                signed.unchecked.push(say(&format!("its signature cannot be checked: {why}")));
            }
        }
    }
    signed
}

/// The time of an entry, as part of a sentence.
pub(super) fn written(entry: &Entry) -> String {
    format!("at {}", short(entry.at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::Sha;
    use serde_json::{Value, json};

    /// Writes a ledger entry by entry.
    struct Writer {
        entries: Vec<Entry>,
        fence: u64,
        by: &'static str,
        minute: i64,
    }

    impl Writer {
        fn new() -> Self {
            Self { entries: Vec::new(), fence: 0, by: "ada@one", minute: 0 }
        }

        fn write(mut self, event: Value) -> Self {
            self.minute += 1;
            let at = Timestamp::from_second(1_768_000_000 + self.minute * 60).unwrap();
            let by = json!({ "name": self.by, "machine": self.by, "process": 7 });
            let reader = json!({ "since": "9.0.0", "must": "ignore" });
            let entry = json!({
                "format": 1, "at": at, "by": by, "fence": self.fence, "lease_until": at,
                "event": event, "reader": reader,
            });
            self.entries.push(serde_json::from_value(entry).unwrap());
            self
        }

        fn fence(self, fence: u64) -> Self {
            Self { fence, ..self }
        }

        fn by(self, by: &'static str) -> Self {
            Self { by, ..self }
        }

        fn minute(self, minute: i64) -> Self {
            Self { minute, ..self }
        }

        fn lease(self) -> Self {
            let fence = self.fence + 1;
            self.fence(fence).write(json!({ "leased": { "took_over": null } }))
        }

        fn seal(self, wrong: Option<&str>) -> Self {
            let plan = plan();
            let digest = wrong.map_or(plan.digest().to_string(), |one| one.repeat(64));
            self.write(json!({ "sealed": { "digest": digest, "plan": plan } }))
        }

        fn begun(self) -> Self {
            self.lease().seal(None).write(json!({ "entered": { "stage": "stable" } }))
        }

        fn meant(self, step: &str) -> Self {
            self.write(json!({ "meant": { "step": step } }))
        }

        fn did(self, step: &str) -> Self {
            self.write(json!({ "did": { "step": step, "evidence": { "text": "x" } } }))
        }

        fn said(self) -> Vec<String> {
            let ledger = Ledger { head: None, entries: self.entries };
            audit(&ledger).into_iter().map(|found| found.finding.message).collect()
        }
    }

    fn plan() -> Plan {
        let step = |key: &str, kind: &str| json!({ "key": key, "reach": "public", "step": { kind: { "message": "m", "sign": "off" } } });
        let steps = [step("tag", "tag"), step("later", "tag")];
        let plan = json!({
            "name": "widget", "version": "1.1.0", "tag": "v1.1.0", "commit": "a".repeat(40),
            "previous": null, "manifest": "b".repeat(64),
            "stages": [{ "name": "stable", "gates": [], "steps": steps }],
        });
        serde_json::from_value(plan).unwrap()
    }

    #[test]
    fn a_valid_ledger_has_no_findings() {
        let stopped = || json!({ "stopped": { "why": "gates" } });
        let ledger = Writer::new().begun().meant("tag").did("tag").write(stopped());
        let ledger = ledger.by("bob@two").lease().meant("remove:asset-1");
        let ledger = ledger.write(json!({ "approved": { "role": "qa" } })).meant("later");
        let ledger = ledger.write(json!({ "refused": { "step": "later", "why": "no" } }));
        let ledger = ledger.meant("later").did("later").write(json!("finished"));
        assert_eq!(ledger.said(), Vec::<String>::new());
    }

    #[test]
    fn after_an_abort_another_plan_can_be_sealed_and_no_step_is_started() {
        let aborted = json!({ "aborted": { "removed": [] } });
        let ledger = Writer::new().begun().meant("tag").write(aborted).begun().did("tag");
        assert_eq!(
            ledger.said(),
            ["entry 9: step `tag` was done, but no entry says that it was started"]
        );
    }

    #[test]
    fn a_plan_must_match_its_sealed_digest_and_be_sealed_once() {
        let real = plan().digest();
        assert_eq!(
            Writer::new().lease().seal(Some("c")).seal(None).said(),
            [
                format!(
                    "entry 2: it seals plan cccccc, but the digest of its plan is {}",
                    real.short()
                ),
                "entry 3: it seals a second plan; entry 2 sealed the first".into(),
            ]
        );
    }

    #[test]
    fn a_fence_increases_by_one_with_each_lease_and_never_decreases() {
        let stopped = json!({ "stopped": { "why": "x" } });
        let ledger = Writer::new().begun().fence(3).meant("tag").fence(2).did("tag").fence(3);
        let ledger = ledger.write(stopped).fence(4).lease();
        assert_eq!(
            ledger.said(),
            [
                "entry 4: its fence is 3, but that of the lease is 1",
                "entry 5: its fence is 2, but that of the lease is 3",
                "entry 7: the new lease has fence 5; it should be 4",
            ]
        );
    }

    #[test]
    fn only_the_lease_holder_can_write_entries() {
        assert_eq!(
            Writer::new().begun().by("eve@three").meant("tag").said(),
            ["entry 4: `eve@three` (process 7) wrote it under the lease of `ada@one` (process 7)"]
        );
        assert_eq!(
            Writer::new().write(json!("finished")).said(),
            ["entry 1: it was written without a lease"]
        );
    }

    #[test]
    fn only_a_new_lease_can_follow_a_finished_release() {
        let ledger = Writer::new().begun().write(json!("finished")).meant("tag");
        assert_eq!(ledger.said(), ["entry 5: it follows `finished` (entry 4) without a new lease"]);
    }

    #[test]
    fn ledger_times_can_go_back_only_by_a_small_clock_skew() {
        let ledger = Writer::new().minute(60).begun().minute(58).meant("tag").minute(40).did("tag");
        assert_eq!(ledger.said(), ["entry 5: its time is 22 min before that of entry 3"]);
    }

    #[test]
    fn entries_only_refer_to_steps_and_stages_of_the_sealed_plan() {
        let verified = json!({ "verification": { "stage": "beta", "now": "passed", "said": "" } });
        let ledger = Writer::new().lease().meant("tag").seal(None);
        let ledger = ledger.write(json!({ "entered": { "stage": "beta" } }));
        let ledger = ledger.write(json!({ "queued": { "stage": "beta" } })).write(verified);
        let ledger = ledger.meant("other").did("later");
        assert_eq!(
            ledger.said(),
            [
                "entry 2: it names step `tag` before a plan was sealed",
                "entry 4: the sealed plan has no stage `beta`",
                "entry 5: the sealed plan has no stage `beta`",
                "entry 6: the sealed plan has no stage `beta`",
                "entry 7: the sealed plan has no step `other`",
                "entry 8: step `later` was done, but no entry says that it was started",
            ]
        );
    }

    #[test]
    fn an_entry_with_another_format_is_reported() {
        let mut writer = Writer::new().lease();
        writer.entries[0].format = 2;
        assert_eq!(writer.said(), ["entry 1: it has format 2, not 1"]);
    }

    #[test]
    fn a_finding_explains_how_to_read_its_ledger_entry() {
        let head = Sha::new("d".repeat(40)).ok();
        let entries = Writer::new().write(json!("finished")).write(json!("finished")).entries;
        let found = audit(&Ledger { head, entries });
        let help = found.first().and_then(|found| found.finding.help.as_deref());
        assert_eq!(help, Some("`git show ddddddd~1:entry.json` shows the entry"));
    }

    #[test]
    fn an_unsigned_entry_is_a_finding_if_another_one_is_signed() {
        let unsigned = || EntrySignature::Unsigned;
        let good = EntrySignature::Good { by: "ada@example.com".into() };
        let bad = EntrySignature::Bad { why: "it does not match the entry".into() };
        let unchecked = EntrySignature::Unchecked { why: "the public key K is missing".into() };
        let ledger = Ledger::default();
        assert_eq!(signatures(&ledger, &[unsigned(), unsigned()]), Signed::default());
        let signed = signatures(&ledger, &[good.clone(), unsigned(), bad, unchecked, good]);
        let said = |all: &[EntryFinding]| -> Vec<String> {
            all.iter().map(|found| found.finding.message.clone()).collect()
        };
        assert_eq!(signed.by, BTreeMap::from([("ada@example.com".into(), 2)]));
        assert_eq!(
            said(&signed.wrong),
            [
                "entry 2: it is not signed, but other entries are",
                "entry 3: its signature is not valid: it does not match the entry",
            ]
        );
        assert_eq!(
            said(&signed.unchecked),
            ["entry 4: its signature cannot be checked: the public key K is missing"]
        );
    }
}
