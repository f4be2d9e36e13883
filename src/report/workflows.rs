//! The text of the workflows that a manifest needs: one checks merges, one releases.
//!
//! Stages become sequential jobs that share the release's ledger: each job can be rerun alone.
//! Their names cannot be confused with the project's own checks. Every job has only the permissions
//! that it needs, and actions are pinned by commit, except tminus's own.

use super::job_limits::{self as limits, check_minutes, gate_minutes, id, scalar, stage_minutes};
use crate::base::finding::Finding;
use crate::base::source::Source;
use crate::judge::gates::{self, Asking, Need};
use crate::planner::steps;
use crate::project::manifest::{Manifest, Runner, Stage};
use std::fmt::Write as _;

/// The first line of every file that is written here.
pub const MARK: &str = "# Written by `tminus workflow`; change tminus.yaml and write it again.";

/// Actions, pinned by commit, with the tag that the commit had.
const CHECKOUT: &str = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1";
const DOWNLOAD: &str =
    "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1";

/// The action of this very version, by its tag: the commit that pins a program's checksum is made
/// after the program, which therefore cannot name it.
pub const ACTION: &str = concat!("tminus-dev/tminus@v", env!("CARGO_PKG_VERSION"));

/// Why the action is named by a tag, if the manifest does not name an action.
const BY_TAG: &str = "        # The tag of the tminus version that wrote this file. Check that it \
                      is published. To pin a\n        # commit instead, set `workflow.action` in \
                      tminus.yaml.\n";

/// Where workflows are written.
pub const PATHS: [&str; 2] =
    [".github/workflows/tminus-check.yml", ".github/workflows/tminus-release.yml"];

/// Every workflow of a manifest, each with its path; none if it names no forge.
///
/// # Errors
/// When a workflow cannot be made from it, with what to do.
pub fn workflows(manifest: &Manifest) -> Result<Vec<Source>, Box<Finding>> {
    if !manifest.forge.has_releases() {
        return Ok(Vec::new());
    }
    limits::expressions(manifest)?;
    let [guards, releases] = PATHS.map(str::to_owned);
    let mut files = vec![Source { name: guards, text: gate(manifest) }];
    if !manifest.workflow.release {
        return Ok(files);
    }
    if manifest.workflow.build.is_none() && manifest.stages.iter().any(has_assets) {
        let finding = Finding::new("a stage has assets, but `workflow.build` is not set").help(
            "set it to the workflow that builds them and uploads them as an artifact: \
                       `workflow: { build: .github/workflows/build.yml }`",
        );
        return Err(Box::new(finding));
    }
    limits::release(manifest)?;
    let build = manifest.workflow.build.as_deref().map(limits::callable).transpose()?;
    files.push(Source { name: releases, text: release(manifest, build.as_deref()) });
    Ok(files)
}

fn has_assets(stage: &Stage) -> bool {
    stage.steps.iter().any(|step| !steps::files(&step.value).is_empty())
}

/// The workflow that checks whether a merge would leave the branch releasable.
fn gate(manifest: &Manifest) -> String {
    let mut text = format!(
        "{MARK}\nname: tminus-check\n\non:\n  pull_request:\n    \
         types: [opened, synchronize, reopened, edited]\n"
    );
    text.push_str(&branches(manifest));
    text.push_str("  merge_group:\n\npermissions: {}\n\n");
    text.push_str(
        "concurrency:\n  group: tminus-check-${{ github.event.pull_request.number || github.sha }}\n  \
         cancel-in-progress: true\n\njobs:\n",
    );
    let job = Job {
        id: "releasable",
        name: "tminus releasable",
        needs: Vec::new(),
        condition: None,
        minutes: gate_minutes(manifest),
        environment: None,
        permissions: vec![
            ("contents: read", "the manifest, the changelog and the history"),
            ("pull-requests: read", "the title"),
        ],
        outputs: None,
    };
    job.begin(manifest, &mut text);
    checkout(&mut text);
    step(
        manifest,
        "Check that the branch stays releasable",
        None,
        &[("command", "check")],
        &mut text,
    );
    text
}

