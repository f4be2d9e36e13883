//! Where tminus is run: not in a repository, in an odd one, with a remote that is not there.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use std::os::unix::fs::symlink;

#[test]
fn a_folder_outside_a_repository_is_reported() {
    let story = Story::empty(Options::default());
    story.write("plain/tminus.yaml", MANIFEST);
    for (name, command) in [("check", "check"), ("release", "release"), ("init", "init")] {
        let said = story.run_in("plain", &[command]);
        assert_eq!(said.code, Some(4), "{}", said.whole());
        saw!(story, format!("no-repository-{name}"), said.whole());
    }
    for command in ["check", "release", "init", "workflow"] {
        let said = story.run_in(".", &["-C", "nowhere", command]);
        assert_eq!(said.code, Some(2), "{}", said.whole());
        saw!(story, "no-folder", said.whole());
    }
}

#[test]
fn a_repository_without_commits_is_reported() {
    let story = Story::empty(Options::default());
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "no-commits", said.whole());
}

#[test]
fn a_symlinked_git_folder_is_supported() {
    let story = Story::new();
    std::fs::rename(story.path("work/.git"), story.path("elsewhere.git")).unwrap();
    symlink("../elsewhere.git", story.path("work/.git")).unwrap();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_release_can_run_in_a_worktree() {
    let story = Story::new();
    story.git("work", &["worktree", "add", "-q", "-f", "../other", "main"]);
    story.write("other/dist/widget.tar.gz", "not really a tar\n");
    let said = story.run_in("other", &["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_release_can_run_in_a_subfolder_of_the_repository() {
    let story = Story::new();
    let said = story.run_in("work/dist", &["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_detached_head_uses_the_branch_that_contains_it_or_the_named_one() {
    let story = Story::new();
    story.git("work", &["checkout", "-q", "--detach"]);
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "detached", said.whole());
    story.git("work", &["commit", "-q", "--allow-empty", "-m", "feat: nowhere"]);
    story.git("work", &["push", "-q", "origin", "HEAD:refs/heads/aside"]);
    story.report("build", "success");
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "detached-nowhere", said.whole());
    // It descends from `main` and is not on it: the name alone does not make it so.
    let said = story.run(&["check", "--branch", "main"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
}

#[test]
fn a_missing_remote_is_unknown() {
    let story = Story::new();
    story.git("work", &["remote", "set-url", "origin", "../gone.git"]);
    let left = story.left();
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "no-remote-check", said.whole());
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "no-remote-release", said.whole());
    assert_eq!(story.left(), left);
    let said = story.run(&["check", "--offline"]);
    saw!(story, "no-remote-offline", said.whole());
    saw!(story, "no-such-remote", story.run(&["check", "--remote", "upstream"]).whole());
}
