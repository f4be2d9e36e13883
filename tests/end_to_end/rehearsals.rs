//! A rehearsal is of what would be released, and says first what would stop it.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use tminus::facts::environment::{Protection, Reviewer};

const CARGO: &str = "[package]\nname = \"widget\"\nversion = \"1.0.0\"\n";

#[test]
fn a_released_version_is_rehearsed_at_the_commit_of_its_tag() {
    let story = Story::bare(Options::default(), &MANIFEST.replace("  changelog-entry: on\n", ""));
    story.write("work/Cargo.toml", CARGO);
    story.push("chore: back to 1.0.0");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let (tagged, head) = (story.sha("work", "v1.0.0^{commit}"), story.sha("work", "HEAD"));
    let first = format!(
        "v1.0.0 is already released: rehearsing it at its commit {}, as if it were not released\n",
        tagged.short()
    );
    assert!(said.stdout.contains(&first), "{}", said.stdout);
    assert!(
        said.stdout.contains(&format!("widget 1.0.0 (v1.0.0) from {} on main", tagged.short()))
    );
    assert!(!said.stdout.contains(head.short()), "{}", said.stdout);
}

#[test]
fn rehearse_never_computes_a_version_below_the_latest_tag() {
    let manifest = "forge: none\nversion: { policy: commits }\nchangelog: { style: generated }\n";
    let story = Story::bare(Options::default(), manifest);
    story.git("work", &["tag", "-m", "1.1.0", "v1.1.0"]);
    story.git("work", &["push", "-q", "--tags"]);
    story.push("docs: nothing that needs a version");
    let said = story.run(&["rehearse"]);
    let tagged = story.sha("work", "v1.1.0^{commit}");
    let head = format!("widget 1.1.0 (v1.1.0) from {} on main", tagged.short());
    assert!(said.stdout.contains("rehearsed: "), "{}", said.whole());
    assert!(said.stdout.contains(&head), "{}", said.whole());
    // As soon as a commit requires a version, that one is planned, and rehearsed.
    story.push("fix: a thing");
    let said = story.run(&["rehearse"]);
    assert!(said.stdout.contains("widget 1.1.1 (v1.1.1) from "), "{}", said.whole());
}

