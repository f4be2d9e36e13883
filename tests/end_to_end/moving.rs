//! Tags that move with releases: `v1` and `v1.0` of a project that others refer to by them.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Story, regex_of};

/// A project with `v1` at `v1.0.0`, as a tag object, which moves tags from now on.
fn project() -> Story {
    let moves = "      - publish-release\n      - move-tag: ['v{major}', 'v{major}.{minor}']\n";
    let manifest = MANIFEST.replace("      - publish-release\n", moves);
    let manifest = manifest.replace("[main]", "[main, '{line}']");
    let story = Story::bare(Options::default(), &manifest);
    story.git("work", &["tag", "-m", "v1", "v1", "v1.0.0^{}"]);
    story.git("work", &["push", "-q", "origin", "v1"]);
    story.report("build", "success");
    story
}

/// Commits a version on the branch that is checked out, pushes it, and lets CI report.
fn raise(story: &Story, version: &str, message: &str) {
    story.write(
        "work/Cargo.toml",
        format!("[package]\nname = \"widget\"\nversion = \"{version}\"\n"),
    );
    let changelog = std::fs::read_to_string(story.path("work/CHANGELOG.md")).unwrap();
    let entry = format!("## [{version}] - 2026-01-11\n\n### Fixed\n\n- {message}\n\n## [");
    story.write("work/CHANGELOG.md", changelog.replacen("## [", &entry, 1));
    story.git("work", &["commit", "-q", "-a", "-m", message]);
    story.git("work", &["push", "-q", "origin", "HEAD"]);
    story.report("build", "success");
}

/// Releases the head, and gives its commit.
fn release(story: &Story) -> String {
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.sha("work", "HEAD").to_string()
}

/// What a tag of the remote holds.
fn holds(story: &Story, tag: &str) -> String {
    story.git("remote.git", &["rev-parse", &format!("refs/tags/{tag}")])
}

#[test]
fn a_moving_tag_follows_the_highest_final_version_of_its_range() {
    let story = project();
    saw!(story, "moving-plan", story.run(&["plan"]).whole());
    saw!(story, "moving-release", story.run(&["release"]).whole());
    let first = story.sha("work", "HEAD").to_string();
    assert_eq!([holds(&story, "v1"), holds(&story, "v1.1")], [first.clone(), first.clone()]);
    assert_eq!(story.git("work", &["rev-parse", "v1.1"]), first, "the clone has it too");
    saw!(story, "moving-status", story.run(&["status"]).whole());
    let left = story.left();
    let again = story.run(&["release"]);
    assert_eq!(again.code, Some(0), "{}", again.whole());
    assert_eq!(story.left(), left, "one more run changes nothing");

    raise(&story, "1.2.0-rc.1", "feat: a third widget (#3)");
    saw!(story, "moving-plan-of-a-pre-release", story.run(&["plan"]).whole());
    release(&story);
    assert_eq!(holds(&story, "v1"), first, "a pre-release moves nothing");
    let tags = story.git("remote.git", &["tag"]);
    assert!(!tags.lines().any(|tag| tag == "v1.2"), "{tags}");

    story.git("work", &["checkout", "-q", "-b", "1.0.x", "v1.0.0"]);
    raise(&story, "1.0.1", "fix: an old widget (#4)");
    saw!(story, "moving-plan-of-an-older-line", story.run(&["plan"]).whole());
    let older = release(&story);
    assert_eq!(holds(&story, "v1"), first, "1.1.0 is higher");
    assert_eq!(holds(&story, "v1.0"), older);

    story.git("work", &["checkout", "-q", "main"]);
    raise(&story, "1.2.0", "fix: the third widget (#5)");
    let last = release(&story);
    assert_eq!([holds(&story, "v1"), holds(&story, "v1.2")], [last.clone(), last]);
    assert_eq!([holds(&story, "v1.0"), holds(&story, "v1.1")], [older, first]);
}

#[test]
fn a_moving_tag_that_was_moved_by_hand_is_moved_back() {
    let story = project();
    let head = release(&story);
    story.git("work", &["push", "-q", "-f", "origin", "v1.0.0^{}:refs/tags/v1"]);
    assert_ne!(holds(&story, "v1"), head);
    let said = story.run(&["status"]);
    assert!(said.stdout.contains("missing  move-tag v1 to "), "{}", said.whole());
    release(&story);
    assert_eq!(holds(&story, "v1"), head);
}

#[test]
fn a_release_with_moving_tags_can_be_aborted_before_an_irreversible_step() {
    let story = project();
    let before = holds(&story, "v1");
    let said = story.run(&["release", "--through", "beta"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let said = story.run(&["abort"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert_eq!(holds(&story, "v1"), before);
    assert_eq!(story.git("remote.git", &["tag"]), "v1\nv1.0.0");
}

#[test]
fn a_rehearsal_moves_tags_in_the_simulated_remote_only() {
    let story = project();
    let before = holds(&story, "v1");
    let said = story.run(&["rehearse"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(said.stdout.contains("move-tag v1 to "), "{}", said.whole());
    assert_eq!(holds(&story, "v1"), before);
}

#[test]
fn a_moving_tag_event_releases_nothing_but_a_pushed_version_tag_does() {
    let manifest = "\
version: { policy: manual }
gates: { checks-green: off, changelog-entry: off, rights-suffice: off }
changelog: { style: none }
forge: none
stages:
  - name: release
    steps: [tag: { sign: 'off' }, move-tag: ['v{major}', latest]]
";
    let mut story = Story::bare(Options::default(), manifest);
    let said = story.run(&["release", "--version", "1.1.0"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let head = story.sha("work", "HEAD").to_string();
    assert_eq!([holds(&story, "v1"), holds(&story, "latest")], [head.clone(), head.clone()]);
    story.env("GITHUB_ACTIONS", "true");
    story.env("GITHUB_EVENT_NAME", "push");
    story.env("GITHUB_REF", "refs/tags/v1");
    story.env("GITHUB_SHA", &head);
    story.git("work", &["checkout", "-q", "--detach"]);
    for command in ["check", "release"] {
        let said = story.run(&[command, "--branch", "main"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
        assert!(said.whole().contains("1.1.0 is already released"), "{}", said.whole());
    }
}
