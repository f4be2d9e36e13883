//! GitHub's limits for a job: its id, its duration, the workflow that it calls. tminus refuses to
//! write a workflow that GitHub would refuse.

use crate::base::finding::Finding;
use crate::planner::steps;
use crate::project::manifest::{Manifest, Runner, Stage};
use crate::project::workflow::FOLDER;
use std::collections::BTreeMap;

/// Minutes of a job in addition to its waits and its own commands.
const SPARE_MINUTES: u64 = 20;
/// Additional minutes if tminus is built first.
const BUILD_MINUTES: u64 = 20;
/// The maximum duration of a job in minutes, on GitHub-hosted runners and on others
/// (<https://docs.github.com/en/actions/reference/limits>).
const MAX_HOSTED: u64 = 360;
const MAX_MINUTES: u64 = 5 * 24 * 60;
/// The maximum length of a job's ID, in characters.
const LONGEST: usize = 99;

/// Checks that GitHub accepts the jobs of the release.
///
/// # Errors
/// What GitHub would reject, with an alternative.
pub(super) fn release(manifest: &Manifest) -> Result<(), Box<Finding>> {
    apart(manifest)?;
    for stage in &manifest.stages {
        let id = id(stage);
        if id.len() > LONGEST {
            let finding = Finding::new(format!(
                "the job ID of stage `{}` would have {} characters; GitHub allows at most {LONGEST}",
                stage.name.value,
                id.len()
            ));
            return Err(Box::new(finding.help("give the stage a shorter name")));
        }
        in_time(manifest, stage.name.value.as_str(), stage_minutes(manifest, stage))?;
    }
    in_time(manifest, "check", check_minutes(manifest))
}

fn in_time(manifest: &Manifest, job: &str, minutes: u64) -> Result<(), Box<Finding>> {
    let most = if is_hosted(&manifest.workflow.runner) { MAX_HOSTED } else { MAX_MINUTES };
    if minutes <= most {
        return Ok(());
    }
    let whose = if most == MAX_HOSTED { "GitHub-hosted runners" } else { "runners" };
    let finding = Finding::new(format!(
        "the job of `{job}` may take {minutes} minutes, but {whose} stop a job after {most} minutes"
    ))
    .note(
        "this is the sum of `workflow.wait`, the `timeout` of the stage's commands, and \
           start-up time",
    );
    Err(Box::new(finding.help(
        "shorten `workflow.wait` or these timeouts, or split the stage; to wait longer, run the \
         workflow again",
    )))
}

/// Whether the runner is a standard GitHub-hosted one. Other labels can belong to larger or
/// self-hosted runners.
fn is_hosted(runner: &Runner) -> bool {
    let hosted = |label: &String| {
        let label = label.to_ascii_lowercase();
        ["ubuntu-", "windows-", "macos-"].iter().any(|system| label.starts_with(system))
    };
    runner.group.is_none() && runner.labels.len() == 1 && runner.labels.iter().all(hosted)
}

/// The value of `uses` for the build workflow.
///
/// # Errors
/// When GitHub cannot call a workflow at this path.
pub(super) fn callable(build: &str) -> Result<String, Box<Finding>> {
    let (name, comment) = build.split_once(" #").unwrap_or((build, ""));
    let path = name.trim().trim_start_matches("./");
    let file = |path: &str| {
        let name = path.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/'));
        name.is_some_and(|name| {
            !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml"))
        })
    };
    if file(path) {
        return Ok(format!("./{path}"));
    }
    let remote = path.split_once('@').filter(|(path, at)| {
        let mut parts = path.splitn(3, '/');
        let owner = [parts.next(), parts.next()].into_iter().flatten().all(|part| !part.is_empty());
        owner && parts.next().is_some_and(file) && !at.trim().is_empty()
    });
    if remote.is_some() {
        let comment = if comment.is_empty() { String::new() } else { format!(" #{comment}") };
        return Ok(format!("{path}{comment}"));
    }
    let finding = Finding::new(format!("`{build}` is not a reusable workflow"))
        .note(format!("GitHub calls only files directly in `{FOLDER}`"));
    Err(Box::new(finding.help(
        "set `workflow.build` to `.github/workflows/FILE.yml`, or to \
         `OWNER/REPO/.github/workflows/FILE.yml@COMMIT` for a workflow of another repository",
    )))
}

/// Two jobs with the same ID would become one job, so a stage could lose its environment. GitHub
/// ignores case in these IDs.
fn apart(manifest: &Manifest) -> Result<(), Box<Finding>> {
    let mut stages: BTreeMap<String, &Stage> = BTreeMap::new();
    for stage in &manifest.stages {
        if let Some(other) = stages.insert(id(stage).to_ascii_lowercase(), stage) {
            let (one, two) = (other.name.value.as_str(), stage.name.value.as_str());
            let finding = Finding::new(format!(
                "stages `{one}` and `{two}` would have the same job id, `{}`",
                id(stage)
            ));
            return Err(Box::new(finding.help("give one of them another name")));
        }
    }
    Ok(())
}

/// Text in a workflow must not be evaluated as an expression.
pub(super) fn expressions(manifest: &Manifest) -> Result<(), Box<Finding>> {
    let rules = &manifest.workflow;
    let environments = manifest.stages.iter().filter_map(Stage::environment_name);
    let branches = manifest.branches.iter().map(|branch| branch.value.as_str());
    let runner = rules.runner.labels.iter().chain(&rules.runner.group);
    let texts = rules.action.iter().chain(&rules.build).chain(runner);
    let texts = texts.map(String::as_str).chain(environments);
    match texts.chain(branches).find(|text| text.contains("${{")) {
        None => Ok(()),
        Some(text) => Err(Box::new(
            Finding::new(format!("`{text}` contains an expression"))
                .help("write a literal value: GitHub Actions would evaluate `${{ }}`"),
        )),
    }
}

/// The ID of a stage's job. On GitHub, these IDs start with a letter or a single `_`, and contain no
/// dots.
pub(super) fn id(stage: &Stage) -> String {
    let name = stage.name.value.as_str().replace('.', "-");
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = plain && !name.starts_with("__");
    if plain && !["check", "build", "prepare"].iter().any(|taken| name.eq_ignore_ascii_case(taken))
    {
        name
    } else {
        format!("stage-{name}")
    }
}

/// The time limit of the job that checks merges, in minutes.
pub(super) fn gate_minutes(manifest: &Manifest) -> u64 {
    spare(manifest)
}

/// The time limit of the job that runs all gates, in minutes.
pub(super) fn check_minutes(manifest: &Manifest) -> u64 {
    spare(manifest) + waiting(manifest)
}

/// The time limit of a stage's job, in minutes.
pub(super) fn stage_minutes(manifest: &Manifest, stage: &Stage) -> u64 {
    check_minutes(manifest).saturating_add(minutes(stage))
}

fn spare(manifest: &Manifest) -> u64 {
    SPARE_MINUTES + if manifest.workflow.from_source { BUILD_MINUTES } else { 0 }
}

fn waiting(manifest: &Manifest) -> u64 {
    manifest.workflow.wait_seconds.div_ceil(60)
}

fn minutes(stage: &Stage) -> u64 {
    let commands = stage.steps.iter().filter_map(|step| steps::runs(&step.value));
    commands.map(|command| command.timeout_seconds).sum::<u64>().div_ceil(60)
}

/// A YAML scalar; JSON's strings are YAML's double-quoted ones.
pub(super) fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./-@ ".contains(c);
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.');
    let word = !matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | "."
    );
    if first && word && text.chars().all(plain) && text.trim() == text {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}
