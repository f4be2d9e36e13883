//! The workflows that `tminus workflow` writes, whole, and what becomes of hostile manifests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use tminus::base::source::Source;
use tminus::planner::steps::kinds;
use tminus::project::manifest::{Manifest, read};
use tminus::report::workflows::workflows;

fn manifest(text: &str) -> Manifest {
    read(Source { name: "tminus.yaml".into(), text: text.into() }, &kinds()).unwrap()
}

fn written(text: &str) -> String {
    let files = workflows(&manifest(text)).unwrap();
    let texts: Vec<String> =
        files.iter().map(|file| format!("==> {}\n{}", file.name, file.text)).collect();
    texts.join("\n")
}

fn refused(text: &str) -> String {
    let finding = workflows(&manifest(text)).unwrap_err();
    format!("{}; {}", finding.message, finding.help.unwrap())
}

#[test]
fn a_manifest_without_stages_is_released_by_one_job() {
    insta::assert_snapshot!(written("branches: [main]\n"));
}

#[test]
fn every_stage_is_a_job_with_its_environment_its_secrets_and_no_more_rights_than_it_needs() {
    insta::assert_snapshot!(written(
        "branches: [main, \"release/*\"]
workflow: { build: .github/workflows/build.yml, artifact: binaries, runner: ubuntu-24.04, wait: 1h, action: \"tminus-dev/tminus@0123456789012345678901234567890123456789 # v1\", install: source }
stages:
  - name: candidate
    steps: [{ draft-release: { assets: [\"out/dist/*.gz\", SBOM.json] } }]
  - name: 1.stable
    environment: \"production: eu\"
    secrets: [CARGO_REGISTRY_TOKEN, NPM_TOKEN]
    steps:
      - run: { name: crates-io, command: [./publish], probe: [./published], timeout: 1h }
      - tag
      - publish-release
"
    ));
}

#[test]
fn without_checks_nothing_of_ci_is_read() {
    let text = written("gates: { checks-green: off }\n");
    assert!(!text.contains("checks: read") && !text.contains("actions: read"), "{text}");
}

/// The permissions of one job.
fn permissions(text: &str, job: &str) -> Vec<String> {
    let (_, rest) = text.split_once(&format!("\n  {job}:\n")).unwrap();
    let (_, rest) = rest.split_once("    permissions:\n").unwrap();
    let lines = rest.lines().map_while(|line| line.strip_prefix("      ")?.split_once(" # "));
    lines.map(|(permission, _)| permission.to_owned()).collect()
}

#[test]
fn what_only_some_settings_read_is_granted_with_them_alone() {
    let of_checks = ["checks: read", "statuses: read", "actions: read"];
    let plain = written("gates: { checks-green: { lineage: merge-group } }\n");
    assert_eq!(permissions(&plain, "check"), [&["contents: read"][..], &of_checks].concat());
    assert_eq!(permissions(&plain, "release"), [&["contents: write"][..], &of_checks].concat());

    let twins = written("gates: { checks-green: { lineage: tree } }\n");
    let more = [&of_checks[..], &["pull-requests: read"]].concat();
    assert_eq!(permissions(&twins, "check"), [&["contents: read"][..], &more].concat());
    assert_eq!(permissions(&twins, "release"), [&["contents: write"][..], &more].concat());

    // What `rights-suffice` asks must be within the rights of who asks.
    let named = written("gates: { rights-suffice: on, checks-green: off }\n");
    assert_eq!(permissions(&named, "check"), ["contents: write"]);
    let environment = "stages: [{ name: a, environment: b, steps: [tag] }]\n";
    let unnamed = written(&format!("gates: {{ checks-green: off }}\n{environment}"));
    assert_eq!(permissions(&unnamed, "check"), ["contents: read"]);
    assert_eq!(permissions(&unnamed, "a"), ["contents: write", "actions: read"]);
    let both = "gates: { checks-green: off, rights-suffice: on }\n";
    let both = written(&format!("{both}{environment}"));
    assert_eq!(permissions(&both, "check"), ["contents: write", "actions: read"]);
}

#[test]
fn what_is_built_from_source_has_the_time_for_it() {
    let minutes = |text: &str| -> Vec<u64> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("timeout-minutes: "));
        lines.map(|minutes| minutes.parse().unwrap()).collect()
    };
    assert_eq!(minutes(&written("branches: [main]\n")), [20, 50, 50]);
    assert_eq!(minutes(&written("workflow: { install: source }\n")), [40, 70, 70]);
}

#[test]
fn a_project_that_releases_in_its_own_way_has_its_merges_guarded() {
    let text = "workflow: { release: off }\nstages: [{ name: a, steps: [{ draft-release: { assets: [x] } }] }]\n";
    let files = workflows(&manifest(text)).unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, [".github/workflows/tminus-check.yml"]);
}

#[test]
fn a_branch_pattern_that_github_reads_otherwise_filters_nothing() {
    for pattern in ["v[0-9]*", "release-?", "{main,next}", "+(main)"] {
        let text = written(&format!("branches: [main, \"{pattern}\"]\n"));
        assert!(!text.contains("branches:"), "{pattern}: {text}");
    }
}

#[test]
fn what_cannot_become_a_workflow_is_refused_with_the_way_out() {
    assert_eq!(
        refused("forge: none\n"),
        "with `forge: none` there are no workflows to write; \
         run `tminus check` and `tminus release` from your own CI"
    );
    assert_eq!(
        refused("stages: [{ name: a, steps: [{ draft-release: { assets: [x] } }] }]\n"),
        "a stage has assets, and `workflow.build` does not say who builds them; \
         name the workflow that builds them and leaves them in an artifact: \
         `workflow: { build: .github/workflows/build.yml }`"
    );
    assert_eq!(
        refused("stages: [{ name: a, environment: \"${{ github.head_ref }}\", steps: [tag] }]\n"),
        "`${{ github.head_ref }}` holds an expression; \
         write the value itself: a workflow would evaluate `${{ }}`"
    );
}

#[test]
fn a_hostile_text_stays_one_scalar() {
    let odd = "x\\\"\\n    permissions: write-all #";
    let text = written(&format!(
        "stages: [{{ name: a, environment: \"a: b #c\", steps: [tag] }}]\nworkflow: {{ runner: \"{}\" }}\n",
        odd.replace("\\n", " ")
    ));
    let read: Vec<&str> = text.lines().filter(|line| line.contains("permissions:")).collect();
    assert!(read.iter().all(|line| !line.trim_start().starts_with("permissions: write")), "{text}");
    assert!(text.contains("environment: \"a: b #c\""), "{text}");
}

#[test]
fn two_stages_are_never_one_job() {
    for (one, two) in [("a.b", "a-b"), ("check", "stage-check")] {
        let text = format!(
            "stages: [{{ name: {one}, steps: [tag] }}, {{ name: {two}, steps: [{{ run: {{ name: x, command: [./x], probe: [./y] }} }}] }}]\n"
        );
        let said = refused(&text);
        assert!(
            said.contains(&format!("stages `{one}` and `{two}` would be the same job")),
            "{said}"
        );
    }
}
