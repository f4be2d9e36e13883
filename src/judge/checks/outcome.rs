//! What one run means, given its state and the other jobs of its workflow.

use super::neighbour::{Failure, after_failure, replaced};
use super::report::Reported;
use crate::base::finding::Who;
use crate::base::moment;
use crate::facts::{CheckKind, CheckState, Conclusion, PendingState};
use jiff::{SignedDuration, Timestamp};

/// How strictly checks are evaluated.
#[derive(Debug, Clone)]
pub struct CheckPolicy {
    /// Conclusions other than `success` that pass (`skipped`, `neutral`).
    pub accept: Vec<Conclusion>,
    /// A success older than this does not count.
    pub max_age: Option<SignedDuration>,
    /// A success that took less time than this does not count.
    pub min_duration: Option<SignedDuration>,
    /// Whether a finished merge queue run of a source makes it unnecessary to wait for runs of
    /// other events.
    pub queue_suffices: bool,
    /// The current time.
    pub now: Timestamp,
}

/// The outcome of one source for a commit, ordered from best to worst.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckOutcome {
    /// It succeeded.
    Green,
    /// It was skipped or neutral, which the settings accept.
    Accepted(String),
    /// It was skipped or neutral, which does not count as a success.
    PassedOver(String),
    /// It is pending.
    Pending(FailureReason),
    /// It did not pass.
    Red {
        /// The reason.
        why: FailureReason,
        /// What to do.
        help: &'static str,
    },
}

/// Why a check is not a success.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailureReason {
    /// Text between "check `x`" and the commit.
    pub what: String,
    /// Text after the commit, with its punctuation; may be empty.
    pub more: String,
    /// Who can resolve it.
    pub who: Who,
}

impl FailureReason {
    fn new(what: impl Into<String>, who: Who) -> Self {
        Self { what: what.into(), more: String::new(), who }
    }

    fn more(mut self, more: impl Into<String>) -> Self {
        self.more = more.into();
        self
    }
}

pub(super) fn outcome_of(
    check: &Reported<'_>,
    all: &[Reported<'_>],
    terms: &CheckPolicy,
) -> CheckOutcome {
    match &check.state {
        CheckState::Pending(PendingState::Waiting) => {
            let what = match &check.environment {
                Some(name) => {
                    format!("is waiting for the protection rules of environment `{name}`")
                }
                None => "is waiting for the protection rules of its environment".to_owned(),
            };
            CheckOutcome::Pending(FailureReason::new(what, Who::Reviewer))
        }
        CheckState::Pending(doing) => CheckOutcome::Pending(FailureReason::new(
            format!("is {}", doing.word().replace('_', " ")),
            Who::Nobody,
        )),
        CheckState::Finished(conclusion) => ended(conclusion, check, all, terms),
    }
}

fn ended(
    conclusion: &Conclusion,
    check: &Reported<'_>,
    all: &[Reported<'_>],
    terms: &CheckPolicy,
) -> CheckOutcome {
    let red =
        |what: &str, help| CheckOutcome::Red { why: FailureReason::new(what, actor(check)), help };
    match conclusion {
        Conclusion::Success => success(check, terms),
        Conclusion::Skipped => match after_failure(check, all) {
            Some(failure) => skipped_after(failure, check),
            None => lesser(conclusion, terms),
        },
        Conclusion::Neutral => lesser(conclusion, terms),
        Conclusion::Cancelled if replaced(check, all) => CheckOutcome::Pending(
            FailureReason::new("was canceled", Who::Nobody)
                .more(", and a newer run of its workflow is in progress"),
        ),
        Conclusion::Cancelled => red("was canceled", "rerun it"),
        Conclusion::Stale => CheckOutcome::Red {
            why: FailureReason::new("is stale", actor(check))
                .more(": no result was reported in time"),
            help: "rerun it",
        },
        Conclusion::ActionRequired => {
            let why = FailureReason::new("requires action", Who::Reporter);
            CheckOutcome::Red { why, help: "open the check and take the required action" }
        }
        Conclusion::Failure | Conclusion::Error => red("failed", "fix it or rerun the job"),
        Conclusion::TimedOut => red("timed out", "rerun the job"),
        Conclusion::NotStarted => CheckOutcome::Red {
            why: FailureReason::new("could not start", Who::Author),
            help: "fix the workflow file",
        },
        Conclusion::Other(other) => CheckOutcome::Red {
            why: FailureReason::new(format!("has the unknown conclusion `{other}`"), actor(check)),
            help: "open the check to see what happened",
        },
    }
}

/// The outcome for a conclusion that is neither a success nor a failure.
fn lesser(conclusion: &Conclusion, terms: &CheckPolicy) -> CheckOutcome {
    if terms.accept.contains(conclusion) {
        CheckOutcome::Accepted(conclusion.word().into())
    } else {
        CheckOutcome::PassedOver(conclusion.word().into())
    }
}

/// Who can rerun it.
fn actor(check: &Reported<'_>) -> Who {
    if check.is_of_ci() { Who::Rerunner } else { Who::Reporter }
}

fn skipped_after(failure: Failure<'_>, check: &Reported<'_>) -> CheckOutcome {
    let what = |who| FailureReason::new("was skipped", who);
    match failure {
        Failure::Stands(name) => CheckOutcome::Red {
            why: what(actor(check))
                .more(format!(" because `{name}` did not succeed in the same run")),
            help: "fix that job and rerun the workflow",
        },
        Failure::RunsAgain(name) => CheckOutcome::Pending(
            what(Who::Nobody).more(format!(" because `{name}` failed; `{name}` is running again")),
        ),
    }
}

fn success(check: &Reported<'_>, terms: &CheckPolicy) -> CheckOutcome {
    let red = |why: FailureReason, help| CheckOutcome::Red { why, help };
    let succeeded = || FailureReason::new("succeeded", actor(check));
    // A commit status has one timestamp: it does not show when the reported work started.
    let lasted = check.started_at.zip(check.completed_at).filter(|_| check.kind == CheckKind::Run);
    let lasted = lasted.map(|(start, end)| end.duration_since(start));
    if let Some(least) = terms.min_duration {
        match lasted {
            Some(lasted) if lasted >= least => {}
            Some(lasted) => {
                let more = format!(
                    " too quickly: it took {}, but `min-duration` is {}",
                    length(lasted),
                    length(least)
                );
                let help =
                    "find out why the job ended so early and rerun it, or lower `min-duration`";
                return red(succeeded().more(more), help);
            }
            None => {
                let why = FailureReason::new("does not report a duration", Who::Author)
                    .more(", so `min-duration` cannot be applied");
                return red(
                    why,
                    "remove `min-duration`, or require only checks that report a duration",
                );
            }
        }
    }
    if let Some(most) = terms.max_age {
        match check.completed_at.map(|end| terms.now.duration_since(end)) {
            Some(age) if age <= most => {}
            Some(age) => {
                let more = format!(
                    " too long ago: {} ago, but `max-age` is {}",
                    length(age),
                    length(most)
                );
                return red(succeeded().more(more), "rerun it");
            }
            None => {
                let why = FailureReason::new("does not report a finish time", actor(check))
                    .more(", so `max-age` cannot be applied");
                return red(why, "rerun it");
            }
        }
    }
    CheckOutcome::Green
}

/// A duration for people.
fn length(length: SignedDuration) -> String {
    moment::length(length.as_secs().unsigned_abs())
}