#[test]
fn rehearse_stops_at_a_failed_check_unless_anyway_is_given() {
    let story = Story::new();
    story.write("work/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"1.1.0\" # later\n");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    saw!(story, "rehearsal-no-go", said.whole());
    let said = story.run(&["rehearse", "--anyway"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(
        said.stdout.ends_with("(the real release would not start: tree-clean)\n"),
        "{}",
        said.whole()
    );
    // Only the rehearsal overrules the gate.
    assert_eq!(story.run(&["release"]).code, Some(1));
}

#[test]
fn a_rehearsal_uses_placeholders_for_files_that_are_not_built() {
    let manifest =
        MANIFEST.replace("['dist/*']", "['dist/*.tar.gz', 'dist/*.txt', 'dist/LICENSE']");
    let story = Story::bare(Options::default(), &manifest);
    story.report("build", "success");
    let left = story.left();
    std::fs::remove_file(story.path("work/dist/widget.txt")).unwrap();
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "rehearsal-not-built", said.whole());
    assert_eq!(story.left(), left);
    let said = story.run(&["rehearse", "--crash-at", "6"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    // Another commit's files are not those on disk.
    story.push("docs: more");
    let said = story.run(&["rehearse", "--commit", "HEAD~1"]);
    let line = "`dist/*.tar.gz`, `dist/*.txt`, `dist/LICENSE`: not built from this commit; \
                stand-ins are used\n";
    assert!(said.stdout.contains(line), "{}", said.whole());
    assert!(said.stdout.contains("\nrehearsed: widget 1.1.0 "), "{}", said.whole());
    // A file that can be no asset is still a reason to stop.
    story.write("work/dist/LICENSE", "1");
    story.write("work/dist/wid get.txt", "1");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(said.stderr.contains("GitHub would rename it"), "{}", said.whole());
}

#[test]
fn rehearse_uses_the_last_release_if_no_version_is_given() {
    let manifest = "forge: none\nversion: { policy: manual }\nchangelog: { style: none }\n";
    let story = Story::bare(Options::default(), manifest);
    story.git("work", &["tag", "-m", "1.1.0", "v1.1.0"]);
    story.git("work", &["push", "-q", "--tags"]);
    story.push("three");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "rehearsal-no-version", said.whole());
    let said = story.run(&["rehearse", "--version", "1.2.0"]);
    assert!(said.stdout.contains("\nrehearsed: widget 1.2.0 "), "{}", said.whole());
}

#[test]
fn overlong_notes_can_be_rehearsed() {
    let story = Story::new();
    let entries = "- A change.\n".repeat(12_000);
    let text = format!("# Changelog\n\n## [1.1.0] - 2026-01-10\n\n{entries}");
    story.write("work/CHANGELOG.md", text);
    story.push("docs: more");
    story.report("build", "success");
    let said = story.run(&["rehearse"]);
    assert!(said.stdout.contains("\nrehearsed: widget 1.1.0 "), "{}", said.stderr);
}

const STAGED: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates: { checks-green: { required: [build] } }
stages:
  - name: staging
    environment: staging
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public }
    verify:
      - http: { url: \"https://staging.example.com/health\", status: 200, json: { /version: \"{version}\" } }
      - run: { command: [./smoke-test] }
    soak: 24h
  - name: production
    environment: { name: production, protected: true }
    steps:
      - tag: { sign: 'off' }
    verify:
      - check: { name: probes }
";

#[test]
fn a_rehearsal_passes_through_environments_in_simulated_time() {
    let story = Story::bare(Options::default(), STAGED);
    let said = story.run(&["rehearse"]);
    saw!(story, "rehearsal-environments", said.whole());
}

/// The lines that say how environments are simulated.
fn environments(said: &Said) -> Vec<&str> {
    said.stdout.lines().filter(|line| line.starts_with("environment ")).collect()
}

#[test]
fn a_rehearsal_applies_the_real_environment_protection() {
    let story = Story::bare(Options::default(), STAGED);
    let reviewers = vec![Reviewer::Team("ops".into())];
    let guarded = Protection { wait_minutes: 30, reviewers, ..Protection::default() };
    let apps = vec!["change-board".into()];
    story.fake_github.with(|state| {
        state.protect("staging", Protection { apps, ..Protection::default() });
        state.protect("production", guarded);
    });
    let said = story.run(&["rehearse"]);
    saw!(story, "rehearsal-protection", said.whole());
    assert!(story.fake_github.requests().iter().all(|one| one.method == "GET"));
}

#[test]
fn a_rehearsal_reports_if_it_cannot_read_the_environment_protection() {
    let mut story = Story::bare(Options::default(), STAGED);
    let offline = story.run(&["rehearse", "--offline"]);
    assert_eq!(
        environments(&offline),
        [
            "environment staging is simulated with no protection rules; its protection was not read: \
             `--offline` is set",
            "environment production is simulated with required reviewers; its protection was not read: \
             `--offline` is set",
        ],
        "{}",
        offline.whole()
    );
    assert!(story.fake_github.requests().is_empty());
    story.set("GITHUB_TOKEN", "");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert_eq!(environments(&said).len(), 2, "{}", said.whole());
}

#[test]
fn a_rehearsal_with_faults_soaks_to_the_end_for_any_clock_jump() {
    let without_a_forge = STAGED
        .replace("schema: 1\n", "schema: 1\nforge: none\n")
        .replace("gates: { checks-green: { required: [build] } }\n", "")
        .replace(", protected: true", "")
        .replace("- check: { name: probes }", "- run: { command: [./smoke-test] }");
    for manifest in [STAGED, &without_a_forge] {
        let story = Story::bare(Options::default(), manifest);
        for seed in 1..=6 {
            let said = story.run(&["rehearse", "--offline", "--faults", &seed.to_string()]);
            assert_eq!(said.code, Some(0), "seed {seed}: {}", said.whole());
        }
    }
}
