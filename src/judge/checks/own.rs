//! Checks that tminus itself causes: the job that it runs in, and what it posts.
//!
//! A job is identified by its number or its name, and always by the app that reported it: any app
//! can choose any name and URL for its checks.

use super::report::{Key, Reported};
use crate::facts::{Check, CheckKind, CheckState, Doing, OwnRun};
use crate::project::workflow::APP as ACTIONS;
use std::collections::BTreeSet;

/// How the jobs are called that `tminus workflow` writes.
const JOBS: &str = "tminus ";
/// The status and the check run that tminus reports.
const REPORT: &str = "tminus";

/// What of some checks is tminus's own.
#[derive(Debug, Default)]
pub struct Own {
    /// The job, in this run of its workflow and in every other: one that failed before is what the
    /// present run is there to finish.
    keys: BTreeSet<Key>,
    /// The job alone, where its workflow is not told.
    ids: BTreeSet<String>,
    /// The workflow that the job belongs to.
    workflow: Option<String>,
}

impl Own {
    /// Finds it among everything that was reported.
    #[must_use]
    pub fn among(all: &[Reported<'_>], own: Option<&OwnRun>) -> Self {
        let Some(own) = own else { return Self::default() };
        let mut found = Self { workflow: own.workflow.clone(), ..Self::default() };
        for job in all.iter().filter(|check| is_job(check, own)) {
            found.ids.insert(job.id.clone());
            found.keys.extend(job.workflow.is_some().then(|| Key::of(job)));
        }
        // Where the job runs for another commit than the judged one, only its past is seen.
        if let (true, Some(workflow)) = (found.ids.is_empty(), &own.workflow) {
            found.keys.insert(Key {
                kind: CheckKind::Run,
                app: Some(ACTIONS.into()),
                workflow: Some(workflow.clone()),
                name: own.job.clone(),
            });
        }
        found
    }

    /// Whether a check is left out.
    #[must_use]
    pub fn has(&self, check: &Check) -> bool {
        is_report(check)
            || self.keys.contains(&Key::of(check))
            || check.kind == CheckKind::Run && self.ids.contains(&check.id)
            || self.queues_behind(check)
            || self.is_of_the_release(check)
    }

    /// Whether it is another job of tminus's own workflow, by the names that `tminus workflow` gives:
    /// a stage that failed is what the present run is there to finish.
    fn is_of_the_release(&self, check: &Check) -> bool {
        let ours = self.workflow.is_some() && check.workflow == self.workflow;
        ours && is_of_actions(check) && check.name.starts_with(JOBS)
    }

    /// Whether it is another run of tminus's own workflow that has no jobs yet: it may well wait for
    /// this one to end. Such a suite shows as a check with the name of its workflow.
    fn queues_behind(&self, check: &Check) -> bool {
        let waits = matches!(&check.state, CheckState::Pending(doing) if *doing != Doing::Running);
        let named = self.workflow.as_ref().is_some_and(|own| *own == check.name);
        let jobless = check.id.chars().any(|c| !c.is_ascii_digit()) && !is_page_of_job(check);
        waits && named && jobless && is_of_actions(check) && check.workflow == self.workflow
    }
}

/// Whether it is what `check --post` wrote, in this run or before. A name alone is nobody's: a check
/// run is ours where it is made with a workflow's token and can be neither a job, nor a workflow
/// that has no jobs, which shows with the page of its run.
fn is_report(check: &Check) -> bool {
    let made = || check.url.is_some() && !is_page_of_job(check) && !is_page_of_run(check);
    check.name == REPORT
        && match check.kind {
            CheckKind::Status => true,
            CheckKind::Run => is_of_actions(check) && made(),
        }
}

fn is_page_of_job(check: &Check) -> bool {
    check.url.as_ref().is_some_and(|url| url.contains("/job/"))
}

fn is_page_of_run(check: &Check) -> bool {
    let number = check.url.as_ref().and_then(|url| url.split_once("/actions/runs/"));
    number.is_some_and(|(_, rest)| rest.chars().all(|c| c.is_ascii_digit()))
}

fn is_of_actions(check: &Check) -> bool {
    check.kind == CheckKind::Run && check.app.as_deref() == Some(ACTIONS)
}

/// Whether it is the job that tminus runs in, in this very run.
fn is_job(check: &Check, own: &OwnRun) -> bool {
    let told = check.workflow.as_ref().zip(own.workflow.as_ref());
    is_of_actions(check)
        && told.is_none_or(|(workflow, own)| workflow == own)
        && match &own.check_run {
            Some(id) => {
                let page =
                    || check.url.as_ref().is_some_and(|url| url.ends_with(&format!("/job/{id}")));
                check.run.is_none_or(|run| run == own.run) && (*id == check.id || page())
            }
            None => check.run == Some(own.run) && check.name == own.job,
        }
}
