//! When each stage can be entered at the earliest, if nothing fails on the way.

use super::standing::{Progress, StepState};
use super::steps::{carried, verifying};
use crate::base::names::StageName;
use crate::facts::Facts;
use crate::judge::calendar::{merged, now};
use crate::project::schedule::{Entry, Schedule};
use crate::release::plan::{Plan, PlannedStage};
use jiff::{SignedDuration, Timestamp};

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
    let all = entries(plan, progress, facts, schedule);
    all.into_iter().filter(|(_, entry)| entry.at != Some(now)).collect()
}

/// The same, with the stages that can be entered now.
#[must_use]
pub fn entries(
    plan: &Plan,
    progress: &Progress,
    facts: &Facts,
    schedule: Option<&Schedule>,
) -> Vec<(StageName, Entry)> {
    // Without a time that can be trusted, there is nothing to expect.
    let (Ok(_), Ok(now)) = (facts.time.known(), now(facts)) else { return Vec::new() };
    let merged = merged(facts).unwrap_or(now);
    let mut from = now;
    let mut found = Vec::new();
    for stage in &plan.stages {
        let begun = stage.steps.iter().any(|step| progress.is_done(&step.key));
        if let Some(until) = waits_to_enter(stage, progress) {
            from = from.max(until);
        }
        if !begun {
            let free = Entry { ready: from, at: Some(from), rule: None };
            let entry = schedule.map_or(free, |schedule| schedule.entry(&stage.name, from, merged));
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
