//! What files and arguments may hold.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Said, Story, regex_of};

fn with_manifest(manifest: &str) -> (Story, Said) {
    let story = Story::bare(Options::default(), manifest);
    story.report("build", "success");
    let said = story.run(&["check"]);
    (story, said)
}

#[test]
fn a_missing_manifest_is_a_usage_error() {
    let story = Story::new();
    story.git("work", &["rm", "-q", "tminus.yaml"]);
    story.push("chore: no manifest");
    for command in ["check", "plan", "release", "status", "abort"] {
        let said = story.run(&[command]);
        assert_eq!(said.code, Some(2), "{}", said.whole());
        saw!(story, "no-manifest", said.whole());
    }
    saw!(story, "no-such-manifest", story.run(&["check", "--manifest", "nowhere.yaml"]).whole());
    story.write("work/tminus.yaml", MANIFEST);
    saw!(story, "manifest-not-committed", story.run(&["release"]).whole());
}

#[test]
fn a_manifest_of_five_megabytes_is_rejected() {
    let (story, said) = with_manifest(&format!("{MANIFEST}# {}\n", "x".repeat(5 << 20)));
    assert_eq!(said.code, Some(2), "{}", said.whole());
    saw!(story, "manifest-large", said.whole());
    let file = story.path("work/tminus.yaml");
    let said = story.run(&["check", "--manifest", file.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{}", said.whole());
    saw!(story, "manifest-large-by-name", said.whole());
}

#[test]
fn manifest_errors_are_shown_at_their_position() {
    let wrong = MANIFEST.replace("checks-green", "check-green").replace("tag: {", "tagg: {");
    let (story, said) = with_manifest(&wrong);
    assert_eq!(said.code, Some(2), "{}", said.whole());
    saw!(story, "manifest-wrong", said.whole());
    let (story, said) = with_manifest("[");
    assert_eq!(said.code, Some(2), "{}", said.whole());
    saw!(story, "manifest-broken", said.whole());
    let (story, said) = with_manifest("");
    saw!(story, "manifest-empty", said.whole());
}

#[test]
fn a_binary_changelog_is_no_go() {
    let story = Story::new();
    story.write("work/CHANGELOG.md", b"\x00\xff\xfe\x1b[2J");
    story.push("docs: a picture");
    story.report("build", "success");
    let said = story.run(&["check"]);
    assert!(matches!(said.code, Some(1 | 4)), "{}", said.whole());
    saw!(story, "changelog-binary", said.whole());
    let said = story.run(&["release"]);
    assert!(matches!(said.code, Some(1 | 4)), "{}", said.whole());
    saw!(story, "changelog-binary-release", said.whole());
}

#[test]
fn an_unreadable_version_file_is_no_go() {
    let story = Story::new();
    story.write("work/Cargo.toml", "[package\nversion = 1\n");
    story.push("chore: broken");
    story.report("build", "success");
    let said = story.run(&["check"]);
    assert!(matches!(said.code, Some(1 | 4)), "{}", said.whole());
    saw!(story, "version-broken", said.whole());
    saw!(story, "version-broken-plan", story.run(&["plan"]).whole());
}

#[test]
fn a_missing_asset_is_reported_before_anything_is_done() {
    let story = Story::new();
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    let left = story.left();
    saw!(story, "no-assets-plan", story.run(&["plan"]).whole());
    let said = story.run(&["release"]);
    assert_ne!(said.code, Some(0), "{}", said.whole());
    saw!(story, "no-assets", said.whole());
    assert_eq!(story.left(), left);
}

#[test]
fn an_unknown_gate_name_is_rejected_with_the_nearest_name() {
    let story = Story::new();
    saw!(story, "gate-near", story.run(&["check", "--gate", "check-green"]).whole());
    saw!(story, "gate-far", story.run(&["check", "--gate", "xyzzy"]).whole());
    saw!(story, "gate-one", story.run(&["check", "--gate", "tree-clean"]).whole());
    saw!(story, "explain-far", story.run(&["explain", "tree-claen"]).whole());
}

#[test]
fn offline_the_remote_is_never_queried() {
    let story = Story::new();
    let said = story.run(&["check", "--offline"]);
    saw!(story, "offline", said.whole());
    assert_eq!(story.fake_github.requests().len(), 0);
    assert!(!story.path("network").exists(), "git did not ask either");
}
