//! The jobs of a release that verifies its stages: the workflow also runs on a schedule, to continue
//! the release.
//!
//! A job without an environment runs first: it performs the stages before the first environment,
//! takes the samples that are due, and outputs which stage can be entered. The job of that stage
//! starts only after it, because a job of a protected environment needs an approval each time.

use super::{
    Job, checkout, deploys, download, folder, gates, id, reads, secrets, stage_minutes, step,
    triggers, version,
};
use crate::judge::gates::GateSelection;
use crate::project::manifest::{Manifest, Stage};
use crate::project::workflow::APP;
use std::fmt::Write as _;

/// A comment on the release's own tracking issue: on an issue, with the label that only people who
/// can manage issues set, opened by the workflow's own account. tminus reads and evaluates the
/// comment itself.
fn answered() -> String {
    format!(
        "github.event_name == 'issue_comment' && !github.event.issue.pull_request && \
         github.event.issue.user.login == '{APP}[bot]' && \
         contains(github.event.issue.labels.*.name, 'tminus')"
    )
}

/// The events besides a new commit that start the workflow.
fn events(manifest: &Manifest) -> Vec<&'static str> {
    let (verifies, people) = (verifies(manifest), manifest.asks_people());
    let scheduled = verifies || people && triggers::comes_back(manifest);
    let events = [(scheduled, "schedule"), (people, "issue_comment")];
    events.into_iter().filter(|(wanted, _)| *wanted).map(|(_, event)| event).collect()
}

const SCHEDULE_EVENT: &str = "github.event_name == 'schedule'";

/// The condition of downloads: only a run that built the assets has them.
fn built(manifest: &Manifest) -> String {
    match triggers::comes_back(manifest) {
        true => "needs.build.result == 'success'".into(),
        false => not_scheduled(manifest),
    }
}

/// Whether a stage is verified, so that the workflow samples it on a schedule.
fn verifies(manifest: &Manifest) -> bool {
    manifest.stages.iter().any(|stage| stage.verify.is_some())
}

/// The condition of an event that continues a release that was started.
fn continued(manifest: &Manifest) -> String {
    let events = events(manifest).into_iter().map(|event| match event {
        "issue_comment" => format!("({})", answered()),
        _ => SCHEDULE_EVENT.to_owned(),
    });
    events.collect::<Vec<_>>().join(" || ")
}

/// The condition of jobs that only a new commit or a person starts.
pub(super) fn not_scheduled(manifest: &Manifest) -> String {
    let events = events(manifest).into_iter();
    let events: Vec<String> = events.map(|it| format!("github.event_name != '{it}'")).collect();
    events.join(" && ")
}

/// Another event continues an unfinished release.
fn resumes(manifest: &Manifest) -> String {
    let events = events(manifest).into_iter();
    let events: Vec<String> = events.map(|it| format!("github.event_name == '{it}'")).collect();
    format!("${{{{ {} }}}}", events.join(" || "))
}

/// The outputs of every job here.
const OUTPUTS: &[&str] = &["outcome", "next-stage"];

/// Intervals in minutes that divide an hour, longest first.
const MINUTES: [u64; 7] = [30, 20, 15, 12, 10, 6, 5];

/// When the check job runs: for a new commit or a person, and when the schedule opens. Without
/// verification, the schedule starts the workflow at no other time.
pub(super) fn check_condition(manifest: &Manifest) -> Option<String> {
    if !returns(manifest) {
        return None;
    }
    let crons = triggers::crons(manifest);
    let crons: Vec<String> =
        crons.into_iter().map(|cron| format!("github.event.schedule == '{cron}'")).collect();
    let fresh = not_scheduled(manifest);
    Some(match crons.is_empty() {
        true => fresh,
        false => format!("{fresh} || {}", crons.join(" || ")),
    })
}

/// Whether a release waits for its verification, or for people.
pub(super) fn returns(manifest: &Manifest) -> bool {
    !events(manifest).is_empty()
}

/// The trigger for comments on the tracking issue.
pub(super) fn comments(manifest: &Manifest) -> &'static str {
    match manifest.asks_people() {
        true => {
            "  # Continues a release when somebody comments on its tracking issue.\n  issue_comment:\n    \
             types: [created]\n"
        }
        false => "",
    }
}

/// Comments on each issue have separate runs, so that they do not cancel the run of a commit.
pub(super) fn group(manifest: &Manifest) -> &'static str {
    match manifest.asks_people() {
        true => {
            "${{ github.event.issue.number && format('issue-{0}', github.event.issue.number) || github.ref }}"
        }
        false => "${{ github.ref }}",
    }
}