/// The workflow that releases what is due on a branch.
fn release(manifest: &Manifest, build: Option<&str>) -> String {
    let mut text = format!("{MARK}\nname: tminus-release\n\non:\n  push:\n");
    if manifest.version.is_given() {
        text.push_str(&given(manifest));
    } else {
        text.push_str(&branches(manifest));
        text.push_str("  workflow_dispatch:\n");
    }
    text.push_str("\npermissions: {}\n\n");
    text.push_str(
        "# One release at a time; the next run sees what this one has done.\n\
         concurrency:\n  group: tminus-release-${{ github.ref }}\n  cancel-in-progress: false\n\njobs:\n",
    );
    check_job(manifest, &mut text);
    let mut before = vec!["check".to_owned()];
    if let Some(build) = build {
        let attest = "      id-token: write # to sign the attestations\n      \
                      attestations: write # to store them\n";
        let attest = if manifest.workflow.attest { attest } else { "" };
        let (why, ignore) = match build.starts_with("./") {
            true => (
                "    # Use `./`, because GitHub Enterprise Server does not support `$/`.\n",
                " # zizmor: ignore[self-repository]",
            ),
            false => ("", ""),
        };
        let (build, comment) = commented(build);
        let _ = write!(
            text,
            "\n  build:\n    name: tminus build\n    needs: [check]\n    if: {DUE}\n    permissions:\n      \
             contents: read # the sources\n{attest}{why}    uses: {}{comment}{ignore}\n",
            scalar(build)
        );
        before.push("build".into());
    }
    for stage in &manifest.stages {
        stage_job(manifest, stage, &before, &mut text);
        before = vec!["check".into(), id(stage)];
    }
    text
}

/// What starts the release of a version that a person gives: its tag, or the version as an input.
fn given(manifest: &Manifest) -> String {
    let tags = scalar(&manifest.tag.value.filter());
    format!(
        "    tags: [{tags}]\n  workflow_dispatch:\n    inputs:\n      version:\n        \
         description: The version to release\n        type: string\n        required: true\n"
    )
}

/// The input that holds the version, if a person gives it; it is empty if a tag started the run.
fn version(manifest: &Manifest) -> Option<(&'static str, &'static str)> {
    manifest.version.is_given().then_some(("version", "${{ inputs.version }}"))
}

/// Whether there is something to release.
const DUE: &str = "needs.check.outputs.outcome != 'nothing-to-release'";

fn check_job(manifest: &Manifest, text: &mut String) {
    let needs = gates::needs(manifest, &Asking::default());
    let mut permissions = vec![if needs.contains(&Need::Rights) {
        ("contents: write", "`rights-suffice` only tests this permission")
    } else {
        ("contents: read", "the manifest, the changelog and the history")
    }];
    permissions.extend(reads(manifest, &needs));
    let job = Job {
        id: "check",
        name: "tminus check",
        needs: Vec::new(),
        condition: None,
        minutes: check_minutes(manifest),
        environment: None,
        permissions,
        outputs: Some("outcome: ${{ steps.tminus.outputs.outcome }}"),
    };
    job.begin(manifest, text);
    checkout(text);
    let mut with = vec![("command", "check"), ("wait", manifest.workflow.wait.as_str())];
    with.extend(version(manifest));
    step(manifest, "Run all gates", Some("tminus"), &with, text);
}

fn stage_job(manifest: &Manifest, stage: &Stage, before: &[String], text: &mut String) {
    let name = stage.name.value.as_str();
    let mut permissions =
        vec![("contents: write", "the draft, the tag, the release and the ledger")];
    permissions.extend(reads(manifest, &gates::needs(manifest, &Asking::release())));
    let job = Job {
        id: &id(stage),
        name: &format!("tminus {name}"),
        needs: before.to_vec(),
        condition: Some(DUE),
        minutes: stage_minutes(manifest, stage),
        environment: stage.environment.as_deref(),
        permissions,
        outputs: None,
    };
    job.begin(manifest, text);
    checkout(text);
    if let Some(folder) = folder(stage) {
        let artifact = scalar(&manifest.workflow.artifact);
        let _ = write!(
            text,
            "      - name: Download the assets\n        uses: {DOWNLOAD}\n        with:\n          \
             name: {artifact}\n          path: {}\n",
            scalar(&folder)
        );
    }
    let wait = manifest.workflow.wait.as_str();
    let mut with = vec![("command", "release"), ("through", name), ("wait", wait)];
    with.extend(version(manifest));
    step(manifest, &format!("Release through {name}"), None, &with, text);
    if !stage.secrets.is_empty() {
        text.push_str("        env:\n");
        for secret in &stage.secrets {
            let _ = writeln!(text, "          {secret}: ${{{{ secrets.{secret} }}}}");
        }
    }
}

struct Job<'a> {
    id: &'a str,
    name: &'a str,
    needs: Vec<String>,
    condition: Option<&'a str>,
    minutes: u64,
    environment: Option<&'a str>,
    permissions: Vec<(&'a str, &'a str)>,
    outputs: Option<&'a str>,
}

