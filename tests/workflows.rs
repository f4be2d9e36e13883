//! The workflows that `tminus workflow` writes, whole, and what becomes of hostile manifests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use tminus::adapters::kinds;
use tminus::base::source::Source;
use tminus::project::manifest::{Manifest, read, yaml};
use tminus::report::workflows::workflows;

fn manifest(text: &str) -> Manifest {
    read(Source { name: "tminus.yaml".into(), text: text.into() }, &kinds()).unwrap()
}

fn written(text: &str) -> String {
    let files = workflows(&manifest(text)).unwrap();
    for file in &files {
        // GitHub refuses a workflow in which a key stands twice, and so does this parser.
        let source = Source { name: file.name.clone(), text: file.text.clone() };
        assert_eq!(yaml::parse(&source).err(), None, "{}", file.text);
    }
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
fn every_stage_is_a_job_with_its_environment_secrets_and_minimal_permissions() {
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
fn a_release_with_a_manual_version_starts_on_a_tag_or_a_dispatch() {
    let text = written("version: { policy: manual }\ntag: \"rel-{version}\"\n");
    let (_, release) = text.split_once("==> .github/workflows/tminus-release.yml").unwrap();
    let (start, jobs) = release.split_once("permissions: {}").unwrap();
    insta::assert_snapshot!(start);
    assert_eq!(jobs.matches("version: \"${{ inputs.version }}\"").count(), 2, "{jobs}");
    let odd = written("version: { policy: manual }\ntag: \"a+{version}\"\n");
    assert!(odd.contains("    tags: [\"**\"]\n"), "{odd}");
}

const SCHEDULE: &str = "\
schedule:
  timezone: Europe/Paris
  freezes:
    - { name: weekend, weekly: \"Fri 16:00 - Mon 08:00\" }
    - { name: year end, yearly: \"12-24 - 01-02\" }
  trains:
    - { name: weekly, every: 7d, from: \"2026-12-01 00:30\" }
";

fn release_of(text: &str) -> String {
    let text = written(text);
    let (_, release) = text.split_once("==> .github/workflows/tminus-release.yml").unwrap();
    release.to_owned()
}

#[test]
fn the_calendar_is_published_by_jobs_that_read_or_publish_but_not_both() {
    let manifest = format!(
        "branches: [main]
workflow: {{ calendar: pages, release: off }}
{SCHEDULE}stages:
  - name: stable
    environment: production
    steps: [tag]
"
    );
    let text = written(&manifest);
    let (_, calendar) = text.split_once("==> .github/workflows/tminus-calendar.yml").unwrap();
    insta::assert_snapshot!(calendar);
    assert!(!written(&manifest.replace("pages", "off")).contains("tminus-calendar"));
}

#[test]
fn a_workflow_with_every_feature_names_each_permission_once() {
    insta::assert_snapshot!(release_of(&format!(
        "branches: [main]
{SCHEDULE}roles: {{ qa: [lin] }}
gates:
  approved: {{ roles: [qa] }}
  accepted: {{ role: qa, scenarios: [install], feedback: uat }}
  no-blockers: {{ labels: [blocker] }}
  checks-green: on
stages:
  - name: staging
    environment: staging
    steps: [{{ run: {{ name: deploy, command: [./deploy], probe: [./deployed] }} }}]
    verify: [{{ run: {{ command: [./healthy] }} }}]
    soak: 1d
  - name: stable
    gates: [approved]
    environment: production
    steps: [tag]
"
    )));
}

#[test]
fn the_workflow_schedule_covers_both_sides_of_daylight_saving_time() {
    insta::assert_snapshot!(release_of(&format!("branches: [main]\n{SCHEDULE}")));
}

#[test]
fn a_soaking_release_is_checked_at_opening_times_and_continued_in_between() {
    insta::assert_snapshot!(release_of(&format!(
        "branches: [main]
workflow: {{ build: .github/workflows/build.yml }}
{SCHEDULE}stages:
  - name: staging
    environment: staging
    steps:
      - draft-release: {{ assets: [\"dist/*\"] }}
    verify:
      - http: {{ url: \"https://example.com\", status: 200 }}
    soak: 1d
  - name: stable
    steps: [tag, publish-release]
"
    )));
}

#[test]
fn an_external_calendar_is_checked_once_an_hour() {
    let calendar = "schedule: { freezes: [{ calendar: company.ics }] }\n";
    let crons = |text: &str| written(text).matches("cron: \"17 * * * *\"").count();
    assert_eq!(crons(calendar), 1);
    // Nobody would know the version.
    assert_eq!(crons(&format!("version: {{ policy: manual }}\n{calendar}")), 0);
}

#[test]
fn a_moving_tag_does_not_trigger_the_release_workflow() {
    let steps = "stages: [{ name: a, steps: [tag, move-tag: [\"v{major}\", \"v{major}.{minor}\", latest]] }]";
    let text = written(&format!("version: {{ policy: manual }}\n{steps}\n"));
    let filters = r#"    tags: ["v[0-9]*", "!v[0-9]+", "!v[0-9]+.[0-9]+"]"#;
    assert!(text.contains(&format!("{filters}\n")), "{text}");
}

#[test]
fn a_release_that_people_approve_goes_on_when_they_answer_on_its_issue() {
    let text = written(
        "roles: { qa: [lin] }
stages:
  - { name: candidate, steps: [draft-release] }
  - { name: stable, gates: [approved], environment: production, steps: [tag, publish-release] }
",
    );
    let (_, release) = text.split_once("==> .github/workflows/tminus-release.yml").unwrap();
    insta::assert_snapshot!(release);
    assert!(permissions(release, "prepare").contains(&"issues: write".to_owned()), "{release}");
    let unused = written("roles: { qa: [lin] }\n");
    assert!(!unused.contains("issue"), "{unused}");
}

#[test]
fn no_ci_permissions_are_requested_without_checks() {
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
fn permissions_needed_by_some_settings_are_granted_only_with_them() {
    let of_checks = ["checks: read", "statuses: read", "actions: read"];
    let plain = written("gates: { checks-green: { lineage: merge-group } }\n");
    assert_eq!(permissions(&plain, "check"), [&["contents: read"][..], &of_checks].concat());
    assert_eq!(permissions(&plain, "release"), [&["contents: write"][..], &of_checks].concat());

    let same_tree = written("gates: { checks-green: { lineage: tree } }\n");
    let more = [&of_checks[..], &["pull-requests: read"]].concat();
    assert_eq!(permissions(&same_tree, "check"), [&["contents: read"][..], &more].concat());
    assert_eq!(permissions(&same_tree, "release"), [&["contents: write"][..], &more].concat());

    // What `rights-suffice` asks must be within the rights of who asks.
    let named = written("gates: { rights-suffice: on, checks-green: off }\n");
    assert_eq!(permissions(&named, "check"), ["contents: write"]);
    let environment = "stages: [{ name: a, environment: b, steps: [tag] }]\n";
    let unnamed = written(&format!("gates: {{ checks-green: off }}\n{environment}"));
    assert_eq!(permissions(&unnamed, "check"), ["contents: read"]);
    let entering = ["contents: write", "actions: read", "deployments: write", "id-token: write"];
    assert_eq!(permissions(&unnamed, "a"), entering);
    let both = "gates: { checks-green: off, rights-suffice: on }\n";
    let both = written(&format!("{both}{environment}"));
    assert_eq!(permissions(&both, "check"), ["contents: write", "actions: read"]);
}

#[test]
fn jobs_that_build_from_source_have_a_longer_timeout() {
    let minutes = |text: &str| -> Vec<u64> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("timeout-minutes: "));
        lines.map(|minutes| minutes.parse().unwrap()).collect()
    };
    assert_eq!(minutes(&written("branches: [main]\n")), [20, 50, 50]);
    assert_eq!(minutes(&written("workflow: { install: source }\n")), [40, 70, 70]);
}

#[test]
fn a_project_with_its_own_release_workflow_gets_only_the_check_workflow() {
    let text = "workflow: { release: off }\nstages: [{ name: a, steps: [{ draft-release: { assets: [x] } }] }]\n";
    let files = workflows(&manifest(text)).unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, [".github/workflows/tminus-check.yml"]);
}

#[test]
fn a_branch_pattern_that_github_interprets_differently_is_not_used_as_a_filter() {
    for pattern in ["v[1-9]*", "release-?", "{main,next}", "+(main)"] {
        let text = written(&format!("branches: [main, \"{pattern}\"]\n"));
        assert!(!text.contains("branches:"), "{pattern}: {text}");
    }
}

#[test]
fn a_manifest_that_cannot_become_a_workflow_is_rejected_with_a_fix() {
    assert_eq!(
        refused("stages: [{ name: a, steps: [{ draft-release: { assets: [x] } }] }]\n"),
        "a stage has assets, but `workflow.build` is not set; \
         set it to the workflow that builds them and uploads them as an artifact: \
         `workflow: { build: .github/workflows/build.yml }`"
    );
    assert_eq!(
        refused("stages: [{ name: a, environment: \"${{ github.head_ref }}\", steps: [tag] }]\n"),
        "`${{ github.head_ref }}` contains an expression; \
         write a literal value: GitHub Actions would evaluate `${{ }}`"
    );
}

#[test]
fn without_a_forge_no_workflow_is_written() {
    assert_eq!(workflows(&manifest("forge: none\n")).unwrap(), []);
}

/// The ids of the jobs of all workflows.
fn jobs(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let ids = lines.filter(|line| !line.starts_with(' '));
    ids.filter(|id| !matches!(*id, "pull_request" | "push" | "merge_group" | "workflow_dispatch"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_job_has_a_valid_github_job_id() {
    let of = |name: &str| jobs(&written(&format!("stages: [{{ name: {name}, steps: [tag] }}]\n")));
    for (stage, id) in [
        ("__x", "stage-__x"),
        ("_x", "_x"),
        ("1.x", "stage-1-x"),
        ("-x", "stage--x"),
        ("Check", "stage-Check"),
        ("BUILD", "stage-BUILD"),
    ] {
        assert_eq!(of(stage), ["releasable", "check", id], "{stage}");
    }
    let long = "x".repeat(99);
    assert_eq!(of(&long).last(), Some(&long));
    assert_eq!(
        refused(&format!("stages: [{{ name: {long}y, steps: [tag] }}]\n")),
        format!(
            "the job ID of stage `{long}y` would have 100 characters; GitHub allows at most 99; \
             give the stage a shorter name"
        )
    );
}

/// What a manifest with this `workflow` section calls for the build.
fn called(workflow: &str) -> String {
    let text = format!(
        "workflow: {{ {workflow} }}\nstages: [{{ name: a, steps: [{{ draft-release: {{ assets: [x] }} }}] }}]\n"
    );
    let text = written(&text);
    let (_, job) = text.split_once("\n  build:\n").unwrap();
    job.split("\n\n").next().unwrap().to_owned()
}

#[test]
fn a_local_or_remote_build_workflow_is_called_by_its_path() {
    for build in [".github/workflows/build.yml", "./.github/workflows/build.yaml"] {
        let name = build.trim_start_matches("./");
        let text = called(&format!("build: {build}"));
        assert!(text.contains(&format!("    uses: ./{name} # zizmor: ignore")), "{text}");
    }
    let remote = "acme/shared/.github/workflows/build.yml@0123456789012345678901234567890123456789";
    assert!(called(&format!("build: {remote}")).ends_with(&format!("    uses: {remote}")));
    let tagged = called(&format!("build: \"{remote} # v1\""));
    assert!(tagged.ends_with(&format!("    uses: {remote} # v1")), "{tagged}");
    for odd in [
        "build.yml",
        "ci/build.yml",
        ".github/workflows/deep/build.yml",
        ".github/workflows/build",
        "acme/shared/.github/workflows/build.yml",
        "acme/shared/build.yml@v1",
        "acme/.github/workflows/build.yml@v1",
    ] {
        let said = refused(&format!("workflow: {{ build: {odd} }}\n"));
        assert!(said.starts_with(&format!("`{odd}` is not a reusable workflow")), "{said}");
    }
}

#[test]
fn a_build_gets_attestation_permissions_only_if_the_manifest_enables_them() {
    let plain = called("build: .github/workflows/b.yml");
    assert!(!plain.contains("write"), "{plain}");
    let attests = called("build: .github/workflows/b.yml, attest: on");
    for right in ["contents: read", "id-token: write", "attestations: write"] {
        assert!(attests.contains(&format!("      {right} # ")), "{attests}");
    }
}

#[test]
fn jobs_run_on_one_label_several_labels_or_a_group() {
    let of = |runner: &str| {
        let text = written(&format!("workflow: {{ runner: {runner} }}\n"));
        let (_, rest) = text.split_once("    runs-on:").unwrap();
        rest.split("    timeout-minutes").next().unwrap().to_owned()
    };
    assert_eq!(of("ubuntu-24.04"), " ubuntu-24.04\n");
    assert_eq!(of("[self-hosted, \"x: y\"]"), " [self-hosted, \"x: y\"]\n");
    assert_eq!(of("{ group: big }"), "\n      group: big\n");
    assert_eq!(
        of("{ group: big, labels: [linux, x64] }"),
        "\n      group: big\n      labels: [linux, x64]\n"
    );
    assert_eq!(of("{ group: big, labels: linux }"), "\n      group: big\n      labels: linux\n");
}

#[test]
fn a_job_whose_wait_exceeds_the_runner_limit_is_rejected() {
    let said = refused("workflow: { wait: 6h }\n");
    assert!(
        said.contains("may take 380 minutes, but GitHub-hosted runners stop a job after 360"),
        "{said}"
    );
    assert!(written("workflow: { wait: 5h 40m }\n").contains("timeout-minutes: 360"));
    assert!(
        written("workflow: { wait: 6h, runner: [self-hosted] }\n").contains("timeout-minutes: 380")
    );
    let said = refused("workflow: { wait: 6d, runner: [self-hosted] }\n");
    assert!(said.contains("runners stop a job after 7200"), "{said}");
    let timeout = "stages: [{ name: a, steps: [{ run: { name: x, command: [./x], probe: [./y], timeout: 6h } }] }]\n";
    assert!(refused(timeout).starts_with("the job of `a` may take"));
}

#[test]
fn an_action_referenced_by_a_tag_gets_an_explanatory_comment() {
    let tagged = written("branches: [main]\n");
    assert_eq!(tagged.matches("zizmor: ignore[unpinned-uses]").count(), 3, "{tagged}");
    for action in
        ["./", "acme/tminus@v1", "tminus-dev/tminus@0123456789012345678901234567890123456789 # v1"]
    {
        let text = written(&format!("workflow: {{ action: \"{action}\" }}\n"));
        assert!(!text.contains("zizmor"), "{text}");
    }
}

#[test]
fn a_hostile_text_remains_a_single_yaml_scalar() {
    let odd = "x\\\"\\n    permissions: write-all #";
    let text = written(&format!(
        "stages: [{{ name: a, environment: \"a: b #c\", steps: [tag] }}]\nworkflow: {{ runner: \"{}\" }}\n",
        odd.replace("\\n", " ")
    ));
    let read: Vec<&str> = text.lines().filter(|line| line.contains("permissions:")).collect();
    assert!(read.iter().all(|line| !line.trim_start().starts_with("permissions: write")), "{text}");
    assert!(text.contains("environment:\n      name: \"a: b #c\"\n"), "{text}");
}

#[test]
fn two_stages_never_share_a_job() {
    for (one, two) in [("a.b", "a-b"), ("check", "stage-check"), ("Live", "live")] {
        let text = format!(
            "stages: [{{ name: {one}, steps: [tag] }}, {{ name: {two}, steps: [{{ run: {{ name: x, command: [./x], probe: [./y] }} }}] }}]\n"
        );
        let said = refused(&text);
        assert!(
            said.contains(&format!("stages `{one}` and `{two}` would have the same job id")),
            "{said}"
        );
    }
}
