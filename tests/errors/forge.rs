//! What stands between a commit and its release, and what tminus says of it.

use crate::saw;
use crate::support::fake_github::{Kind, Mishap, Options, Scopes, TOKEN};
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use tminus::facts::tag_rules::{TagRule, TagRuleset};
use tminus::facts::{CheckState, Seen};

/// A check and a release; both must end alike, and nothing must be left behind.
fn both(story: &Story, name: &str) -> Said {
    let left = story.left();
    let check = story.run(&["check"]);
    saw!(story, format!("{name}-check"), in_order(&check.whole()));
    let release = story.run(&["release"]);
    saw!(story, format!("{name}-release"), in_order(&release.whole()));
    assert_eq!(story.left(), left, "nothing was done");
    assert_eq!(check.code, release.code);
    check
}

/// Requests that run side by side are tried again in any order: their lines are sorted.
fn in_order(text: &str) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    for run in lines.chunk_by_mut(|a, b| [a, b].iter().all(|line| line.contains("trying again"))) {
        run.sort_unstable();
    }
    lines.join("\n")
}

#[test]
fn a_failed_check_is_no_go() {
    let story = Story::new();
    story.report("build", "failure");
    assert_eq!(both(&story, "red").code, Some(1));
}

#[test]
fn a_running_check_is_hold_even_after_an_earlier_success() {
    let story = Story::new();
    let head = story.sha("work", "HEAD");
    story
        .fake_github
        .with(|state| state.report(&head, "build", CheckState::Pending("in_progress".into())));
    assert_eq!(both(&story, "running").code, Some(3));
}

#[test]
fn a_commit_without_checks_is_never_go() {
    let story = Story::bare(Options::default(), MANIFEST);
    assert_eq!(both(&story, "no-checks").code, Some(1));
}

#[test]
fn a_token_that_cannot_see_checks_is_unknown() {
    let mut options = Options::default();
    options.tokens.insert(
        "ghs_the+blinds/token".into(),
        Scopes { checks: false, statuses: false, actions: false, ..Scopes::ALL },
    );
    let mut story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    story.set("GITHUB_TOKEN", "ghs_the+blinds/token");
    assert_eq!(both(&story, "blind").code, Some(4));
}

#[test]
fn a_read_only_token_can_check_but_not_release() {
    let mut options = Options::default();
    options.tokens.insert("ghs_the+readers/token".into(), Scopes::READ);
    let mut story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    story.set("GITHUB_TOKEN", "ghs_the+readers/token");
    let check = story.run(&["check"]);
    assert_eq!(check.code, Some(0), "{}", check.whole());
    saw!(story, "reader-plan", story.run(&["plan"]).whole());
    let release = story.run(&["release"]);
    saw!(story, "reader-release", release.whole());
    assert_ne!(release.code, Some(0));
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0");
}

#[test]
fn a_missing_token_is_unknown() {
    let mut story = Story::new();
    story.set("GITHUB_TOKEN", "");
    assert_eq!(both(&story, "no-token").code, Some(4));
}

#[test]
fn an_invalid_token_is_unknown() {
    let mut story = Story::new();
    story.set("GITHUB_TOKEN", "ghs_a+stolen/token");
    assert_eq!(both(&story, "bad-token").code, Some(4));
}

#[test]
fn a_wrong_repository_is_unknown() {
    let mut story = Story::new();
    story.set("GITHUB_REPOSITORY", "acme/gadget");
    assert_eq!(both(&story, "wrong-repository").code, Some(4));
}

#[test]
fn a_forge_that_refuses_the_connection_is_unknown() {
    let mut story = Story::new();
    story.hurry();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    story.set("GITHUB_API_URL", &url);
    story.set("GITHUB_GRAPHQL_URL", &format!("{url}/graphql"));
    assert_eq!(both(&story, "refused").code, Some(4));
}

#[test]
fn a_web_page_instead_of_a_response_is_unknown() {
    let mut story = Story::new();
    story.hurry();
    for n in 1..40 {
        story.fake_github.strike(n, Mishap::Html);
    }
    assert_eq!(both(&story, "html").code, Some(4));
}

#[test]
fn a_truncated_response_is_unknown() {
    let mut story = Story::new();
    story.hurry();
    for n in 1..40 {
        story.fake_github.strike(n, Mishap::Truncated);
    }
    assert_eq!(both(&story, "truncated").code, Some(4));
}

fn restricted(story: &Story, bypass: bool) {
    let ruleset = TagRuleset {
        id: Some(7),
        name: "release tags".into(),
        include: vec!["refs/tags/v*".into()],
        exclude: Vec::new(),
        rules: vec![TagRule { kind: "creation".into(), pattern: None }],
        bypass: Seen::Known(bypass),
    };
    story.fake_github.with(|state| state.tag_rules.push(ruleset));
}

#[test]
fn a_ruleset_that_restricts_tags_stops_a_release_before_it_begins() {
    let story = Story::new();
    restricted(&story, true);
    let left = story.left();
    saw!(story, "restricted-plan", story.run(&["plan"]).whole());
    let release = story.run(&["release"]);
    assert_eq!(release.code, Some(1), "{}", release.whole());
    assert_eq!(story.left(), left, "nothing was done");
    let quiet = story.run(&["release", "--quiet"]);
    assert_eq!(quiet.stdout, "no-go[rights-suffice]: nothing was done\n");
    let check = story.run(&["check", "--gate", "rights-suffice"]);
    saw!(story, "restricted-check", check.whole());
    assert_eq!(story.run(&["check"]).code, Some(0), "a check asks only where it is told to");
}

#[test]
fn a_token_that_can_bypass_the_ruleset_can_release() {
    let mut options = Options::default();
    let kind = Kind::Classic("repo, workflow");
    options
        .tokens
        .insert("ghs_the+owners/token".into(), Scopes { admin: true, kind, ..Scopes::ALL });
    let mut story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    story.set("GITHUB_TOKEN", "ghs_the+owners/token");
    restricted(&story, true);
    let check = story.run(&["check", "--gate", "rights-suffice"]);
    saw!(story, "bypassed-check", check.whole());
    let release = story.run(&["release"]);
    assert_eq!(release.code, Some(0), "{}", release.whole());
}

#[test]
fn the_workflow_token_cannot_release_a_commit_with_different_workflow_files() {
    let manifest = MANIFEST.replace("branches: [main]", "branches: [main, old]");
    let story = Story::bare(Options::default(), &manifest);
    story.git("work", &["checkout", "-q", "-b", "old"]);
    story.write("work/.github/workflows/ci.yml", "on: push\n");
    story.git("work", &["add", "-A"]);
    story.git("work", &["commit", "-q", "-m", "ci: of old"]);
    story.git("work", &["push", "-q", "origin", "old"]);
    story.report("build", "success");
    let release = story.run(&["release"]);
    saw!(story, "other-workflows-release", release.whole());
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0");
}

#[test]
fn a_read_only_token_cannot_abort_a_release() {
    let mut options = Options::default();
    options.tokens.insert("ghs_the+readers/token".into(), Scopes::READ);
    let mut story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    story.set("GITHUB_TOKEN", "ghs_the+readers/token");
    let left = story.left();
    saw!(story, "reader-abort", story.run(&["abort"]).whole());
    assert_eq!(story.left(), left, "the draft that it does not see is not left behind as removed");
    story.set("GITHUB_TOKEN", TOKEN);
    assert_eq!(story.run(&["release"]).code, Some(0));
    story.set("GITHUB_TOKEN", "ghs_the+readers/token");
    saw!(story, "reader-plan-after", story.run(&["plan"]).whole());
}
