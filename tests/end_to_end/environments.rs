//! A release through environments: verified, soaked, promoted, and back again.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{Said, Story, regex_of};
use serde_json::Value;
use std::io::Write as _;
use std::process::Stdio;
use tminus::facts::environment::Protection;

const MANIFEST: &str = "\
schema: 1
name: widget
forge: none
branches: [main]
version: { files: [Cargo.toml] }
changelog: { file: CHANGELOG.md, style: keep-a-changelog }
stages:
  - name: candidate
    steps:
      - run: { name: pack, command: [./deploy, candidate], probe: [./deployed, candidate], reach: private }
  - name: staging
    environment: staging
    steps:
      - run: { name: deploy, command: [./deploy, staging], probe: [./deployed, staging], reach: public }
    verify:
      - run: { command: [./healthy, staging] }
    soak: 24h
  - name: production
    environment: production
    steps:
      - run: { name: deploy, command: [./deploy, production], probe: [./deployed, production], reach: public }
      - tag: { sign: 'off' }
    verify:
      - run: { command: [./healthy, production] }
";

pub(super) const DEPLOY: &str = "\
#!/bin/sh
[ -e \"$STORY/broken\" ] && exit 7
echo \"$TMINUS_VERSION\" >\"$STORY/in-$1\"
echo \"$1 $TMINUS_VERSION\" >>\"$STORY/deployed\"
";

const DEPLOYED: &str = "\
#!/bin/sh
[ \"$(cat \"$STORY/in-$1\" 2>/dev/null)\" = \"$TMINUS_VERSION\" ] || exit 1
";

const HEALTHY: &str = "\
#!/bin/sh
[ -e \"$STORY/sick-$1\" ] || exit 0
echo \"$1 answers 503\"
exit 1
";

fn story() -> Story {
    story_of(MANIFEST)
}

fn story_of(manifest: &str) -> Story {
    let story = Story::bare(Options::default(), manifest);
    story.script("work/deploy", DEPLOY);
    story.script("work/deployed", DEPLOYED);
    story.script("work/healthy", HEALTHY);
    story.push("ci: scripts");
    story
}

/// The same on a GitHub that has the environments and their deployments.
pub(super) fn on_github() -> Story {
    let gates = "gates: { checks-green: { required: [build] } }\n";
    on_github_with(&MANIFEST.replace("forge: none\n", gates))
}

/// The same with another manifest.
pub(super) fn on_github_with(manifest: &str) -> Story {
    let story = Story::bare(Options::default(), manifest);
    story.fake_github.with(|state| {
        state.protect("staging", Protection::default());
        state.protect("production", Protection::default());
    });
    story.script("work/deploy", DEPLOY);
    story.script("work/deployed", DEPLOYED);
    story.script("work/healthy", HEALTHY);
    story.push("ci: scripts");
    story.report("build", "success");
    story
}

/// A new version on the branch.
pub(super) fn bump(story: &Story, version: &str) {
    let file = story.path("work/CHANGELOG.md");
    let log = std::fs::read_to_string(&file).unwrap();
    let entry = format!("# Changelog\n\n## [{version}] - 2026-01-11\n\n### Added\n\n- More.\n");
    story.write("work/CHANGELOG.md", log.replacen("# Changelog\n", &entry, 1));
    let cargo = format!("[package]\nname = \"widget\"\nversion = \"{version}\"\n");
    story.write("work/Cargo.toml", cargo);
    story.push(&format!("feat: more for {version}"));
}

/// Replaces a document of tminus in the remote, as another runner would.
fn rewrite(story: &Story, name: &str, change: impl FnOnce(&mut Value)) {
    let tree = story.git("remote.git", &["ls-tree", name]);
    let file = tree.split('\t').nth(1).unwrap().to_owned();
    let text = story.git("remote.git", &["show", &format!("{name}:{file}")]);
    let mut document: Value = serde_json::from_str(&text).unwrap();
    change(&mut document);
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let blob = fed(story, &["hash-object", "-w", "--stdin"], &text);
    let tree = fed(story, &["mktree"], &format!("100644 blob {blob}\t{file}\n"));
    let commit = story.git("remote.git", &["commit-tree", "-m", "later", &tree]);
    story.git("remote.git", &["update-ref", name, &commit]);
}

/// Runs git in the remote with an input.
fn fed(story: &Story, arguments: &[&str], input: &str) -> String {
    let mut command = story.command("git", "remote.git");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn earlier(at: &mut Value, seconds: i64) {
    let Some(text) = at.as_str() else { return };
    let then: jiff::Timestamp = text.parse().unwrap();
    *at = then.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap().to_string().into();
}

/// An interval passes: the newest round of a stage is an hour old.
fn an_hour_later(story: &Story, version: &str, stage: &str) {
    rewrite(story, &format!("refs/tminus/samples/v{version}"), |document| {
        let state = &mut document["stages"][stage];
        for at in ["began", "steady_since", "verified"] {
            earlier(&mut state[at], 3_600);
        }
        earlier(&mut state["last"]["at"], 3_600);
    });
}

/// The samples of a day, all of them good but for the newest, which is still to come.
pub(super) fn a_day_later(story: &Story, version: &str, stage: &str) {
    an_hour_later(story, version, stage);
    rewrite(story, &format!("refs/tminus/samples/v{version}"), |document| {
        document["stages"][stage]["soaked_seconds"] = (23 * 3_600).into();
    });
}

pub(super) fn exits(said: &Said, code: i32) {
    assert_eq!(said.code, Some(code), "{}", said.whole());
}

/// A version that went the whole way.
fn released(story: &Story, version: &str) {
    exits(&story.run(&["release"]), 3);
    a_day_later(story, version, "staging");
    exits(&story.run(&["release"]), 0);
}

#[test]
fn a_release_is_verified_soaked_and_promoted_to_production() {
    let story = story();
    saw!(story, "environments-plan", story.run(&["plan"]).whole());
    story.write("sick-staging", "");
    saw!(story, "environments-sick", story.run(&["release"]).whole());
    saw!(story, "environments-sick-status", story.run(&["status"]).whole());
    std::fs::remove_file(story.path("sick-staging")).unwrap();
    saw!(story, "environments-soaks", story.run(&["release"]).whole());
    saw!(story, "environments-soaks-again", story.run(&["release"]).whole());
    saw!(story, "environments-status", story.run(&["status"]).whole());
    saw!(story, "environments-forecast", story.run(&["plan"]).whole());
    saw!(story, "environments-list", story.run(&["status", "--environments"]).whole());
    an_hour_later(&story, "1.1.0", "staging");
    saw!(story, "environments-an-hour-later", story.run(&["release"]).whole());
    a_day_later(&story, "1.1.0", "staging");
    saw!(story, "environments-released", story.run(&["promote"]).whole());
    exits(&story.run(&["release"]), 0);
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap();
    assert_eq!(deployed, "candidate 1.1.0\nstaging 1.1.0\nproduction 1.1.0\n");
    let log = ["log", "--reverse", "--format=%s", "refs/tminus/releases/v1.1.0"];
    saw!(story, "environments-ledger", story.git("remote.git", &log));
    let log = ["log", "--reverse", "--format=%s", "refs/tminus/environments/production"];
    saw!(story, "environments-record", story.git("remote.git", &log));
}

#[test]
fn a_failed_sample_restarts_the_soak() {
    let story = story();
    exits(&story.run(&["release"]), 3);
    a_day_later(&story, "1.1.0", "staging");
    story.write("sick-staging", "");
    saw!(story, "environments-sick-at-the-end", story.run(&["release"]).whole());
    std::fs::remove_file(story.path("sick-staging")).unwrap();
    saw!(story, "environments-soak-begins-anew", story.run(&["release"]).whole());
    assert!(!story.path("in-production").exists());
}

#[test]
fn a_rollback_returns_production_to_its_last_verified_version() {
    let story = story();
    saw!(story, "back-nothing", story.run(&["promote", "--back"]).whole());
    released(&story, "1.1.0");
    saw!(story, "back-no-earlier", story.run(&["promote", "--back"]).whole());
    bump(&story, "1.2.0");
    story.write("sick-production", "");
    exits(&story.run(&["release"]), 3);
    a_day_later(&story, "1.2.0", "staging");
    saw!(story, "back-sick", story.run(&["release"]).whole());
    std::fs::remove_file(story.path("sick-production")).unwrap();
    story.write("broken", "");
    saw!(story, "back-broken", story.run(&["promote", "--back"]).whole());
    saw!(story, "back-broken-list", story.run(&["status", "--environments"]).whole());
    std::fs::remove_file(story.path("broken")).unwrap();
    saw!(story, "back", story.run(&["promote", "--back"]).whole());
    saw!(story, "back-list", story.run(&["status", "--environments"]).whole());
    let json = story.run(&["status", "--environments", "--format", "json"]);
    exits(&json, 0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let text = serde_json::to_string_pretty(&json["environments"]).unwrap();
    let timeless =
        text.lines().filter(|line| !line.contains("\"at\"") && !line.contains("verified"));
    saw!(story, "back-json", timeless.collect::<Vec<_>>().join("\n"));
    saw!(story, "back-release", story.run(&["release"]).whole());
    saw!(story, "back-again", story.run(&["promote", "--back"]).whole());
    assert_eq!(std::fs::read_to_string(story.path("in-production")).unwrap(), "1.1.0\n");
}

#[test]
fn a_lower_version_never_replaces_a_higher_one() {
    let story = story();
    exits(&story.run(&["release", "--through", "candidate"]), 0);
    let lower = story.sha("work", "HEAD");
    bump(&story, "1.2.0");
    exits(&story.run(&["release"]), 3);
    let lower = lower.to_string();
    let said = story.run(&["release", "--commit", &lower, "--branch", "main"]);
    saw!(story, "environments-lower", said.whole());
    assert_eq!(std::fs::read_to_string(story.path("in-staging")).unwrap(), "1.2.0\n");
}

#[test]
fn a_second_version_replaces_the_first_and_the_first_reports_it() {
    let story = story();
    exits(&story.run(&["release"]), 3);
    let first = story.sha("work", "HEAD").to_string();
    bump(&story, "1.2.0");
    saw!(story, "environments-second", story.run(&["release"]).whole());
    let said = story.run(&["release", "--commit", &first, "--branch", "main"]);
    saw!(story, "environments-first-is-replaced", said.whole());
    assert_eq!(std::fs::read_to_string(story.path("in-staging")).unwrap(), "1.2.0\n");
}

#[test]
fn an_aborted_release_frees_its_environment() {
    let story = story();
    story.write("broken", "");
    saw!(story, "environments-broken", story.run(&["release"]).whole());
    std::fs::remove_file(story.path("broken")).unwrap();
    exits(&story.run(&["release", "--through", "candidate"]), 0);
    story.write("broken", "");
    saw!(story, "environments-broken-staging", story.run(&["release"]).whole());
    saw!(story, "environments-aborted", story.run(&["abort"]).whole());
    saw!(story, "environments-aborted-list", story.run(&["status", "--environments"]).whole());
}

#[test]
fn a_job_outside_an_environment_stops_before_that_environment() {
    let story = story();
    saw!(story, "no-enter", story.run(&["release", "--no-enter"]).whole());
    assert!(!story.path("in-staging").exists());
    let hold = story.run(&["release", "--hold-ok"]);
    exits(&hold, 0);
    saw!(story, "hold-ok", hold.whole());
    let held = story.run(&["release", "--no-enter"]);
    saw!(story, "no-enter-soaks", held.whole());
    a_day_later(&story, "1.1.0", "staging");
    saw!(story, "no-enter-production", story.run(&["release", "--no-enter"]).whole());
    assert!(!story.path("in-production").exists());
}

#[test]
fn a_scheduled_run_continues_an_unfinished_release_after_the_branch_moved() {
    let story = story();
    exits(&story.run(&["release"]), 3);
    story.write("work/README.md", "more\n");
    story.push("docs: more");
    a_day_later(&story, "1.1.0", "staging");
    saw!(story, "resume", story.run(&["release", "--resume"]).whole());
    assert_eq!(std::fs::read_to_string(story.path("in-production")).unwrap(), "1.1.0\n");
    saw!(story, "resume-nothing", story.run(&["release", "--resume"]).whole());
}

#[test]
fn promoting_a_release_that_was_not_started_changes_nothing() {
    let story = story();
    saw!(story, "promote-not-started", story.run(&["promote"]).whole());
    assert!(!story.path("in-candidate").exists());
    exits(&story.run(&["release", "--through", "candidate"]), 0);
    saw!(story, "promote-staging", story.run(&["promote"]).whole());
    saw!(story, "promote-no-stage", story.run(&["promote", "--to", "moon"]).whole());
    saw!(story, "back-no-stage", story.run(&["promote", "--back", "--to", "moon"]).whole());
    saw!(
        story,
        "back-no-environment",
        story.run(&["promote", "--back", "--to", "candidate"]).whole()
    );
}

#[test]
fn an_environment_record_of_a_newer_format_is_neither_read_nor_replaced() {
    let story = story();
    released(&story, "1.1.0");
    let record = "refs/tminus/environments/production";
    rewrite(&story, record, |record| record["format"] = 2.into());
    let before = story.git("remote.git", &["rev-parse", record]);
    saw!(story, "back-newer-format", story.run(&["promote", "--back"]).whole());
    assert_eq!(story.git("remote.git", &["rev-parse", record]), before);
}

#[test]
fn a_lease_for_an_environment_covers_the_timeouts_of_its_commands() {
    let story = story();
    exits(&story.run(&["release", "--through", "candidate"]), 0);
    story.write("broken", "");
    story.run(&["release"]);
    let text = story.git("remote.git", &["show", "refs/tminus/environments/staging:document.json"]);
    let record: Value = serde_json::from_str(&text).unwrap();
    let time = |key: &str| -> jiff::Timestamp {
        record["current"][key].as_str().unwrap().parse().unwrap()
    };
    let minutes = time("busy_until").duration_since(time("at")).as_mins();
    assert_eq!(minutes, 20, "the lease, and the timeout of the one command");
}

#[test]
fn a_resumed_release_keeps_the_environment_busy_while_its_commands_run() {
    let story = story();
    exits(&story.run(&["release", "--through", "candidate"]), 0);
    story.write("broken", "");
    story.run(&["release"]);
    let name = "refs/tminus/environments/staging";
    rewrite(&story, name, |record| {
        earlier(&mut record["current"]["busy_until"], 86_400);
    });
    let busy_until = || {
        let text = story.git("remote.git", &["show", &format!("{name}:document.json")]);
        let record: Value = serde_json::from_str(&text).unwrap();
        record["current"]["busy_until"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
    };
    let before = busy_until();
    story.run(&["release"]);
    assert!(busy_until().duration_since(before).as_hours() >= 23);
}

#[test]
fn samples_that_may_outlast_the_lease_renew_it_first() {
    let samples = "    verify:\n      - run: { command: [./healthy, staging] }\n";
    let slow = "      - http: { url: 'http://127.0.0.1:9/', status: 200, timeout: 20m }\n";
    let story = story_of(&MANIFEST.replace(samples, &format!("{samples}{slow}")));
    exits(&story.run(&["release"]), 3);
    let file = "refs/tminus/releases/v1.1.0";
    let log = story.git("remote.git", &["log", "--reverse", "--format=%s", file]);
    assert_eq!(
        log.lines().filter(|line| line.starts_with("lease renewed by ")).count(),
        1,
        "{log}"
    );
    let verified = story.run(&["status", "--verify"]);
    exits(&verified, 0);
}
