//! When each stage can be entered at the earliest, if nothing fails on the way.

use super::standing::{Progress, StepState};
use super::steps::verifying;
use crate::base::names::StageName;
use crate::facts::Facts;
use crate::release::plan::{Plan, PlannedStage};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The stages that cannot be entered yet, each with the earliest time. Gates and reviews can delay
/// it further.
#[must_use]
pub fn forecast(plan: &Plan, progress: &Progress, facts: &Facts) -> BTreeMap<StageName, Timestamp> {
    let Ok(now) = facts.time.known() else { return BTreeMap::new() };
    let mut from = *now;
    let mut found = BTreeMap::new();
    for stage in &plan.stages {
        let begun = stage.steps.iter().any(|step| progress.is_done(&step.key));
        if let Some(until) = waits_to_enter(stage, progress) {
            from = from.max(until);
        }
        if !begun && from > *now {
            found.insert(stage.name.clone(), from);
        }
        from = after(stage, progress, from);
    }
    found
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
