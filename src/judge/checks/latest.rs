//! Which run of each source counts.

use super::neighbour::after_failure;
use super::outcome::{CheckOutcome, CheckPolicy, outcome_of};
use super::report::{Age, Key, Reported, age, is_pending};
use crate::facts::CheckState;
use crate::facts::Conclusion;
use std::collections::BTreeMap;

/// The event of workflow runs that a merge queue starts.
const QUEUE: &str = "merge_group";

/// The run that counts for a source, and its outcome.
#[derive(Debug, Clone)]
pub struct LatestRun<'a> {
    /// The run.
    pub check: Reported<'a>,
    /// Its outcome.
    pub outcome: CheckOutcome,
}

/// The run that counts for each source, sorted by name.
///
/// `all` contains every reported check, because the cause of an outcome can be another job.
#[must_use]
pub fn latest_runs<'a>(
    chosen: &[Reported<'a>],
    all: &[Reported<'a>],
    terms: &CheckPolicy,
) -> Vec<LatestRun<'a>> {
    let mut sources: BTreeMap<Key, Vec<Reported<'a>>> = BTreeMap::new();
    for check in chosen {
        sources.entry(Key::of(check)).or_default().push(*check);
    }
    sources.into_values().filter_map(|runs| latest_run(runs, all, terms)).collect()
}

fn latest_run<'a>(
    mut runs: Vec<Reported<'a>>,
    all: &[Reported<'a>],
    terms: &CheckPolicy,
) -> Option<LatestRun<'a>> {
    // A skipped run does not replace a run that was not skipped, unless a failure caused the skip.
    let idle = |run: &Reported<'_>| {
        run.state.is(&Conclusion::Skipped) && after_failure(run, all).is_none()
    };
    if !runs.iter().all(idle) {
        runs.retain(|run| !idle(run));
    }
    if terms.queue_suffices && runs.iter().any(has_ended_in_queue) {
        runs.retain(|run| {
            !is_pending(run) || run.event.as_deref().is_none_or(|event| event == QUEUE)
        });
    }
    let newest = runs.iter().map(|run| age(run)).max()?;
    // Runs that started at the same time, and a finished run without a start time, cannot be
    // ordered: the worst of them counts.
    let unordered = |run: &Reported<'_>| matches!(newest, Age::At(_)) && age(run) == Age::Untold;
    let speaking = runs.iter().filter(|run| age(run) == newest || unordered(run));
    let said =
        speaking.map(|check| LatestRun { check: *check, outcome: outcome_of(check, all, terms) });
    let rank = |latest: &LatestRun<'a>| {
        let Reported { check, commit } = latest.check;
        (latest.outcome.clone(), &check.id, check.run, &check.url, commit)
    };
    said.max_by(|a, b| rank(a).cmp(&rank(b)))
}

fn has_ended_in_queue(run: &Reported<'_>) -> bool {
    run.event.as_deref() == Some(QUEUE) && matches!(run.state, CheckState::Finished(_))
}
