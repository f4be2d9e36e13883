//! Why a required check was not reported, according to the workflow files.

use super::requirement::Requirement;
use crate::facts::Facts;
use crate::project::workflow::{OnPush, ReportsCheck, Workflow};

/// Why a check is missing, according to the workflow files.
pub(super) enum MissingReason {
    /// The path filters of every workflow that reports it exclude the change; contains the files.
    NotApplicable(Vec<String>),
    /// Notes about it; often none.
    Noted(Vec<String>),
}

/// A workflow file, or the path of one that cannot be parsed.
pub(super) type Read = Result<Workflow, String>;

/// The workflow files at the commit.
pub(super) fn workflows(facts: &Facts) -> Vec<Read> {
    let sources = facts.workflows.known().map_or(&[][..], Vec::as_slice);
    let read = |source| Workflow::read(source).ok_or_else(|| source.name.clone());
    sources.iter().map(read).collect()
}

/// Finds the reason in the workflow files.
pub(super) fn absence(want: &Requirement, facts: &Facts, workflows: &[Read]) -> MissingReason {
    let nothing = MissingReason::Noted(Vec::new());
    let Some(name) = want.exact().filter(|_| want.of_a_push()) else { return nothing };
    if workflows.is_empty() {
        return nothing;
    }
    let Ok(branch) = facts.branch.known() else { return nothing };
    let changed = facts.changed.known().ok().map(Vec::as_slice);
    let (mut left_out, mut notes, mut doubts, mut sure) = (vec![], vec![], vec![], false);
    for workflow in workflows {
        let workflow = match workflow {
            Ok(workflow) => workflow,
            Err(path) => {
                doubts.push(format!(
                    "`{path}` cannot be read; it might contain a job with that name"
                ));
                continue;
            }
        };
        let reports = workflow.reports(name);
        let pinned = want.workflow.as_ref().is_none_or(|pin| *pin == workflow.name);
        if !pinned || reports == ReportsCheck::No {
            continue;
        }
        let path = &workflow.path;
        sure |= reports == ReportsCheck::Yes;
        match (workflow.on_push(branch, changed), reports) {
            (OnPush::LeftOut, _) => {
                left_out.push(format!("the path filters of `{path}` exclude this change"));
            }
            (OnPush::Elsewhere, ReportsCheck::Yes) => notes.push(format!(
                "`{path}` has a job with that name, but pushes to `{branch}` do not trigger the workflow"
            )),
            (OnPush::Elsewhere | OnPush::Starts | OnPush::Unclear, _) => {
                doubts.push(format!("`{path}` might report the check"));
            }
        }
    }
    match (left_out.is_empty(), notes.is_empty(), doubts.is_empty()) {
        (false, true, true) if sure => return MissingReason::NotApplicable(left_out),
        (false, _, _) => notes.extend(left_out.into_iter().chain(doubts)),
        (true, true, true) => {
            let at = facts.commit.sha.short();
            notes.push(match &want.workflow {
                Some(pin) => format!("workflow `{pin}` at {at} has no job with that name"),
                None => format!("no workflow file at {at} has a job with that name"),
            });
        }
        (true, _, _) => {}
    }
    MissingReason::Noted(notes)
}
