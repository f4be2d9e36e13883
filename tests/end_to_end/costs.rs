//! What is said beforehand of the number of requests is what is asked.

use super::environments::{a_day_later, on_github_with};
use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use jiff::SignedDuration;
use serde_json::Value;
use tminus::adapters::sim::SimApproval;
use tminus::base::names::EnvironmentName;
use tminus::facts::environment::{AllowedRefs, Approval, Protection, RefPattern, Reviewer};

/// One stage, one tag, one release.
const PLAIN: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: stable
    steps:
      - draft-release: { assets: ['dist/*'], checksums: sha256 }
      - tag: { sign: 'off' }
      - publish-release
";

const BARE: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: stable
    steps:
      - draft-release
      - tag: { sign: 'off' }
      - publish-release
";

const TAG_ONLY: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: stable
    steps:
      - run: { name: warm, command: [./deployed], repeatable: true, reach: private }
      - tag: { sign: 'off' }
";

/// Two environments, with a draft before them and a soak between them.
const STAGED: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
gates:
  checks-green: { required: [build] }
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ['dist/*'] }
  - name: staging
    environment: staging
    gates: [checks-green]
    steps:
      - run: { name: deploy, command: [./deploy, staging], probe: [./deployed, staging], reach: public }
    verify:
      - run: { command: [./healthy, staging] }
      - check: { name: build }
    soak: 24h
  - name: production
    environment: production
    gates: [checks-green]
    steps:
      - run: { name: deploy, command: [./deploy, production], probe: [./deployed, production], reach: public }
      - tag: { sign: 'off' }
      - publish-release
    verify:
      - run: { command: [./healthy, production] }
";

/// A project with so many assets, whose `build` is green.
fn story(manifest: &str, assets: usize) -> Story {
    let mut story = Story::bare(Options::default(), manifest);
    story.hurry();
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    for n in 0..assets {
        story.write(&format!("work/dist/widget-{n}.tar.gz"), format!("widget {n}\n"));
    }
    story.report("build", "success");
    story
}

