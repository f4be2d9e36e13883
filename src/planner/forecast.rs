//! When each stage can be entered at the earliest, if nothing fails on the way.

use super::blockers::usual;
use super::standing::{Progress, StepState};
use super::steps::{carried, verifying};
use super::usual::Usual;
use crate::base::names::StageName;
use crate::facts::Facts;
use crate::judge::calendar::{merged, now};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::Answer;
use crate::project::manifest::Mode;
use crate::project::schedule::{Decides, Entry, Schedule};
use crate::release::ledger::Ledger;
use crate::release::plan::{Plan, PlannedStage};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The stages that cannot be entered yet, in their order, each with the earliest moment and the rule
/// of the schedule that decides it. Gates and reviews can take longer; they have no time.
#[must_use]
pub fn forecast(
    plan: &Plan,
    progress: &Progress,
    facts: &Facts,
    schedule: Option<&Schedule>,
) -> Vec<(StageName, Entry)> {
    let Ok(now) = now(facts) else { return Vec::new() };
    let all = entries(plan, progress, (facts, schedule), &BTreeMap::new());
    all.into_iter().filter(|(_, entry)| entry.at != Some(now)).collect()
}

/// The statements that a stage waits for, if it is known how long they usually take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Since when the stage waits for them, if it does.
    since: Option<Timestamp>,
    /// The one that takes longest.
    usual: Usual,
}

/// The statements that the stages that were not entered wait for.
#[must_use]
pub fn expected(
    case: &Case<'_>,
    plan: &Plan,
    progress: &Progress,
) -> BTreeMap<StageName, Expected> {
    let next = progress.next(plan, None).map(|(stage, _)| &stage.name);
    let mut all = BTreeMap::new();
    for stage in plan.stages.iter().filter(|stage| !has_begun(stage, progress)) {
        let case = case.clone().in_stage(&stage.name);
        let asking = GateSelection { also: stage.gates.clone(), ..GateSelection::release() };
        let poll = gates::poll(&case, &asking);
        let counting = poll.answers.iter().filter(|answer| answer.mode == Mode::On);
        let open = counting.flat_map(Answer::open);
        let usual = open.filter_map(|finding| usual(case.facts, finding));
        if let Some(usual) = usual.max_by_key(|usual| usual.takes) {
            let ledger = case.facts.ledger.known().ok().filter(|_| next == Some(&stage.name));
            let since = ledger.and_then(Ledger::waiting_since);
            all.insert(stage.name.clone(), Expected { since, usual });
        }
    }
    all
}

fn has_begun(stage: &PlannedStage, progress: &Progress) -> bool {
    stage.steps.iter().any(|step| progress.is_done(&step.key))
}

/// The same, with the stages that can be entered now, if people answer as fast as they usually do.
#[must_use]
pub fn entries(
    plan: &Plan,
    progress: &Progress,
    (facts, schedule): (&Facts, Option<&Schedule>),
    people: &BTreeMap<StageName, Expected>,
) -> Vec<(StageName, Entry)> {
    // Without a trusted time, there is no estimate.
    let (Ok(_), Ok(now)) = (facts.time.known(), now(facts)) else { return Vec::new() };
    let merged = merged(facts).unwrap_or(now);
    let mut from = now;
    let mut found = Vec::new();
    for stage in &plan.stages {
        if let Some(until) = waits_to_enter(stage, progress) {
            from = from.max(until);
        }
        if !has_begun(stage, progress) {
            let (ready, rule) = answered(from, people.get(&stage.name));
            let free = Entry { ready, at: Some(ready), rule: None };
            let entry =
                schedule.map_or(free, |schedule| schedule.entry(&stage.name, ready, merged));
            let entry = Entry { rule: entry.rule.or(rule), ..entry };
            let at = entry.at;
            found.push((stage.name.clone(), entry));
            match at {
                Some(at) => from = at,
                None => return found,
            }
        }
        from = match proven(stage, plan, facts) {
            true => from,
            false => after(stage, progress, from),
        };
    }
    found
}

/// When people will have answered, if the release waits for them from a time on at the latest.
fn answered(asked: Timestamp, people: Option<&Expected>) -> (Timestamp, Option<Decides>) {
    let Some(Expected { since, usual }) = people else { return (asked, None) };
    let since = since.map_or(asked, |since| since.min(asked));
    let answered = since.checked_add(usual.takes).unwrap_or(Timestamp::MAX);
    match answered > asked {
        true => (answered, Some(Decides::People(usual.words()))),
        false => (asked, None),
    }
}

/// Whether the soak of a pre-release counts for a stage that was not sampled yet.
fn proven(stage: &PlannedStage, plan: &Plan, facts: &Facts) -> bool {
    let sampled = facts.samples.known().is_ok_and(|it| it.value.stages.contains_key(&stage.name));
    let mut steps = stage.steps.iter().filter_map(|planned| verifying(&planned.step));
    !sampled && steps.any(|verifying| carried(plan, &verifying, facts).is_some())
}

/// When the hold of the first step of a stage ends.
fn waits_to_enter(stage: &PlannedStage, progress: &Progress) -> Option<Timestamp> {
    progress.of(&stage.steps.first()?.key).until()
}

/// When a stage will be finished if it starts at a given time, or is in progress.
fn after(stage: &PlannedStage, progress: &Progress, from: Timestamp) -> Timestamp {
    let Some((key, verifying)) =
        stage.steps.iter().find_map(|planned| Some((&planned.key, verifying(&planned.step)?)))
    else {
        return from;
    };
    match progress.of(key) {
        StepState::Done { .. } => from,
        StepState::Held(held) => held.until.map_or(from, |until| from.max(until)),
        StepState::Missing | StepState::Unseen(_) => {
            let pace = verifying.pace;
            let takes = pace.steady_seconds.saturating_add(pace.soak_seconds);
            let takes = SignedDuration::from_secs(i64::try_from(takes).unwrap_or(i64::MAX));
            from.checked_add(takes).unwrap_or(Timestamp::MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_expected_to_take_as_long_as_usual_from_when_the_release_began_to_wait() {
        let at = |hour: &str| format!("2026-01-10T{hour}:00:00Z").parse::<Timestamp>().unwrap();
        let usual = Usual { takes: SignedDuration::from_hours(4), releases: 5 };
        let answer = |since: Option<&str>| {
            answered(at("10"), Some(&Expected { since: since.map(at), usual }))
        };
        let rule = Some(Decides::People("4 h (5 releases)".into()));
        assert_eq!(answer(None), (at("14"), rule.clone()));
        assert_eq!(answer(Some("08")), (at("12"), rule.clone()));
        assert_eq!(answer(Some("11")), (at("14"), rule));
        assert_eq!(answer(Some("05")), (at("10"), None), "it takes longer than usual");
        assert_eq!(answered(at("10"), None), (at("10"), None));
    }
}
