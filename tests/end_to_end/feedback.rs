//! What testers reported, listed by the gate `accepted`: issues with a label, over HTTP.

use crate::saw;
use crate::support::fake_github::{Options, Scopes, TOKEN};
use crate::support::story::{Story, regex_of};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tminus::adapters::clock::SystemClock;
use tminus::adapters::sim::{SimAccount, SimIssue};
use tminus::facts::{Blocker, BlockerKind};
use tminus::ports::Clock as _;

const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
roles:
  testers: [grace]
gates:
  checks-green: { required: [build] }
  accepted: { role: testers, scenarios: [upgrade], feedback: uat-feedback }
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ['dist/*'], checksums: sha256 }
  - name: stable
    gates: [accepted]
    steps:
      - tag: { sign: 'off' }
      - publish-release
";

fn issue(number: u64, kind: BlockerKind, title: &str, label: &str) -> SimIssue {
    let page = String::new();
    let (assignees, labels, milestone) = (vec!["lin".into()], vec![label.into()], None);
    let title = title.into();
    let blocker = Blocker { number, kind, title, url: page, assignees, labels, milestone };
    SimIssue { blocker, open: true }
}

fn report(number: u64, title: &str) -> SimIssue {
    issue(number, BlockerKind::Issue, title, "uat-feedback")
}

/// A release in which testers reported two problems; a pull request and a closed issue have the label too.
fn story_of(options: Options, manifest: &str) -> Story {
    let mut story = Story::bare(options, manifest);
    story.hurry();
    story.report("build", "success");
    let page = format!("{}/acme/widget/issues", story.fake_github.url);
    story.fake_github.with(|state| {
        state.issues = vec![
            report(41, "The installer deletes the wrong folder"),
            report(43, "Fixes #1 of @everyone: see [this](https://evil.example)"),
            issue(44, BlockerKind::PullRequest, "Keep the folder", "uat-feedback"),
            issue(45, BlockerKind::Issue, "Another problem", "bug"),
            SimIssue { open: false, ..report(46, "Closed") },
        ];
        let pages = state.issues.iter_mut().map(|issue| &mut issue.blocker);
        pages.for_each(|one| one.url = format!("{page}/{}", one.number));
    });
    story
}

fn story() -> Story {
    story_of(Options::default(), MANIFEST)
}

fn without_issues() -> Options {
    let scopes = Scopes { issues: false, ..Scopes::ALL };
    Options { tokens: BTreeMap::from([(TOKEN.to_owned(), scopes)]), ..Options::default() }
}

/// The section of the tracking issue.
fn acceptance(story: &Story) -> String {
    let body = story.fake_github.with(|state| state.society.issues[0].body.clone());
    let (_, section) = body.split_once("### Acceptance\n").unwrap();
    section.split_once("\n### ").unwrap().0.to_owned()
}

fn document(story: &Story, arguments: &[&str]) -> Value {
    let said = story.run(arguments);
    serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{}", said.whole()))
}

/// A tester accepts the scenario, after everything that was recorded so far.
fn accept(story: &Story) {
    story.fake_github.with(|state| {
        let number = state.society.issues[0].number;
        state.now = state.now.max(SystemClock::default().now() + SignedDuration::from_secs(2));
        state.comment_on(number, SimAccount::User("grace".into()), "/accept upgrade").unwrap();
    });
}

fn requests(story: &Story, arguments: &[&str]) -> usize {
    let before = story.fake_github.requests().len();
    story.run(arguments);
    story.fake_github.requests().len() - before
}

#[test]
fn feedback_is_listed_wherever_acceptance_is_shown() {
    let story = story();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    let note = "note[accepted]: 2 open issues have the label `uat-feedback`";
    assert!(said.stdout.contains(note), "{}", said.whole());
    saw!(story, "feedback-issue", acceptance(&story));
    let status = story.run(&["status"]);
    let (acceptance, _) = status.stdout.split_once("\n  candidate\n").unwrap();
    saw!(story, "feedback-status", acceptance);
    let page = |number| format!("{}/acme/widget/issues/{number}", story.fake_github.url);
    let feedback = json!({
        "labels": ["uat-feedback"],
        "missing_labels": [],
        "total": 2,
        "unread": null,
        "issues": [
            {
                "number": 41,
                "title": "The installer deletes the wrong folder",
                "url": page(41),
                "assignees": ["lin"],
                "labels": ["uat-feedback"],
            },
            {
                "number": 43,
                "title": "Fixes #1 of @everyone: see [this](https://evil.example)",
                "url": page(43),
                "assignees": ["lin"],
                "labels": ["uat-feedback"],
            },
        ],
    });
    let markdown = story.run(&["check", "--gate", "accepted", "--format", "markdown"]).stdout;
    let link =
        format!("#\u{200b}41: The installer deletes the wrong folder ([details]({}))", page(41));
    assert!(
        markdown.contains("ℹ️ **note** `accepted`: 2 open") && markdown.contains(&link),
        "{markdown}"
    );
    for command in [
        &["status", "--format", "json"][..],
        &["plan", "--format", "json"],
        &["release", "--format", "json"],
        &["check", "--gate", "accepted", "--format", "json"],
    ] {
        assert_eq!(document(&story, command)["feedback"], feedback, "{command:?}");
    }
    let check = document(&story, &["check", "--gate", "accepted", "--format", "json"]);
    let notes = check["gates"][0]["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{check}");
}

