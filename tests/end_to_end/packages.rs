//! A repository of several packages, and what the commits of one demand of another.

use crate::support::fake_github::Options;
use crate::support::story::Story;

/// Two packages beside each other, both released, then a breaking change of `b` and a fix of `a`.
fn two(tag: &str, other: &str) -> Story {
    let story = Story::empty(Options::default());
    let package = |name: &str, version: &str| {
        let text = format!("{{\"name\": \"{name}\", \"version\": \"{version}\"}}\n");
        story.write(&format!("work/packages/{name}/package.json"), text);
    };
    let commit = |message: &str| {
        story.git("work", &["add", "-A"]);
        story.git("work", &["commit", "-q", "-m", message]);
    };
    story.write(
        "work/tminus.yaml",
        format!("forge: none\nversion: {{ files: [packages/a/package.json] }}\ntag: \"{tag}\"\n"),
    );
    package("a", "1.0.0");
    package("b", "1.0.0");
    commit("chore: release");
    story.git("work", &["tag", &tag.replace("{version}", "1.0.0")]);
    story.git("work", &["tag", other]);
    story.write("work/packages/b/index.js", "1");
    commit("feat!: only b is touched");
    story.write("work/README.md", "words");
    commit("feat: the top is touched");
    package("a", "1.0.1");
    commit("fix: a is touched");
    story
}

#[test]
fn a_change_to_another_package_requires_no_version_bump() {
    for (tag, other) in [
        ("a-v{version}", "b-v1.0.0"),
        ("@acme/a@{version}", "@acme/b@1.0.0"),
        ("packages/a/v{version}", "packages/b/v1.0.0"),
        // The main package's tags are bare; the others name theirs.
        ("v{version}", "b@1.0.0"),
    ] {
        let story = two(tag, other);
        let gates = ["--gate", "version-increases", "--gate", "bump-fits-changes"];
        let said = story.run(&[&["check", "--offline"], &gates[..]].concat());
        assert_eq!(said.code, Some(0), "{tag}: {}", said.whole());
        assert!(said.stdout.contains("1.0.0 -> 1.0.1, 1 commit since"), "{}", said.whole());
        assert!(said.stdout.contains("patch, required by "), "{}", said.whole());
        let said = story.run(&["plan", "--no-fetch", "--format", "json"]);
        assert!(said.stdout.contains("a is touched"), "{}", said.whole());
        assert!(!said.stdout.contains("only b"), "{}", said.whole());
    }
}

#[test]
fn a_repository_that_is_released_as_a_whole_counts_every_commit() {
    let story = two("v{version}", "nightly-2026");
    let said = story.run(&["check", "--offline"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(
        said.stdout.contains("1.0.1 is too low: its changes require 2.0.0"),
        "{}",
        said.whole()
    );
}