/// What the plan says that everything left will take.
fn stated(story: &Story) -> usize {
    let said = story.run(&["plan", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps = document["standings"].as_array().unwrap().iter();
    let steps: u64 = steps.map(|standing| standing["requests"].as_u64().unwrap()).sum();
    let total = document["release_requests"].as_u64().unwrap();
    assert!(steps < total, "{steps} of {total}: {}", said.stdout);
    usize::try_from(total).unwrap()
}

/// Requests of a run that ends well.
fn asked(story: &Story, arguments: &[&str]) -> usize {
    let before = story.fake_github.requests().len();
    let said = story.run(arguments);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.fake_github.requests().len() - before
}

#[test]
fn a_release_sends_exactly_the_requests_its_plan_stated() {
    for (name, manifest, assets, number) in [
        ("no assets", BARE, 0, 14),
        ("3 assets", PLAIN, 3, 18),
        ("10 assets", PLAIN, 10, 25),
        ("10 assets in stages", MANIFEST, 10, 27),
        ("40 assets", PLAIN, 40, 60),
    ] {
        let story = story(manifest, assets);
        let stated = stated(&story);
        let asked = asked(&story, &["release"]);
        eprintln!("{name}: {stated} stated, {asked} asked");
        assert_eq!((asked, stated), (number, stated), "{name}");
        assert_eq!(asked, stated, "{name}");
    }
}

#[test]
fn a_tag_only_release_sends_only_check_requests() {
    let story = story(TAG_ONLY, 0);
    story.write("deployed", "deployed 1.1.0 \n");
    let stated = stated(&story);
    assert_eq!((asked(&story, &["release"]), stated), (7, 7));
}

#[test]
fn a_resumed_release_sends_no_more_requests_than_stated() {
    let story = story(MANIFEST, 3);
    asked(&story, &["release", "--through", "candidate"]);
    let stated = stated(&story);
    let asked = asked(&story, &["release"]);
    assert_eq!(asked, stated);
}

/// What the plan says of all runs that are left: requests, runs, requests of one that waits.
fn stated_runs(story: &Story) -> (u64, u64, Option<u64>) {
    let said = story.run(&["plan", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let number = |key: &str| document[key].as_u64();
    let total = number("release_requests").unwrap();
    (total, number("release_runs").unwrap(), number("waiting_requests"))
}

/// Requests of a run that ends with this code.
fn asked_by(story: &Story, code: i32, arguments: &[&str]) -> u64 {
    let before = story.fake_github.requests().len();
    let said = story.run(arguments);
    assert_eq!(said.code, Some(code), "{}", said.whole());
    u64::try_from(story.fake_github.requests().len() - before).unwrap()
}

/// A project whose production is protected.
fn staged(protection: Protection) -> Story {
    let mut story = on_github_with(STAGED);
    story.hurry();
    story.fake_github.with(|state| state.protect("production", protection));
    story
}

#[test]
fn a_release_through_environments_sends_exactly_the_stated_requests() {
    let pattern = |n: usize| RefPattern { name: format!("ma*{}", "*".repeat(n)), tag: false };
    let patterns = AllowedRefs::Patterns((0..101).map(pattern).collect());
    for (name, protection) in [
        ("no rules", Protection::default()),
        ("patterns", Protection { refs: patterns, ..Protection::default() }),
    ] {
        let story = staged(protection);
        let stated = stated_runs(&story);
        let first = asked_by(&story, 3, &["release"]);
        a_day_later(&story, "1.1.0", "staging");
        let again = stated_runs(&story);
        let second = asked_by(&story, 0, &["release"]);
        eprintln!("{name}: {stated:?} stated, {first} and {second} asked");
        assert_eq!((stated.0, stated.1), (first + second, 2), "{name}");
        assert_eq!((again.0, again.1), (second, 1), "{name}");
    }
}

#[test]
fn a_run_that_only_waits_sends_exactly_the_stated_requests() {
    let story = staged(Protection::default());
    let (_, _, waiting) = stated_runs(&story);
    asked_by(&story, 3, &["release"]);
    story.fake_github.with(|state| state.advance(SignedDuration::from_hours(1)));
    assert_eq!(waiting, Some(asked_by(&story, 3, &["release"])));
}

#[test]
fn a_release_into_a_protected_environment_sends_exactly_the_stated_requests() {
    let story = staged(Protection { wait_minutes: 90, ..Protection::default() });
    let stated = stated_runs(&story);
    let mut asked = asked_by(&story, 3, &["release"]);
    a_day_later(&story, "1.1.0", "staging");
    asked += asked_by(&story, 3, &["release"]);
    story.fake_github.with(|state| state.advance(SignedDuration::from_mins(91)));
    let last = stated_runs(&story);
    let finished = asked_by(&story, 0, &["promote"]);
    assert_eq!((last.0, last.1), (finished, 1), "with the timer over");
    assert_eq!((stated.0, stated.1), (asked + finished, 3));
}

#[test]
fn a_release_requests_a_needed_approval_once_per_run() {
    let reviewers = vec![Reviewer::User("bob".into())];
    let story = staged(Protection { reviewers, ..Protection::default() });
    asked_by(&story, 3, &["release"]);
    a_day_later(&story, "1.1.0", "staging");
    asked_by(&story, 3, &["release"]);
    let (_, _, waiting) = stated_runs(&story);
    assert_eq!(waiting, Some(asked_by(&story, 3, &["release"])));
    approve(&story, "production");
    let stated = stated_runs(&story);
    assert_eq!((asked_by(&story, 0, &["release"]), 1), (stated.0, stated.1));
}

#[test]
fn a_release_that_counts_approvals_of_an_environment_sends_exactly_the_stated_requests() {
    let roles =
        "roles:\n  ops: [bob]\ngates:\n  approved: { roles: [ops], from: [environments] }\n";
    let gated = |gate: &str| format!("environment: production\n    gates: [{gate}]");
    let manifest = STAGED.replacen("gates:\n", roles, 1);
    let mut story = on_github_with(&manifest.replace(&gated("checks-green"), &gated("approved")));
    story.hurry();
    let reviewers = vec![Reviewer::User("bob".into())];
    let protection = Protection { reviewers, ..Protection::default() };
    story.fake_github.with(|state| state.protect("production", protection));
    asked_by(&story, 3, &["release"]);
    a_day_later(&story, "1.1.0", "staging");
    asked_by(&story, 3, &["release"]);
    approve(&story, "production");
    let stated = stated_runs(&story);
    assert_eq!((asked_by(&story, 0, &["release"]), 1), (stated.0, stated.1));
}

/// Bob approves a run of the head that starts a minute from now.
fn approve(story: &Story, environment: &str) {
    let commit = story.sha("work", "HEAD");
    story.fake_github.with(|state| {
        state.advance(SignedDuration::from_mins(1));
        let approval = Approval {
            by: "bob".into(),
            run: 7,
            started_by: Some("ada".into()),
            url: None,
            at: None,
        };
        let environment = EnvironmentName::new(environment).unwrap();
        state.approvals.push(SimApproval { approval, environment, commit, at: state.now });
    });
}

#[test]
fn a_release_after_a_failed_verification_sends_exactly_the_stated_requests() {
    let story = staged(Protection::default());
    story.write("sick-staging", "");
    asked_by(&story, 5, &["release"]);
    std::fs::remove_file(story.path("sick-staging")).unwrap();
    let stated = stated_runs(&story);
    let waits = asked_by(&story, 3, &["release"]);
    a_day_later(&story, "1.1.0", "staging");
    assert_eq!(stated.0, waits + asked_by(&story, 0, &["release"]));
}

#[test]
fn plan_shows_the_requests_of_each_step() {
    let story = story(MANIFEST, 2);
    saw!(story, "costs-plan", story.run(&["plan"]).whole());
}

#[test]
fn a_check_sends_one_request_for_any_number_of_tags_and_commits() {
    let story = story(MANIFEST, 0);
    assert_eq!(asked(&story, &["check"]), 1);
    let mut stream = String::new();
    for n in 0..200 {
        stream += &format!(
            "commit refs/heads/main\ncommitter Ada <ada@example.com> {} +0000\ndata 8\nfix: it\n\n{}",
            1_768_000_001 + n,
            if n == 0 { "from refs/heads/main^0\n" } else { "" }
        );
        stream += &format!("reset refs/tags/v0.{n}.0\nfrom refs/heads/main\n\n");
        stream += &format!("reset refs/tags/side-{n}\nfrom refs/heads/main\n\n");
    }
    story.write("stream", stream);
    story.git("work", &["checkout", "-q", "--detach"]);
    let input = std::fs::File::open(story.path("stream")).unwrap();
    let imported =
        story.program("git", "work").arg("fast-import").arg("--quiet").stdin(input).status();
    assert!(imported.unwrap().success());
    story.git("work", &["checkout", "-q", "main"]);
    story.git("work", &["push", "-q", "--tags", "origin", "main"]);
    story.report("build", "success");
    assert_eq!(asked(&story, &["check", "--gate", "checks-green"]), 1);
    assert!(story.git("work", &["tag"]).lines().count() > 300);
}

#[test]
fn the_statistics_table_shows_the_sent_requests() {
    let story = story(BARE, 0);
    saw!(story, "stats-release", story.run(&["release", "--stats", "--quiet"]).whole());
    saw!(story, "stats-nothing", story.run(&["schema", "--stats", "--quiet"]).stderr);
    let said = story.run(&["check", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let asked = &document["by_endpoint"]["POST /graphql"];
    assert_eq!(*asked, serde_json::json!({ "requests": 1, "not_modified": 0, "retried": 0 }));
    assert_eq!(document["quotas"]["graphql"]["limit"], 5000);
}
