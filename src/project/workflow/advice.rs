//! What a project must change in its own workflows before it releases with tminus, file by file.
//! This is advice, not a gate: a file that cannot be parsed is reported and blocks nothing.

use super::file::{FOLDER, OnPush, Workflow};
use crate::base::names::BranchName;
use crate::base::source::Source;
use crate::project::manifest::{Manifest, Mode};

/// What to change, one line for each item, given the project's own workflow files.
#[must_use]
pub fn advice(manifest: &Manifest, files: &[Source]) -> Vec<String> {
    if !manifest.forge.has_releases() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for file in files {
        match Workflow::read(file) {
            Some(workflow) => {
                lines.extend(push(manifest, &workflow));
                lines.extend(silent(&workflow));
            }
            None => lines.push(format!(
                "`{}` cannot be parsed as a workflow; check which events trigger it",
                file.name
            )),
        }
    }
    lines.extend(build(manifest, files));
    for stage in &manifest.stages {
        lines.extend(stage.environment_name().map(|name| {
            format!(
                "environment `{name}`: create it in the repository's settings, with its reviewers, \
                 before the first release; GitHub creates a missing environment without protection"
            )
        }));
    }
    if manifest.workflow.calendar {
        lines.push(
            "the calendar's page: in the repository's settings, under *Pages*, set *Source* to \
             *GitHub Actions*"
                .into(),
        );
    }
    lines
}

/// A release requires checks on the commit of the branch, and the checks of a pull request are on
/// another commit.
fn push(manifest: &Manifest, workflow: &Workflow) -> Option<String> {
    let gates = manifest.gates.iter().flatten();
    let off = |id: &str| gates.clone().any(|gate| gate.id.value == id && gate.mode == Mode::Off);
    if off("checks-green") || !workflow.starts_on("pull_request") {
        return None;
    }
    let branches = manifest.branches.iter().filter(|branch| !branch.value.is_wild());
    let names: Vec<BranchName> =
        branches.filter_map(|branch| BranchName::new(branch.value.as_str()).ok()).collect();
    let elsewhere = |name: &BranchName| workflow.on_push(name, None) == OnPush::Elsewhere;
    // A repository has only one of the usual branch names.
    let first = names.first().filter(|_| names.iter().all(elsewhere))?;
    Some(format!(
        "`{}` runs on `pull_request` but not on pushes to `{first}`, so its checks do not run on \
         the release commit; add `push: {{ branches: [{first}] }}` under `on:`",
        workflow.path
    ))
}

/// GitHub does not start workflows for events that a job's own token causes
/// (<https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow#triggering-a-workflow-from-a-workflow>).
fn silent(workflow: &Workflow) -> Option<String> {
    let release = workflow.starts_on("release").then_some("`release`");
    let tags = workflow.waits_for_tags().then_some("pushed tags");
    let create = workflow.starts_on("create").then_some("`create`");
    let events: Vec<&str> = [release, tags, create].into_iter().flatten().collect();
    (!events.is_empty()).then(|| {
        format!(
            "`{}` is triggered by {}, but GitHub does not trigger workflows for releases or tags \
             created with `GITHUB_TOKEN`; move its work to a `run` step, or pass a GitHub App \
             token to the action as `token`",
            workflow.path,
            events.join(" and ")
        )
    })
}

/// The workflow that the release calls.
fn build(manifest: &Manifest, files: &[Source]) -> Option<String> {
    let build = manifest.workflow.build.as_deref().filter(|_| manifest.workflow.release)?;
    let path = build.trim_start_matches("./");
    if !path.starts_with(FOLDER) {
        return None; // A workflow in another repository.
    }
    let Some(file) = files.iter().find(|file| file.name == path) else {
        return Some(format!("`workflow.build` refers to `{path}`, which does not exist"));
    };
    let workflow = Workflow::read(file)?;
    if !workflow.starts_on("workflow_call") {
        return Some(format!(
            "`{path}` cannot be called by the release: add `workflow_call:` under `on:`"
        ));
    }
    let attests =
        ["attestations: write", "id-token: write"].iter().all(|it| file.text.contains(it));
    (attests && !manifest.workflow.attest).then(|| {
        format!(
            "`{path}` creates attestations, but a called workflow does not have that permission by \
             default: set `attest: on` under `workflow`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::manifest::read;

    fn said(manifest: &str, files: &[(&str, &str)]) -> Vec<String> {
        let source = Source { name: "tminus.yaml".into(), text: manifest.into() };
        let files: Vec<Source> = files
            .iter()
            .map(|(name, text)| Source { name: format!("{FOLDER}/{name}"), text: (*text).into() })
            .collect();
        advice(&read(source, &crate::adapters::kinds()).unwrap(), &files)
    }

    const JOBS: &str = "jobs: { a: { runs-on: x } }\n";

    #[test]
    fn ci_that_runs_only_on_pull_requests_is_reported() {
        let ci = format!("on: pull_request\n{JOBS}");
        let said = said("branches: [main]\n", &[("ci.yml", &ci)]);
        assert_eq!(
            said,
            ["`.github/workflows/ci.yml` runs on `pull_request` but not on pushes to `main`, so \
                 its checks do not run on the release commit; add `push: { branches: \
                 [main] }` under `on:`"]
        );
    }

    #[test]
    fn ci_that_runs_on_pushes_to_a_usual_default_branch_is_accepted() {
        let ci = format!("on: {{ pull_request: , push: {{ branches: [master] }} }}\n{JOBS}");
        assert!(said("name: x\n", &[("ci.yml", &ci)]).is_empty());
        let tags = format!("on: {{ pull_request: , push: {{ tags: [v*] }} }}\n{JOBS}");
        assert_eq!(said("name: x\n", &[("ci.yml", &tags)]).len(), 2);
    }

    #[test]
    fn events_not_triggered_by_the_job_token_are_reported() {
        for on in ["release", "{ push: { tags: ['v*'] } }", "{ release: { types: [published] } }"] {
            let said = said("name: x\n", &[("publish.yml", &format!("on: {on}\n{JOBS}"))]);
            assert!(said.len() == 1 && said[0].contains("GITHUB_TOKEN"), "{on}: {said:?}");
        }
        assert!(said("name: x\n", &[("a.yml", &format!("on: push\n{JOBS}"))]).is_empty());
    }

    #[test]
    fn a_build_workflow_that_cannot_be_called_is_reported() {
        let manifest = "workflow: { build: .github/workflows/build.yml }\n";
        assert!(said(manifest, &[])[0].ends_with("does not exist"));
        let pushed = format!("on: push\n{JOBS}");
        assert!(said(manifest, &[("build.yml", &pushed)])[0].contains("add `workflow_call:`"));
        let called = format!("on: [push, workflow_call]\n{JOBS}");
        assert!(said(manifest, &[("build.yml", &called)]).is_empty());
        let attests = format!("{called}# id-token: write, attestations: write\n");
        assert!(said(manifest, &[("build.yml", &attests)])[0].contains("attest: on"));
    }

    #[test]
    fn advice_names_missing_environments_and_unparsable_workflow_files() {
        let stages = "stages: [{ name: a, environment: live, steps: [tag] }]\n";
        assert!(said(stages, &[])[0].starts_with("environment `live`: create it"));
        assert!(said("name: x\n", &[("a.yml", "on: [")])[0].contains("cannot be parsed"));
        assert!(said("forge: none\n", &[("a.yml", "on: [")]).is_empty());
    }
}
