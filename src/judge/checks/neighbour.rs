//! Results that depend on another job: a job that was skipped because another failed, and a
//! cancelled run that a newer one replaces.

use super::report::{Key, Reported, age, is_pending};
use crate::facts::{Check, CheckState, Conclusion};

/// A job in the same workflow run that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failure<'a> {
    /// It was started again and is in progress.
    RunsAgain(&'a str),
    /// No newer run replaces it.
    Stands(&'a str),
}

/// A failed job of the same run that may be the reason why this one was skipped. A failure that a
/// newer attempt fixed does not count.
pub(super) fn after_failure<'a>(check: &Check, all: &[Reported<'a>]) -> Option<Failure<'a>> {
    let of_run: Vec<&'a Check> =
        all.iter().map(|other| other.check).filter(|other| same_run(check, other)).collect();
    let failed = |other: &Check| matches!(&other.state, CheckState::Finished(ended) if !ended.is_not_failure());
    let failures = of_run.iter().filter(|other| failed(other)).filter_map(|other| {
        let replaces = |one: &&&'a Check| {
            Key::of(one) == Key::of(other)
                && age(one) > age(other)
                && !one.state.is(&Conclusion::Skipped)
        };
        let newest = of_run.iter().filter(replaces).max_by_key(|one| (age(one), is_pending(one)));
        match newest.map(|newest| &newest.state) {
            None => Some(Failure::Stands(&other.name)),
            Some(CheckState::Pending(_)) => Some(Failure::RunsAgain(&other.name)),
            Some(CheckState::Finished(_)) => None,
        }
    });
    failures.max()
}

/// Whether both belong to the same run of a workflow. If the run is unknown, the same workflow is
/// sufficient, because the runs cannot be distinguished.
fn same_run(a: &Check, b: &Check) -> bool {
    match (a.run, b.run) {
        (Some(a), Some(b)) => a == b,
        (_, _) => a.workflow.is_some() && a.workflow == b.workflow && a.app == b.app,
    }
}

/// Whether a later run of the same workflow is in progress.
pub(super) fn replaced(check: &Check, all: &[Reported<'_>]) -> bool {
    let newer = |other: &Check| other.run > check.run || age(other) > age(check);
    check.workflow.is_some()
        && all
            .iter()
            .filter(|other| is_pending(other))
            .any(|other| other.workflow == check.workflow && other.app == check.app && newer(other))
}