/// The schedule of the workflow: as often as the stages are sampled, but not more often than GitHub
/// allows (<https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule>).
pub(super) fn schedule(manifest: &Manifest) -> String {
    if !verifies(manifest) {
        return String::new();
    }
    let every = manifest.stages.iter().filter_map(Stage::every_seconds).min().unwrap_or(3_600);
    let minutes = MINUTES.into_iter().find(|minutes| minutes * 60 <= every);
    let cron = match minutes.filter(|_| every < 3_600) {
        Some(minutes) => format!("*/{minutes} * * * *"),
        None if every < 3_600 => "*/5 * * * *".into(),
        None => "17 * * * *".into(),
    };
    format!("  # Continues a release that is on hold.\n  schedule:\n    - cron: \"{cron}\"\n")
}

/// The job `prepare`, and one for each stage from the first environment on.
pub(super) fn jobs(manifest: &Manifest, before: &[String], text: &mut String) {
    let first = manifest.stages.iter().position(|stage| stage.environment.is_some());
    let (alone, entered) = manifest.stages.split_at(first.unwrap_or(manifest.stages.len()));
    prepare(manifest, alone, before, text);
    let mut previous: Option<String> = None;
    for stage in entered {
        enter(manifest, stage, previous.as_deref(), text);
        previous = Some(id(stage));
    }
}

fn prepare(manifest: &Manifest, stages: &[Stage], before: &[String], text: &mut String) {
    let mut permissions =
        vec![("contents: write", "the draft, the tag, the release and the ledger")];
    permissions.extend(reads(manifest, &gates::needs(manifest, &GateSelection::release())));
    permissions.extend(super::tracks(manifest));
    if manifest.stages.iter().any(|stage| stage.environment.is_some()) {
        permissions.push(("deployments: write", "the deployments of the environments"));
    }
    let continued = continued(manifest);
    let due = match manifest.asks_people() {
        true => format!("({} && {})", not_scheduled(manifest), super::due(manifest)),
        false => super::due(manifest),
    };
    // A started release continues, regardless of the check of a new commit.
    let due = match triggers::comes_back(manifest) {
        true => format!("!cancelled() && ({continued} || !failure() && {due})"),
        false => format!("!cancelled() && !failure() && ({continued} || {due})"),
    };
    let minutes = manifest.stages.iter().map(|stage| stage_minutes(manifest, stage)).max();
    Job {
        id: "prepare",
        name: "tminus prepare",
        needs: before.to_vec(),
        condition: Some(format!("${{{{ {due} }}}}")),
        minutes: minutes.unwrap_or(60),
        environment: None,
        permissions,
        outputs: OUTPUTS,
    }
    .begin(manifest, text);
    checkout(text);
    if let Some(folder) = stages.iter().find_map(folder) {
        download(manifest, &folder, Some(&built(manifest)), text);
    }
    let mut with = vec![("command", "release"), ("no-enter", "true")];
    let resumes = resumes(manifest);
    with.extend(common(manifest, &resumes));
    step(manifest, "Continue up to the next environment", Some("tminus"), &with, text);
    secrets(&stages.iter().collect::<Vec<_>>(), text);
}

fn enter(manifest: &Manifest, stage: &Stage, previous: Option<&str>, text: &mut String) {
    let name = stage.name.value.as_str();
    let mut permissions =
        vec![("contents: write", "the draft, the tag, the release and the ledger")];
    permissions.extend(reads(manifest, &gates::needs(manifest, &GateSelection::release())));
    permissions.extend(super::tracks(manifest));
    permissions.extend(deploys(manifest, stage));
    let mut needs = vec!["prepare".to_owned()];
    if triggers::comes_back(manifest) && manifest.workflow.build.is_some() {
        needs.push("build".to_owned());
    }
    let mut ready = format!("needs.prepare.outputs.next-stage == '{name}'");
    if let Some(previous) = previous {
        needs.push(previous.to_owned());
        let _ = write!(ready, " || needs.{previous}.outputs.next-stage == '{name}'");
    }
    Job {
        id: &id(stage),
        name: &format!("tminus {name}"),
        needs,
        condition: Some(format!("${{{{ !cancelled() && !failure() && ({ready}) }}}}")),
        minutes: stage_minutes(manifest, stage),
        environment: stage.environment.as_ref().map(super::entered),
        permissions,
        outputs: OUTPUTS,
    }
    .begin(manifest, text);
    checkout(text);
    if let Some(folder) = folder(stage) {
        download(manifest, &folder, Some(&built(manifest)), text);
    }
    let wait = manifest.workflow.wait.as_str();
    let mut with = vec![("command", "release"), ("through", name), ("wait", wait)];
    let resumes = resumes(manifest);
    with.extend(common(manifest, &resumes));
    step(manifest, &format!("Release through {name}"), Some("tminus"), &with, text);
    secrets(&[stage], text);
}

/// A hold is not a failure here: a later event continues the release.
fn common<'r>(manifest: &Manifest, resumes: &'r str) -> Vec<(&'static str, &'r str)> {
    let mut with = vec![("hold-ok", "true"), ("resume", resumes)];
    with.extend(version(manifest));
    with
}
