//! The dates of a release: the train that it leaves with, and when its tasks are due. Without a train,
//! nothing has a date.

use super::calendar::{merged, now};
use super::case::Case;
use crate::base::names::StageName;
use crate::project::manifest::{Mode, Task};
use crate::project::schedule::{Departure, Schedule, Train};
use crate::release::ledger::Ledger;
use jiff::Timestamp;

/// The train that a release leaves with.
#[derive(Debug, Clone, Copy)]
pub struct TrainDate<'a> {
    /// The schedule that has it.
    pub schedule: &'a Schedule,
    /// The train.
    pub train: &'a Train,
    /// Its date.
    pub departure: Departure,
}

/// The train that a release leaves with: that of a stage or, if it has none, of the first later stage
/// that has one. `None` without a train, or if its date cannot be known.
#[must_use]
pub fn train<'a>(case: &Case<'a>, stage: Option<&StageName>) -> Option<TrainDate<'a>> {
    let schedule = case.manifest.schedule.as_ref()?;
    let mut entries = case.manifest.gates.iter().flatten();
    let entry = entries.find(|entry| entry.id.value == "train-due");
    if entry.is_some_and(|entry| entry.mode != Mode::On) {
        return None;
    }
    let from = stage.and_then(|stage| case.manifest.position(stage)).unwrap_or(0);
    let mut stages = case.manifest.stages.iter().skip(from).map(|stage| &stage.name.value);
    let stage = stages.find(|stage| schedule.trains.iter().any(|train| train.takes(stage)))?;
    let ledger = case.facts.ledger.known().ok();
    let left = ledger.and_then(|ledger: &Ledger| ledger.entered(stage));
    let now = left.or_else(|| now(case.facts).ok())?;
    let (train, departure) = schedule.departure(stage, merged(case.facts).ok()?, now)?;
    Some(TrainDate { schedule, train, departure })
}

/// When a task is due, and that time for people; `None` if it has no date.
#[must_use]
pub fn due(case: &Case<'_>, task: &Task) -> Option<(Timestamp, String)> {
    let seconds = task.due_seconds?;
    let TrainDate { schedule, departure, .. } = train(case, task.before.as_ref())?;
    let due = schedule.relative(departure.at, seconds)?;
    Some((due, schedule.local(due)))
}