impl Job<'_> {
    fn begin(&self, manifest: &Manifest, text: &mut String) {
        if !text.ends_with("jobs:\n") {
            text.push('\n');
        }
        let _ = writeln!(text, "  {}:\n    name: {}", self.id, scalar(self.name));
        if !self.needs.is_empty() {
            let _ = writeln!(text, "    needs: [{}]", self.needs.join(", "));
        }
        if let Some(condition) = self.condition {
            let _ = writeln!(text, "    if: {condition}");
        }
        let _ = write!(text, "    runs-on:{}", runs_on(&manifest.workflow.runner));
        let _ = writeln!(text, "    timeout-minutes: {}", self.minutes);
        if let Some(environment) = self.environment {
            let _ = writeln!(text, "    environment: {}", scalar(environment));
        }
        text.push_str("    permissions:\n");
        for (permission, why) in &self.permissions {
            let _ = writeln!(text, "      {permission} # {why}");
        }
        if let Some(outputs) = self.outputs {
            let _ = writeln!(text, "    outputs:\n      {outputs}");
        }
        text.push_str("    steps:\n");
    }
}

/// What gates read besides the contents. Environments are read by the permission that lists them
/// (<https://docs.github.com/en/rest/deployments/environments#list-environments>).
fn reads(manifest: &Manifest, needs: &[Need]) -> Vec<(&'static str, &'static str)> {
    let environments = manifest.stages.iter().any(|stage| stage.environment.is_some());
    let mut reads = Vec::new();
    if needs.contains(&Need::Checks) {
        reads.push(("checks: read", "what CI reported"));
        reads.push(("statuses: read", "what CI reported as a commit status"));
        reads.push(("actions: read", "which workflow a check belongs to"));
    } else if environments && needs.contains(&Need::Rights) {
        reads.push(("actions: read", "whether the environments of the stages exist"));
    }
    if needs.contains(&Need::SameTree) {
        reads.push(("pull-requests: read", "checks of the same tree"));
    }
    reads
}

fn checkout(text: &mut String) {
    let _ = write!(
        text,
        "      - name: Check out\n        uses: {CHECKOUT}\n        with:\n          fetch-depth: 0\n          \
         persist-credentials: false\n"
    );
}

fn step(
    manifest: &Manifest,
    name: &str,
    id: Option<&str>,
    with: &[(&str, &str)],
    text: &mut String,
) {
    let action = manifest.workflow.action.as_deref().unwrap_or(ACTION);
    let (action, mut comment) = commented(action);
    let _ = writeln!(text, "      - name: {}", scalar(name));
    if manifest.workflow.action.is_none() {
        text.push_str(BY_TAG);
        comment = " # zizmor: ignore[unpinned-uses]".to_owned();
    }
    if let Some(id) = id {
        let _ = writeln!(text, "        id: {id}");
    }
    let _ = writeln!(text, "        uses: {}{comment}\n        with:", scalar(action));
    for (key, value) in with {
        let _ = writeln!(text, "          {key}: {}", scalar(value));
    }
    if manifest.workflow.from_source {
        text.push_str("          install: source\n");
    }
}

/// The filter on branches; none where GitHub would read a pattern otherwise than we do, and the
/// gate `branch-allowed` decides alone
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>).
fn branches(manifest: &Manifest) -> String {
    let patterns: Vec<&str> = manifest.branches.iter().map(|b| b.value.as_str()).collect();
    let odd =
        |pattern: &str| pattern.replace("[0-9]", "").contains(['?', '[', '{', '+', '!', '\\']);
    if patterns.iter().any(|pattern| odd(pattern)) {
        return String::new();
    }
    let list: Vec<String> = patterns.into_iter().map(scalar).collect();
    format!("    # Branches that do not exist are ignored.\n    branches: [{}]\n", list.join(", "))
}

/// The folder of a stage's assets, if it has any.
fn folder(stage: &Stage) -> Option<String> {
    let first = stage.steps.iter().flat_map(|step| steps::files(&step.value)).next()?;
    let parts: Vec<&str> = first.value.as_str().split('/').collect();
    let whole = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{'])).count();
    let folder = parts.get(..whole.min(parts.len() - 1)).unwrap_or(&[]).join("/");
    Some(if folder.is_empty() { ".".into() } else { folder })
}

/// The text before a comment, and the comment.
fn commented(text: &str) -> (&str, String) {
    match text.split_once(" #") {
        Some((text, comment)) => (text.trim(), format!(" #{comment}")),
        None => (text.trim(), String::new()),
    }
}

/// What `runs-on` says, behind its colon.
fn runs_on(runner: &Runner) -> String {
    let labels: Vec<String> = runner.labels.iter().map(|label| scalar(label)).collect();
    let list = |labels: &[String]| match labels {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    match &runner.group {
        None => format!(" {}\n", list(&labels)),
        Some(group) => {
            let labels = match labels.as_slice() {
                [] => String::new(),
                some => format!("      labels: {}\n", list(some)),
            };
            format!("\n      group: {}\n{labels}", scalar(group))
        }
    }
}
