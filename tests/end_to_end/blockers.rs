//! `no-blockers` with the real binary: open issues and pull requests over HTTP.

use crate::saw;
use crate::support::fake_github::{Options, Scopes, TOKEN};
use crate::support::story::{MANIFEST, Story, regex_of};
use std::collections::BTreeMap;
use tminus::adapters::sim::SimIssue;
use tminus::facts::{Blocker, BlockerKind};

fn manifest() -> String {
    MANIFEST.replace("  tree-clean: on\n", "  tree-clean: on\n  no-blockers: on\n")
}

fn issue(number: u64, kind: BlockerKind, labels: &[&str], milestone: Option<&str>) -> SimIssue {
    let page = if kind == BlockerKind::Issue { "issues" } else { "pull" };
    SimIssue {
        blocker: Blocker {
            number,
            kind,
            title: "The installer deletes the wrong folder".into(),
            url: format!("https://github.com/acme/widget/{page}/{number}"),
            assignees: vec!["lin".into()],
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            milestone: milestone.map(str::to_owned),
        },
        open: true,
    }
}

fn story() -> Story {
    let story = Story::bare(Options::default(), &manifest());
    story.report("build", "success");
    story
}

#[test]
fn an_open_blocker_holds_a_release_until_it_is_closed() {
    let story = story();
    story.fake_github.with(|state| {
        state.issues = vec![
            issue(41, BlockerKind::Issue, &["release-blocker", "bug"], None),
            issue(42, BlockerKind::Issue, &["bug"], Some("v1.1.0-rc.1")),
            issue(43, BlockerKind::PullRequest, &[], Some("v1.1.0")),
        ];
    });
    saw!(story, "blockers-check", story.run(&["check", "--gate", "no-blockers"]).whole());
    assert_eq!(story.run(&["release"]).code, Some(3));
    story.fake_github.with(|state| state.issues.iter_mut().for_each(|issue| issue.open = false));
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_blocker_that_is_opened_during_a_release_stops_it_before_the_next_public_step() {
    let story = story();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    let blocker = issue(41, BlockerKind::Issue, &["release-blocker"], None);
    story.fake_github.with(|state| state.issues.push(blocker));
    assert_eq!(story.run(&["release"]).code, Some(3));
}

#[test]
fn a_token_without_issues_permission_is_unknown_and_names_it() {
    let scopes = Scopes { issues: false, ..Scopes::ALL };
    let tokens = BTreeMap::from([(TOKEN.to_owned(), scopes)]);
    let story = Story::bare(Options { tokens, ..Options::default() }, &manifest());
    story.report("build", "success");
    let said = story.run(&["check", "--gate", "no-blockers"]);
    saw!(story, "blockers-denied", said.whole());
    assert_eq!(said.code, Some(4));
    let plan = story.run(&["plan"]);
    assert!(plan.stdout.contains("no-go[rights-suffice]"), "{}", plan.whole());
}

#[test]
fn blockers_take_one_request_which_the_plan_counts() {
    let story = story();
    let plan = story.run(&["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let before = story.fake_github.requests().len();
    assert_eq!(story.run(&["check", "--gate", "no-blockers"]).code, Some(0));
    assert_eq!(story.fake_github.requests().len() - before, 1);
    let before = story.fake_github.requests().len();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let asked = story.fake_github.requests().len() - before;
    assert_eq!(plan["release_requests"].as_u64(), Some(asked as u64));
}
