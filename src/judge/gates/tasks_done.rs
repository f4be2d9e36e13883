//! `tasks-done`: every task that is due before the stage is done.

use super::gate::{Need, Occasion, Rule};
use super::people::{asked_since, cannot_read, no_candidate, where_to_say};
use crate::base::awaited::Awaited;
use crate::base::finding::{Finding, Who};
use crate::base::names::StageName;
use crate::base::seen::Unseen;
use crate::facts::{CheckState, Conclusion, Seen};
use crate::judge::case::Case;
use crate::judge::dates::due as due_date;
use crate::judge::people::Statements;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Role, Task, TaskProof};

/// The rule.
pub(super) struct TasksDone;

impl Rule for TasksDone {
    const ID: &'static str = "tasks-done";
    const ASKS: &'static str = "are all tasks that the stage waits for done?";
    const PAGE: &'static str = include_str!("../../../docs/gates/tasks-done.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::Branch, Need::People]
    }

    fn by_default(case: &Case<'_>) -> bool {
        !case.manifest.tasks.is_empty()
    }

    fn before(case: &Case<'_>) -> Option<StageName> {
        let tasks = &case.manifest.tasks;
        let stages = tasks.iter().map(|task| task.before.as_ref());
        let first = stages.min_by_key(|name| name.and_then(|name| case.manifest.position(name)));
        first.flatten().cloned()
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let tasks: Vec<&Task> = due(case);
        if tasks.is_empty() {
            return Ruling::go("no task is due");
        }
        let statements = match Statements::new(case) {
            Ok(Some(statements)) => statements,
            Ok(None) => return no_candidate(case),
            Err(unseen) => return cannot_read(unseen),
        };
        let states: Vec<(&Task, TaskState<'_>)> =
            tasks.into_iter().map(|task| (task, state(case, task, &statements))).collect();
        judge(case, &statements, &states)
    }
}

/// A task, with who completed it or why it is open (`None` if there is no statement), for reports.
pub type TaskResult<'a> = (&'a Task, Result<String, Option<String>>);

/// Every task of the manifest; `None` if what people said cannot be read.
#[must_use]
pub fn tasks<'a>(case: &Case<'a>) -> Option<Vec<TaskResult<'a>>> {
    let statements = Statements::new(case).ok()??;
    let state = |task: &'a Task| match state(case, task, &statements) {
        TaskState::Done(by) => Ok(by),
        TaskState::Open => Err(None),
        TaskState::NotYet(why) | TaskState::Failed(why) => Err(Some(why)),
        TaskState::Unseen(unseen) => Err(Some(unseen.why.clone())),
    };
    Some(case.manifest.tasks.iter().map(|task| (task, state(task))).collect())
}

/// The tasks that must be done now; for a report before the release, all tasks.
fn due<'a>(case: &Case<'a>) -> Vec<&'a Task> {
    let is_due = |task: &&Task| match (&task.before, case.stage()) {
        (None, _) | (_, None) => true,
        (Some(stage), Some(_)) => case.has_reached(stage),
    };
    case.manifest.tasks.iter().filter(is_due).collect()
}

enum TaskState<'a> {
    Done(String),
    Open,
    /// Its check has not finished or was not reported.
    NotYet(String),
    /// Its check failed.
    Failed(String),
    Unseen(&'a Unseen),
}

fn state<'a>(case: &Case<'a>, task: &Task, statements: &Statements<'a>) -> TaskState<'a> {
    match &task.proof {
        TaskProof::Role(role) => match statements.done(&task.id.value, role) {
            Some(Ok(proven)) => TaskState::Done(proven.statement.by.to_string()),
            Some(Err(unseen)) => TaskState::Unseen(unseen),
            None => TaskState::Open,
        },
        TaskProof::Check(name) => match &case.facts.checks {
            Seen::Unseen(unseen) => TaskState::Unseen(unseen),
            Seen::Known(checks) => {
                let named = |check: &&crate::facts::Check| check.name == *name;
                // The newest report counts.
                let newest = checks.runs.iter().filter(named).max_by_key(|check| check.started_at);
                match newest.map(|check| &check.state) {
                    None => TaskState::NotYet(format!("check `{name}` has not been reported yet")),
                    Some(CheckState::Finished(Conclusion::Success)) => {
                        TaskState::Done(format!("check `{name}`"))
                    }
                    Some(CheckState::Finished(ended)) => TaskState::Failed(failure(name, ended)),
                    Some(CheckState::Pending(_)) => {
                        TaskState::NotYet(format!("check `{name}` has not finished"))
                    }
                }
            }
        },
    }
}

/// How the check failed.
fn failure(name: &str, ended: &Conclusion) -> String {
    match matches!(ended, Conclusion::Failure | Conclusion::Error) {
        true => format!("check `{name}` failed"),
        false => format!("check `{name}` ended with `{}`", ended.word()),
    }
}

fn judge(
    case: &Case<'_>,
    statements: &Statements<'_>,
    states: &[(&Task, TaskState<'_>)],
) -> Ruling {
    let (mut open, mut failed) = (Vec::new(), Vec::new());
    for (task, state) in states {
        let id = &task.id.value;
        match state {
            TaskState::Done(_) => {}
            TaskState::Unseen(unseen) => {
                let what = format!("cannot determine whether the task `{id}` is done");
                return Ruling::unknown(unseen.finding(&what));
            }
            TaskState::Failed(why) => failed.push(
                open_task(case, task, Some(why)).help("fix it or rerun the job").who(Who::Rerunner),
            ),
            TaskState::NotYet(why) => {
                open.push(open_task(case, task, Some(why)).who(Who::Nobody));
            }
            TaskState::Open => open.push(said(case, statements, task)),
        }
    }
    if let Some(first) = failed.first() {
        return Ruling::NoGo { summary: first.message.clone(), findings: failed };
    }
    if open.is_empty() {
        let done = states.iter().filter_map(|(task, state)| {
            let TaskState::Done(by) = state else { return None };
            Some(format!("{} ({by})", task.id.value))
        });
        return Ruling::go(done.collect::<Vec<_>>().join(", "));
    }
    let summary = format!("{} of {} tasks done", states.len() - open.len(), states.len());
    Ruling::Hold { summary, findings: open }
}

/// A task that is not done, with its date.
fn open_task(case: &Case<'_>, task: &Task, why: Option<&String>) -> Finding {
    let id = &task.id.value;
    let due = due_date(case, task);
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    let overdue = due.as_ref().is_some_and(|(due, _)| case.now().is_ok_and(|now| *due < now));
    let state = match &due {
        Some((_, local)) if overdue => format!("has been overdue since {local}"),
        Some(_) | None => "is open".into(),
    };
    let finding = Finding::new(format!("the task `{id}` {state}{why}"))
        .at(&case.manifest.source.name, task.id.span, "")
        .note(task.text.clone())
        .due(due.as_ref().map(|(due, _)| *due));
    match due.filter(|_| !overdue) {
        Some((_, local)) => finding.note(format!("due {local}")),
        None => finding,
    }
}

fn said(case: &Case<'_>, statements: &Statements<'_>, task: &Task) -> Finding {
    let id = &task.id.value;
    let members = match &task.proof {
        TaskProof::Role(role) => case.manifest.role(role).map(Role::described),
        TaskProof::Check(_) => None,
    };
    let help = where_to_say(statements, &format!("tminus done {id}"), &format!("/done {id}"));
    open_task(case, task, None)
        .help(help)
        .people(members.unwrap_or_default())
        .since(asked_since(case))
        .awaits(Awaited::Task { task: id.clone() })
}
