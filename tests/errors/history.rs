//! What history may lack or hold.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};
use std::process::Command;

/// A clone in `shallow` that has the last commit only.
fn shallow() -> Story {
    let story = Story::new();
    story.push("feat: a third widget (#3)");
    story.report("build", "success");
    let url = format!("file://{}", story.path("remote.git").to_str().unwrap());
    story.git(".", &["clone", "-q", "--depth", "1", &url, "shallow"]);
    story.write("shallow/dist/widget.tar.gz", "not really a tar\n");
    story
}

#[test]
fn history_missing_from_a_shallow_clone_is_fetched() {
    let story = shallow();
    let said = story.run_in("shallow", &["check"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "shallow", said.whole());
    let said = story.run_in("shallow", &["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_shallow_clone_with_no_fetch_is_rejected_with_a_fix() {
    let story = shallow();
    let said = story.run_in("shallow", &["check", "--no-fetch"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "shallow-no-fetch", said.whole());
    let said = story.run_in("shallow", &["release", "--no-fetch"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(story, "shallow-no-fetch-release", said.whole());
}

#[test]
fn the_first_release_needs_no_earlier_tag() {
    let story = Story::new();
    story.git("remote.git", &["tag", "-d", "v1.0.0"]);
    story.git("work", &["tag", "-d", "v1.0.0"]);
    saw!(story, "first-check", story.run(&["check"]).whole());
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "first-release", said.whole());
}

#[test]
fn a_tag_without_a_version_is_not_mistaken_for_a_version() {
    let story = Story::new();
    for name in ["nightly", "v1.x", "v9", "release-x", "vé"] {
        story.git("work", &["tag", name]);
    }
    story.git("work", &["push", "-q", "--tags"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(said.stdout.contains("\nreleased: widget 1.1.0"), "{}", said.whole());
}

#[test]
fn a_tag_at_another_commit_is_a_conflict() {
    let story = Story::new();
    story.git("work", &["checkout", "-q", "-b", "aside", "HEAD~1"]);
    story.git("work", &["commit", "-q", "--allow-empty", "-m", "fix: aside"]);
    story.git("work", &["tag", "-m", "x", "v1.1.0"]);
    story.git("work", &["push", "-q", "origin", "v1.1.0"]);
    story.git("work", &["checkout", "-q", "main"]);
    let left = story.left();
    let check = story.run(&["check"]);
    saw!(story, "tag-elsewhere-check", check.whole());
    let release = story.run(&["release"]);
    saw!(story, "tag-elsewhere-release", release.whole());
    assert_eq!(check.code, Some(1), "{}", check.whole());
    assert_eq!(release.code, Some(1), "{}", release.whole());
    assert_eq!(story.left(), left);
}

#[test]
fn a_non_utf8_commit_message_can_be_checked_and_released() {
    let story = Story::bare(Options::default(), MANIFEST);
    story.write("message", b"feat: caf\xe9 \x1b[31m (#4)\n\nbody \xff\xfe\n");
    let git = story.git("work", &["config", "i18n.commitEncoding", "utf-8"]);
    assert_eq!(git, "");
    let mut tree = Command::new("git");
    tree.current_dir(story.path("work")).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    tree.args(identity).args([
        "commit",
        "-q",
        "--allow-empty",
        "--cleanup=verbatim",
        "-F",
        "../message",
    ]);
    let date = "1768000000 +0000";
    tree.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date);
    assert!(tree.status().unwrap().success());
    story.git("work", &["push", "-q", "origin", "main"]);
    story.report("build", "success");
    let said = story.run(&["check"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(story, "not-utf-8", said.whole());
    assert_eq!(story.run(&["release"]).code, Some(0));
}

#[test]
fn an_unknown_commit_is_reported_as_unknown() {
    let story = Story::new();
    for (name, revision) in [
        ("name", "nowhere"),
        ("id", "1234567"),
        ("full", "1234567890123456789012345678901234567890"),
        ("option", "--upload-pack=touch"),
    ] {
        let said = story.run(&["check", &format!("--commit={revision}")]);
        assert_eq!(said.code, Some(4), "{}", said.whole());
        saw!(story, format!("commit-unknown-{name}"), said.whole());
    }
}
