//! The report of a finished release run: its outcome, and the reasons that do not come from a gate.

use crate::base::finding::{Finding, Who};
use crate::base::word::Word;
use crate::drive::execute::{End, ReleaseRun};
use crate::judge::ruling::{Poll, Verdict};
use crate::planner::cost::costs;
use crate::project::manifest::Manifest;
use crate::release::outcome::{Outcome, Ran};
use crate::report::stats::Stats;
use crate::report::status::short;
use crate::report::{Ending, Trouble, json};
use serde_json::Value;

/// The rulings of the gates, if they stopped the run.
pub(super) fn poll(landed: &ReleaseRun) -> Option<&Poll> {
    match &landed.end {
        End::Gates(poll) => Some(poll),
        End::Nothing
        | End::Out { .. }
        | End::NotDue { .. }
        | End::Released
        | End::Through(_)
        | End::NoPlan(_)
        | End::NoStage(_)
        | End::OtherPlan { .. }
        | End::Conflicts(_)
        | End::Attached { .. }
        | End::Failed { .. }
        | End::Blind { .. } => None,
    }
}

/// The verdict that an end stands for: that of its exit code, as far as that is one. What is partial
/// is none.
pub(super) fn verdict(landed: &ReleaseRun) -> Option<Verdict> {
    Verdict::of(landed.outcome().exit())
}

/// The outcome of a release run, with its last line.
pub(super) fn ending(landed: &ReleaseRun, line: &str) -> Ending {
    let outcome = landed.outcome();
    match &landed.end {
        // The page is linked, not spelt out.
        End::Released => Ending { outcome, said: "every step is done".into() },
        End::Nothing
        | End::Out { .. }
        | End::NotDue { .. }
        | End::Through(_)
        | End::NoPlan(_)
        | End::NoStage(_)
        | End::OtherPlan { .. }
        | End::Gates(_)
        | End::Conflicts(_)
        | End::Attached { .. }
        | End::Failed { .. }
        | End::Blind { .. } => Ending::of(outcome, line),
    }
}

/// Reasons that do not come from a gate, and what to do after a failure.
pub(super) fn trouble(end: &End, ran: Ran) -> Vec<Trouble> {
    let one = |word, finding| vec![Trouble { word, finding }];
    match end {
        End::NoPlan(none) => one(none.outcome().word(), none.finding()),
        End::Conflicts(found) => {
            let found =
                found.iter().map(|one| Trouble { word: Word::CONFLICT, finding: one.finding() });
            found.collect()
        }
        End::OtherPlan { difference, .. } => {
            let finding =
                Finding::new("the current plan differs from the requested plan").who(Who::Operator);
            one(
                Outcome::NoGo.word(),
                difference.iter().fold(finding, |finding, line| finding.note(line)),
            )
        }
        End::Failed { step, error } => {
            let said = match step {
                Some(step) => format!("step `{step}` failed: {}", error.why()),
                None => error.to_string(),
            };
            let mut finding = Finding::new(said).help(ran.again());
            finding.who = error.who();
            one(Word::ERROR, finding)
        }
        End::Blind { step, unseen } => one(
            Outcome::Unknown.word(),
            unseen.finding(&format!(
                "cannot determine the state of \
                step `{step}`"
            )),
        ),
        End::NoStage(stage) => {
            let finding = Finding::new(format!("there is no stage `{stage}`"));
            one(Word::ERROR, finding.who(Who::Operator))
        }
        End::Attached { holder, until } => {
            let finding = Finding::new(format!("`{}` is running this release", holder.name));
            let finding = finding.note(match until {
                Some(until) => format!(
                    "its lease expires at {} unless it renews \
                                        it",
                    short(*until)
                ),
                None => format!("its process {} is running on this machine", holder.process),
            });
            let mut finding = finding;
            finding.help = Outcome::Attached.next(ran).map(str::to_owned);
            one(Outcome::Attached.word(), finding.who(Who::Nobody))
        }
        End::Nothing
        | End::Out { .. }
        | End::NotDue { .. }
        | End::Released
        | End::Through(_)
        | End::Gates(_) => Vec::new(),
    }
}

/// The performed plan, as `plan --format json` prints it.
pub(super) fn plan(
    landed: &ReleaseRun,
    manifest: &Manifest,
    outcome: Outcome,
    stats: &Stats,
) -> Option<Value> {
    let plan = landed.plan.as_ref()?;
    let costs = costs(plan, &landed.progress, &landed.facts, manifest.forge);
    Some(json::plan(plan, &landed.progress, &costs, poll(landed), outcome, stats))
}
