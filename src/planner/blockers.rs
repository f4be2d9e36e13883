//! What blocks a release, in the order in which it can be resolved.

use super::{Progress, StepState};
use crate::base::finding::{Finding, Who};
use crate::base::names::StageName;
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::Verdict;
use crate::project::manifest::Mode;
use crate::release::ledger::{Event, Ledger};
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
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The gate; `None` if the stage itself has to wait.
    pub gate: Option<String>,
    /// Hold, no-go or unknown.
    pub verdict: Verdict,
    /// The reason, who can resolve it, and how.
    pub finding: Finding,
    /// Until when it lasts, at the earliest, if that is known.
    pub until: Option<Timestamp>,
}

/// Finds what blocks the next stage of a plan.
#[must_use]
pub fn blockers(case: &Case<'_>, plan: &Plan, progress: &Progress) -> Blockers {
    let Some((stage, planned)) = progress.next(plan, None) else {
        return Blockers { stage: None, since: None, all: Vec::new() };
    };
    let case = case.clone().in_stage(&stage.name);
    let asking = GateSelection { also: stage.gates.clone(), ..GateSelection::release() };
    let poll = gates::poll(&case, &asking);
    let counting = poll.answers.into_iter().filter(|answer| answer.mode == Mode::On);
    let rulings = counting.filter_map(|answer| Some((answer.gate, answer.ruling?)));
    let mut all: Vec<Blocker> = rulings
        .flat_map(|(gate, ruling)| {
            let verdict = ruling.verdict();
            let blocker = move |finding: &Finding| Blocker {
                gate: Some(gate.clone()),
                verdict,
                finding: finding.clone(),
                until: None,
            };
            ruling.findings().iter().map(blocker).collect::<Vec<_>>()
        })
        .collect();
    match progress.of(&planned.key) {
        StepState::Held(held) => all.push(Blocker {
            gate: None,
            verdict: held.verdict,
            finding: held.finding.clone(),
            until: held.until,
        }),
        StepState::Unseen(unseen) => all.push(Blocker {
            gate: None,
            verdict: Verdict::Unknown,
            finding: unseen.finding(&format!("cannot read the state of {}", planned.key)),
            until: None,
        }),
        StepState::Missing | StepState::Done { .. } => {}
    }
    all.sort_by_key(order);
    let since = case.facts.ledger.known().ok().and_then(waiting_since);
    Blockers { stage: Some(stage.name.clone()), since, all }
}

/// A new commit makes everything else wait again, so what needs one comes first. What only takes
/// time comes last.
fn order(blocker: &Blocker) -> u8 {
    match (blocker.verdict, blocker.finding.who) {
        (Verdict::NoGo | Verdict::Go, _) => 0,
        (Verdict::Unknown, _) => 1,
        (Verdict::Hold, Some(Who::Nobody)) => 3,
        (Verdict::Hold, _) => 2,
    }
}

/// When the last step was done.
fn waiting_since(ledger: &Ledger) -> Option<Timestamp> {
    let mut entries = ledger.numbered().rev();
    let done = entries.find(|(_, entry)| matches!(entry.event, Event::Did { .. }))?;
    Some(done.1.at)
}
