//! How long checks usually take: an estimate for people who wait. No decision depends on it.

use crate::facts::{Check, CheckKind, CheckState};
use crate::facts::{Conclusion, PendingState};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A check's app, workflow and name.
type Source = (Option<String>, Option<String>, String);

/// How long each check's successes took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations(BTreeMap<Source, Vec<SignedDuration>>);

/// The estimated remaining time of a check, from its past runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// About this long.
    About(SignedDuration),
    /// It has taken longer than the usual duration.
    Over(SignedDuration),
}

impl Durations {
    /// The durations of finished runs. Failures do not count: they end early or hang.
    #[must_use]
    pub fn of<'a>(runs: impl IntoIterator<Item = &'a Check>) -> Self {
        let mut all = Self::default();
        for run in runs {
            if let Some(took) = took(run) {
                all.0.entry(source(run)).or_default().push(took);
            }
        }
        all.0.values_mut().for_each(|lengths| lengths.sort_unstable());
        all
    }

    /// The median duration of a check's successes.
    #[must_use]
    pub fn usual(&self, check: &Check) -> Option<SignedDuration> {
        median(self.0.get(&source(check))?)
    }

    /// The estimated remaining time of a check; the whole duration if it has not started.
    #[must_use]
    pub fn left(&self, check: &Check, now: Timestamp) -> Option<Left> {
        let CheckState::Pending(doing) = &check.state else { return None };
        let usual = self.usual(check)?;
        let begun = check.started_at.filter(|_| *doing == PendingState::Running);
        let ran = begun.map_or(SignedDuration::ZERO, |begun| now.duration_since(begun));
        let left = usual.saturating_sub(ran.max(SignedDuration::ZERO));
        Some(if left.is_positive() { Left::About(left) } else { Left::Over(usual) })
    }
}

/// The median of durations that are in order.
#[must_use]
pub fn median(lengths: &[SignedDuration]) -> Option<SignedDuration> {
    let (low, high) =
        (lengths.get((lengths.len().checked_sub(1)?) / 2)?, lengths.get(lengths.len() / 2)?);
    low.checked_add(*high).map(|sum| sum / 2)
}

/// The duration of a success. A commit status has no duration.
fn took(run: &Check) -> Option<SignedDuration> {
    let success = run.state.is(&Conclusion::Success);
    let (start, end) = run.started_at.zip(run.completed_at)?;
    let took = end.duration_since(start);
    (success && run.kind == CheckKind::Run && !took.is_negative()).then_some(took)
}

fn source(check: &Check) -> Source {
    (check.app.clone(), check.workflow.clone(), check.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn run(state: CheckState, start: Option<i64>, end: Option<i64>) -> Check {
        Check {
            kind: CheckKind::Run,
            id: "CR_1".into(),
            name: "build".into(),
            app: Some("ci".into()),
            app_id: None,
            workflow: Some("ci".into()),
            event: None,
            run: Some(1),
            state,
            started_at: start.map(at),
            completed_at: end.map(at),
            url: None,
            environment: None,
            origin: None,
        }
    }

    fn ended(word: &str, took: i64) -> Check {
        run(CheckState::Finished(word.into()), Some(0), Some(took))
    }

    fn pending(doing: &str, start: Option<i64>) -> Check {
        run(CheckState::Pending(doing.into()), start, None)
    }

    fn seconds(n: i64) -> SignedDuration {
        SignedDuration::from_secs(n)
    }

    fn past(lengths: &[i64]) -> Durations {
        let runs: Vec<Check> = lengths.iter().map(|took| ended("success", *took)).collect();
        Durations::of(&runs)
    }

    #[test]
    fn the_usual_duration_is_the_median_of_successes() {
        let usual = |lengths: &[i64]| past(lengths).usual(&pending("queued", None));
        assert_eq!(usual(&[]), None);
        assert_eq!(usual(&[60]), Some(seconds(60)));
        assert_eq!(usual(&[300, 60]), Some(seconds(180)));
        assert_eq!(usual(&[9000, 70, 60]), Some(seconds(70)));
        assert_eq!(usual(&[10, 20, 40, 9000]), Some(seconds(30)));
    }

    #[test]
    fn failures_statuses_and_negative_durations_are_ignored() {
        let mut status = ended("success", 30);
        status.kind = CheckKind::Status;
        let runs = [ended("failure", 5), ended("cancelled", 5), ended("success", -5), status];
        assert_eq!(Durations::of(&runs), Durations::default());
    }

    #[test]
    fn a_different_app_workflow_or_name_is_a_different_check() {
        let past = past(&[60]);
        let asked = |change: fn(&mut Check)| {
            let mut check = pending("queued", None);
            change(&mut check);
            past.usual(&check)
        };
        assert_eq!(asked(|_| ()), Some(seconds(60)));
        assert_eq!(asked(|check| check.app = None), None);
        assert_eq!(asked(|check| check.workflow = Some("nightly".into())), None);
        assert_eq!(asked(|check| check.name = "build (2)".into()), None);
    }

    #[test]
    fn the_remaining_time_counts_from_the_start_of_a_check_run_and_not_its_queueing() {
        let past = past(&[100]);
        let left = |doing, start, now| past.left(&pending(doing, start), at(now));
        assert_eq!(left("in_progress", Some(0), 30), Some(Left::About(seconds(70))));
        assert_eq!(left("in_progress", Some(0), 100), Some(Left::Over(seconds(100))));
        assert_eq!(left("in_progress", Some(50), 0), Some(Left::About(seconds(100))));
        assert_eq!(left("queued", Some(0), 500), Some(Left::About(seconds(100))));
        assert_eq!(left("in_progress", None, 500), Some(Left::About(seconds(100))));
        assert_eq!(past.left(&ended("success", 5), at(0)), None);
    }
}