#[test]
fn feedback_stops_nothing_and_is_replayed_from_a_facts_file() {
    let story = story();
    let facts = story.path("facts.json").display().to_string();
    story.run(&["check", "--gate", "accepted", "--facts-out", &facts]);
    let said = story.run(&["check", "--gate", "accepted", "--facts", &facts]);
    assert!(said.stdout.contains("2 open issues have the label"), "{}", said.whole());
    assert_eq!(story.run(&["release"]).code, Some(3));
    accept(&story);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn feedback_that_cannot_be_read_is_never_shown_as_none() {
    let story = story_of(without_issues(), MANIFEST);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    let why = "cannot read the feedback issues: permission denied: the token lacks `issues: read`";
    assert!(said.stdout.contains(&format!("note[accepted]: {why}")), "{}", said.whole());
    let rights = said.stdout.lines().find(|line| line.starts_with("  go       rights-suffice"));
    assert!(rights.unwrap().contains(why), "{}", said.whole());
    let status = document(&story, &["status", "--format", "json"]);
    assert_eq!(
        (&status["feedback"]["issues"], &status["feedback"]["total"]),
        (&Value::Null, &Value::Null)
    );
    assert!(status["feedback"]["unread"].as_str().unwrap().contains("issues: read"), "{status}");
}

#[test]
fn the_tracking_issue_names_a_feedback_label_that_does_not_exist() {
    let story = story();
    story.fake_github.with(|state| {
        state.issues.clear();
        state.missing_labels.insert("uat-feedback".into());
    });
    assert_eq!(story.run(&["release"]).code, Some(3));
    let section = acceptance(&story);
    let line = "- ⚠️ the repository has no label `uat-feedback`\n";
    assert!(section.contains(line) && !section.contains("no open issue"), "{section}");
}

#[test]
fn feedback_takes_one_request_in_a_run_which_the_plan_counts() {
    let plain = story_of(Options::default(), &MANIFEST.replace(", feedback: uat-feedback", ""));
    let with_feedback = story();
    let stated = |story: &Story| {
        let plan = document(story, &["plan", "--format", "json"]);
        plan["release_requests"].as_u64().unwrap()
    };
    assert_eq!(stated(&with_feedback), stated(&plain) + 1);
    for story in [&plain, &with_feedback] {
        assert_eq!(story.run(&["release"]).code, Some(3));
    }
    assert_eq!(stated(&with_feedback), stated(&plain) + 1);
    for story in [&plain, &with_feedback] {
        accept(story);
        let stated = stated(story);
        assert_eq!(requests(story, &["release"]) as u64, stated);
    }
}

#[test]
fn feedback_and_blockers_are_read_in_one_request() {
    let both = MANIFEST.replace("gates:\n  checks", "gates:\n  no-blockers: on\n  checks");
    let story = story_of(Options::default(), &both);
    let check = ["check", "--gate", "no-blockers", "--gate", "accepted"];
    let only = ["check", "--gate", "no-blockers"];
    let before = story.fake_github.requests().len();
    let said = story.run(&check);
    assert!(said.stdout.contains("2 open issues have the label"), "{}", said.whole());
    let asked = story.fake_github.requests();
    let asked = asked[before..].iter().filter(|one| one.request.to_string().contains("Blockers"));
    assert_eq!(asked.count(), 1);
    assert_eq!(requests(&story, &only), 1);
}

#[test]
fn without_a_forge_feedback_is_said_to_be_unread_and_the_gate_still_rules() {
    let story = story();
    let manifest = MANIFEST.replace("name: widget\n", "name: widget\nforge: none\n");
    let manifest = manifest.replace("  checks-green: { required: [build] }\n", "");
    let steps = manifest.split_once("  - name: candidate\n").unwrap().0.to_owned();
    let stages = "  - name: stable\n    gates: [accepted]\n    steps: [{ tag: { sign: 'off' } }]\n";
    story.write("work/tminus.yaml", format!("{steps}{stages}"));
    story.push("chore: no forge");
    let said = story.run(&["check", "--gate", "accepted"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    saw!(story, "feedback-no-forge", said.whole());
}
