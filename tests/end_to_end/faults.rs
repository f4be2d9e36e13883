//! What is definitely wrong is said so, before anything is made.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};

#[test]
fn an_asset_that_github_would_rename_is_no_go_before_anything_is_created() {
    let story = Story::new();
    story.write("work/dist/widget_1.1.0~rc1.deb", "not really a deb\n");
    saw!(story, "asset-renamed", story.run(&["release"]).whole());
    assert_eq!(story.run(&["plan"]).code, Some(1));
    story.fake_github.with(|state| assert!(state.releases.is_empty()));
}

#[test]
fn missing_files_are_unknown_for_a_plan_and_no_go_for_a_release() {
    let story = Story::new();
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    assert_eq!(story.run(&["plan"]).code, Some(4));
    assert_eq!(story.run(&["release"]).code, Some(1));
}

#[test]
fn two_manifests_are_an_error_that_names_both() {
    let story = Story::new();
    story.write("work/.github/tminus.yaml", MANIFEST);
    story.push("chore: a second manifest");
    saw!(story, "two-manifests", story.run(&["check"]).whole());
    assert_eq!(story.run(&["workflow", "--check"]).code, Some(2));
    story.git("work", &["rm", "-q", "--cached", "tminus.yaml", ".github/tminus.yaml"]);
    story.git("work", &["commit", "-q", "-m", "chore: no manifest"]);
    assert_eq!(story.run(&["check"]).code, Some(2), "neither is committed");
}

#[test]
fn a_plan_with_unreadable_step_states_is_unknown() {
    let manifest = MANIFEST
        .replace("  checks-green: { required: [build] }\n", "  checks-green: off\n")
        .replace("    gates: [checks-green]\n", "")
        .replace("  tree-clean: on\n", "  tree-clean: on\n  rights-suffice: off\n");
    let mut story = Story::bare(Options::default(), &manifest);
    story.set("GITHUB_TOKEN", "");
    let said = story.run(&["plan"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert!(
        said.stdout.contains("unknown: the state of 5 of 7 steps cannot be read"),
        "{}",
        said.whole()
    );
}

#[test]
fn an_aborted_release_is_not_aborted_twice() {
    let story = Story::new();
    assert_eq!(story.run(&["release", "--through", "candidate"]).code, Some(0));
    assert_eq!(story.run(&["abort"]).code, Some(0));
    saw!(story, "abort-twice", story.run(&["abort"]).whole());
    std::fs::remove_dir_all(story.path("work/dist")).unwrap();
    saw!(story, "abort-twice", story.run(&["abort"]).whole());
}
