//! Checks that tminus itself causes: the job that it runs in, and what it posts.
//!
//! A job is identified by its number or its name, and always by its origin: any app can choose any
//! name for its checks.

use super::report::{Key, Reported};
use crate::facts::{Check, CheckCreator, CheckKind, CheckState, OwnRun, PendingState};
use std::collections::BTreeSet;

/// The prefix of the names of the jobs that `tminus workflow` writes.
const JOBS: &str = "tminus ";
/// The status and the check run that tminus reports.
const REPORT: &str = "tminus";

/// The checks that tminus itself causes.
#[derive(Debug, Default)]
pub struct OwnChecks {
    /// The job, in this run and in all other runs of its workflow: the current run may finish a job
    /// that failed before.
    keys: BTreeSet<Key>,
    /// The job by its ID, if its workflow is unknown.
    ids: BTreeSet<String>,
    /// The job's name, if the job runs for a commit other than the evaluated one, so that only its
    /// earlier results are visible.
    past: Option<String>,
    /// The workflow that the job belongs to.
    workflow: Option<String>,
}

impl OwnChecks {
    /// Finds them among all reported checks.
    #[must_use]
    pub fn among(all: &[Reported<'_>], own: Option<&OwnRun>) -> Self {
        let Some(own) = own else { return Self::default() };
        let mut found = Self { workflow: own.workflow.clone(), ..Self::default() };
        for job in all.iter().filter(|check| is_job(check, own)) {
            found.ids.insert(job.id.clone());
            found.keys.extend(job.workflow.is_some().then(|| Key::of(job)));
        }
        found.past = found.ids.is_empty().then(|| own.job.clone());
        found
    }

    /// Whether a check is tminus's own, and is therefore ignored.
    #[must_use]
    pub fn has(&self, check: &Check) -> bool {
        is_report(check)
            || self.keys.contains(&Key::of(check))
            || check.kind == CheckKind::Run && self.ids.contains(&check.id)
            || self.is_past(check)
            || self.waits_for_this_run(check)
            || self.is_of_the_release(check)
    }

    /// Whether it belongs to tminus's own workflow, according to the names that `tminus
    /// workflow` uses: the current run may finish a stage that failed before.
    fn is_of_the_release(&self, check: &Check) -> bool {
        self.is_from_own_workflow(check) && check.name.starts_with(JOBS)
    }

    /// Whether it is the job's result for the evaluated commit in an earlier run.
    fn is_past(&self, check: &Check) -> bool {
        self.is_from_own_workflow(check) && self.past.as_ref() == Some(&check.name)
    }

    /// Whether the CI host created it for tminus's own workflow.
    fn is_from_own_workflow(&self, check: &Check) -> bool {
        self.workflow.is_some() && check.workflow == self.workflow && check.is_of_ci()
    }

    /// Whether it is a different run of tminus's own workflow that has no jobs yet: it may be waiting
    /// for this run to finish. Such a suite appears as a check with the name of its workflow.
    fn waits_for_this_run(&self, check: &Check) -> bool {
        let waits =
            matches!(&check.state, CheckState::Pending(doing) if *doing != PendingState::Running);
        let named = self.workflow.as_ref().is_some_and(|own| *own == check.name);
        waits && named && check.job().is_none() && self.is_from_own_workflow(check)
    }
}

/// Whether `check --post` created it, in this run or an earlier one. The name alone proves nothing:
/// a check run counts as ours only if a job created it, not if the CI host created it for a job or
/// a run.
fn is_report(check: &Check) -> bool {
    check.name == REPORT
        && match check.kind {
            CheckKind::Status => true,
            CheckKind::Run => check.maker() == Some(CheckCreator::Job),
        }
}

/// Whether it is the job that tminus runs in, in the current run.
fn is_job(check: &Check, own: &OwnRun) -> bool {
    let told = check.workflow.as_ref().zip(own.workflow.as_ref());
    check.is_of_ci()
        && told.is_none_or(|(workflow, own)| workflow == own)
        && match &own.check_run {
            Some(id) => {
                check.run.is_none_or(|run| run == own.run)
                    && (*id == check.id || check.job() == Some(id))
            }
            None => check.run == Some(own.run) && check.name == own.job,
        }
}
