//! Only what the remote's branch contains is released from it.

use crate::saw;
use crate::support::story::{Said, Story, regex_of};

/// Commits something on a branch of its own, off the commit before the head, and checks it out
/// without a branch. CI is green on it.
fn topic(story: &Story) {
    story.git("work", &["checkout", "-q", "--detach", "HEAD~"]);
    story.git("work", &["cherry-pick", "-x", "main"]);
    assert_ne!(story.sha("work", "HEAD"), story.sha("work", "main"));
    story.report("build", "success");
}

fn none_is_tagged(story: &Story) {
    assert_eq!(story.git("remote.git", &["tag"]), "v1.0.0");
}

#[test]
fn a_commit_that_is_not_on_the_branch_is_not_released() {
    let story = Story::new();
    topic(&story);
    saw!(story, "branch-apart", story.run(&["check", "--branch", "main"]).whole());
    let Said { code, .. } = story.run(&["release", "--branch", "main"]);
    assert_eq!(code, Some(1));
    none_is_tagged(&story);
}

#[test]
fn a_diverged_local_branch_is_not_treated_as_the_remote_branch() {
    let story = Story::new();
    topic(&story);
    story.git("work", &["checkout", "-q", "-B", "main"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(said.whole().contains("is not on `main`"), "{}", said.whole());
    none_is_tagged(&story);
    let offline = story.run(&["check", "--offline", "--gate", "branch-allowed"]);
    assert_eq!(offline.code, Some(1), "{}", offline.whole());
}

#[test]
fn an_unpushed_commit_holds_the_release() {
    let story = Story::new();
    story.git("work", &["commit", "-q", "--allow-empty", "-m", "fix: one more"]);
    story.report("build", "success");
    let said = story.run(&["check", "--gate", "branch-allowed"]);
    saw!(story, "branch-ahead", said.whole());
    assert_eq!(said.code, Some(3));
    // The forge does not know the commit either.
    assert_eq!(story.run(&["release"]).code, Some(4));
    none_is_tagged(&story);
    let rehearsed = story.run(&["rehearse"]);
    assert_eq!(rehearsed.code, Some(0), "{}", rehearsed.whole());
    for arguments in [&["check", "--offline"][..], &["check", "--no-fetch"]] {
        let said = story.run(&[arguments, &["--gate", "branch-allowed"]].concat());
        assert_eq!(said.code, Some(3), "{}", said.whole());
    }
    story.git("work", &["push", "-q", "origin", "main"]);
    story.report("build", "success");
    assert_eq!(story.run(&["release"]).code, Some(0));
}

#[test]
fn a_branch_that_advanced_still_contains_the_commit() {
    let story = Story::new();
    story.git(".", &["clone", "-q", "remote.git", "other"]);
    story.git("other", &["commit", "-q", "--allow-empty", "-m", "fix: by somebody else"]);
    story.git("other", &["push", "-q", "origin", "main"]);
    let url = format!("file://{}", story.path("remote.git").display());
    let sha = story.sha("work", "HEAD");
    // As a checkout step does it: one commit, no branch.
    story.git(".", &["init", "-q", "shallow"]);
    story.git("shallow", &["remote", "add", "origin", &url]);
    story.git("shallow", &["fetch", "-q", "--depth=1", "origin", sha.as_str()]);
    story.git("shallow", &["checkout", "-q", "--detach", sha.as_str()]);
    for (folder, branch) in [("work", None), ("shallow", None), ("shallow", Some("main"))] {
        let mut arguments = vec!["check", "--gate", "branch-allowed"];
        arguments.extend(branch.iter().flat_map(|branch| ["--branch", branch]));
        let said = story.run_in(folder, &arguments);
        assert_eq!(said.code, Some(0), "{folder} {branch:?}: {}", said.whole());
    }
}

#[test]
fn branch_allowed_is_unknown_if_the_remote_cannot_be_read() {
    let story = Story::new();
    story.git("work", &["remote", "set-url", "origin", "../nowhere.git"]);
    let said = story.run(&["check", "--gate", "branch-allowed"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
}

#[test]
fn the_local_branch_is_used_if_there_is_no_remote() {
    let story = Story::new();
    story.git("work", &["remote", "remove", "origin"]);
    assert_eq!(story.run(&["check", "--gate", "branch-allowed"]).code, Some(0));
    topic(&story);
    let said = story.run(&["check", "--gate", "branch-allowed", "--branch", "main"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
}

#[test]
fn a_force_push_does_not_stop_a_release_that_is_already_public() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "beta"]).code, Some(0));
    story.git("work", &["push", "-q", "-f", "origin", "HEAD~:main"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_force_push_stops_a_release_that_is_still_private() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    topic(&story);
    story.git("work", &["push", "-q", "-f", "origin", "HEAD:main"]);
    story.git("work", &["checkout", "-q", "main"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    none_is_tagged(&story);
}
