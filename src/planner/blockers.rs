//! What blocks a release, in the order in which it can be resolved.

use super::usual::Usual;
use super::{Progress, StepState};
use crate::base::finding::{Finding, Who};
use crate::base::names::StageName;
use crate::base::word::Tone;
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::Verdict;
use crate::project::manifest::Mode;
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use jiff::Timestamp;

/// What blocks a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockers {
    /// The stage of the next step; `None` if every step is done.
    pub stage: Option<StageName>,
    /// Since when the release waits there, if it does.
    pub since: Option<Timestamp>,
    /// The reasons; the first ones can be resolved first.
    pub all: Vec<Blocker>,
    /// What gates say besides, which blocks nothing.
    pub notes: Vec<GateNote>,
}

/// What a gate says besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateNote {
    /// The gate.
    pub gate: String,
    /// What it says.
    pub finding: Finding,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The gates that give it; empty if the stage itself has to wait.
    pub gates: Vec<String>,
    /// Hold, no-go or unknown.
    pub verdict: Verdict,
    /// The reason, who can resolve it, how, and since when it waits.
    pub finding: Finding,
    /// Until when it lasts, at the earliest, if that is known.
    pub until: Option<Timestamp>,
    /// How long it usually takes.
    pub usual: Option<Usual>,
}

/// Finds what blocks the next stage of a plan.
#[must_use]
pub fn blockers(case: &Case<'_>, plan: &Plan, progress: &Progress) -> Blockers {
    let Some((stage, planned)) = progress.next(plan, None) else {
        return Blockers { stage: None, since: None, all: Vec::new(), notes: Vec::new() };
    };
    let case = case.clone().in_stage(&stage.name);
    let asking = GateSelection { also: stage.gates.clone(), ..GateSelection::release() };
    let poll = gates::poll(&case, &asking);
    let mut all: Vec<Blocker> = Vec::new();
    for answer in poll.answers.iter().filter(|answer| answer.mode == Mode::On) {
        let Some(verdict) = answer.counts_as() else { continue };
        for finding in answer.open() {
            let same = |one: &&mut Blocker| one.verdict == verdict && one.finding == *finding;
            if let Some(one) = all.iter_mut().find(same) {
                one.gates.push(answer.gate.clone());
                continue;
            }
            let usual = usual(case.facts, finding);
            let (gates, finding) = (vec![answer.gate.clone()], finding.clone());
            all.push(Blocker { gates, verdict, finding, until: None, usual });
        }
    }
    let ledger = case.facts.ledger.known().ok();
    all.extend(waiting(progress.of(&planned.key), planned.key.as_str(), || {
        ledger.and_then(|ledger| ledger.queued(&stage.name))
    }));
    all.sort_by_key(|blocker| order(blocker.verdict.word().tone, &blocker.finding));
    let since = ledger.and_then(Ledger::waiting_since);
    let note = |(gate, finding): (&str, &Finding)| GateNote {
        gate: gate.to_owned(),
        finding: finding.clone(),
    };
    let notes = poll.notes().map(note).collect();
    Blockers { stage: Some(stage.name.clone()), since, all, notes }
}

/// Why the next step itself cannot start or end.
fn waiting(
    state: &StepState,
    step: &str,
    queued: impl FnOnce() -> Option<Timestamp>,
) -> Option<Blocker> {
    let (verdict, finding, until) = match state {
        StepState::Held(held) => {
            let queued = if held.verdict == Verdict::Hold { queued() } else { None };
            let since = held.finding.since.or(queued);
            (held.verdict, held.finding.clone().since(since), held.until)
        }
        StepState::Unseen(unseen) => {
            let what = format!("cannot read the state of {step}");
            (Verdict::Unknown, unseen.finding(&what), None)
        }
        StepState::Missing | StepState::Done { .. } => return None,
    };
    Some(Blocker { gates: Vec::new(), verdict, finding, until, usual: None })
}

/// How long it usually takes to resolve a finding.
#[must_use]
pub fn usual(facts: &Facts, finding: &Finding) -> Option<Usual> {
    Usual::of(facts, finding.awaits.as_ref()?)
}

/// The order in which reasons can be resolved. A new commit makes everything else wait again, so what
/// needs one comes first. What only takes time comes last. Among people, what is due first.
#[must_use]
pub fn order(tone: Tone, finding: &Finding) -> (u8, Timestamp) {
    let class = match (tone, finding.who) {
        (Tone::Wait, Some(Who::Nobody)) => 3,
        (Tone::Wait, _) => 2,
        (Tone::Doubtful, _) => 1,
        (_, _) => 0,
    };
    (class, finding.due.unwrap_or(Timestamp::MAX))
}
