//! A flight's end as a report: its word, and the reasons that no gate gave.

use super::exit::Exit;
use crate::base::finding::{Finding, Who};
use crate::drive::execute::{Outcome, ReleaseRun};
use crate::judge::ruling::{Poll, Verdict};
use crate::planner::cost::costs;
use crate::project::manifest::Manifest;
use crate::report::stats::Stats;
use crate::report::status::short;
use crate::report::{Ending, Trouble, json};
use serde_json::Value;

/// What the gates said, where they stopped the flight.
pub(super) fn poll(landed: &ReleaseRun) -> Option<&Poll> {
    match &landed.outcome {
        Outcome::Gates(poll) => Some(poll),
        Outcome::Nothing
        | Outcome::Out { .. }
        | Outcome::NotDue { .. }
        | Outcome::Released
        | Outcome::Through(_)
        | Outcome::NoPlan(_)
        | Outcome::NoStage(_)
        | Outcome::OtherPlan { .. }
        | Outcome::Conflicts(_)
        | Outcome::Attached { .. }
        | Outcome::Failed { .. }
        | Outcome::Blind { .. } => None,
    }
}

/// The verdict that an end stands for: that of its exit code, as far as that is one. What is partial
/// is none.
pub(super) fn verdict(landed: &ReleaseRun) -> Option<Verdict> {
    match Exit::of(landed) {
        Exit::Go => Some(Verdict::Go),
        Exit::NoGo => Some(Verdict::NoGo),
        Exit::Hold => Some(Verdict::Hold),
        Exit::Unknown => Some(Verdict::Unknown),
        Exit::Usage | Exit::Partial => None,
    }
}

/// The word of a flight's end, one of those in `docs/reports.md`.
pub(super) fn ending(landed: &ReleaseRun, line: &str) -> Ending {
    let word = match &landed.outcome {
        _ if Exit::of(landed) == Exit::Partial => "partial",
        Outcome::Nothing | Outcome::Out { .. } | Outcome::NotDue { .. } => "nothing-to-release",
        Outcome::Released => "released",
        Outcome::Through(_) => "through",
        Outcome::NoStage(_) => "error",
        Outcome::OtherPlan { .. } => "no-go",
        Outcome::NoPlan(none) => none.ruling().verdict().word(),
        Outcome::Gates(poll) => poll.verdict().word(),
        Outcome::Attached { .. } => "hold",
        Outcome::Conflicts(_) => "conflict",
        Outcome::Failed { .. } => "stopped",
        Outcome::Blind { .. } => "unknown",
    };
    match &landed.outcome {
        // The page is linked, not spelt out.
        Outcome::Released => Ending { word, said: "every step is done".into() },
        Outcome::Nothing
        | Outcome::Out { .. }
        | Outcome::NotDue { .. }
        | Outcome::Through(_)
        | Outcome::NoPlan(_)
        | Outcome::NoStage(_)
        | Outcome::OtherPlan { .. }
        | Outcome::Gates(_)
        | Outcome::Conflicts(_)
        | Outcome::Attached { .. }
        | Outcome::Failed { .. }
        | Outcome::Blind { .. } => Ending::of(word, line),
    }
}

/// Reasons that no gate gave, and what goes on after a failure.
pub(super) fn trouble(outcome: &Outcome, again: &str) -> Vec<Trouble> {
    let one = |word, finding| vec![Trouble { word, finding }];
    match outcome {
        Outcome::NoPlan(none) => one(none.ruling().verdict().word(), none.finding()),
        Outcome::Conflicts(found) => {
            let found =
                found.iter().map(|one| Trouble { word: "conflict", finding: one.finding() });
            found.collect()
        }
        Outcome::OtherPlan { difference, .. } => {
            let finding = Finding::new("another plan holds than the one that was asked for")
                .who(Who::Operator);
            one("no-go", difference.iter().fold(finding, |finding, line| finding.note(line)))
        }
        Outcome::Failed { step, error } => {
            let said = match step {
                Some(step) => format!("step `{step}` failed: {}", error.why()),
                None => error.to_string(),
            };
            let mut finding = Finding::new(said).help(again);
            finding.who = error.who();
            one("error", finding)
        }
        Outcome::Blind { step, unseen } => {
            one("unknown", unseen.finding(&format!("cannot see how `{step}` stands")))
        }
        Outcome::NoStage(stage) => {
            let finding = Finding::new(format!("there is no stage `{stage}`"));
            one("error", finding.who(Who::Operator))
        }
        Outcome::Attached { holder, until } => {
            let finding = Finding::new(format!("`{}` is making this release", holder.name));
            let finding = finding.note(match until {
                Some(until) => format!("until {}, if it is not heard of again", short(*until)),
                None => format!("its process {} runs on this machine", holder.process),
            });
            let finding = finding.help("wait for it, or take it over with `--take-over`");
            one("hold", finding.who(Who::Nobody))
        }
        Outcome::Nothing
        | Outcome::Out { .. }
        | Outcome::NotDue { .. }
        | Outcome::Released
        | Outcome::Through(_)
        | Outcome::Gates(_) => Vec::new(),
    }
}

/// The plan that was flown, as `plan --format json` prints it.
pub(super) fn plan(
    landed: &ReleaseRun,
    manifest: &Manifest,
    outcome: &str,
    stats: &Stats,
) -> Option<Value> {
    let plan = landed.plan.as_ref()?;
    let costs = costs(plan, &landed.progress, &landed.facts, manifest.forge);
    Some(json::plan(plan, &landed.progress, &costs, poll(landed), outcome, stats))
}
