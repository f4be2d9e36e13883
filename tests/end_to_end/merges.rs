//! Merges that are judged before they happen: from a workflow's event, and by number.

use crate::saw;
use crate::support::fake_github::{Options, Scopes};
use crate::support::merge::{self, WORKFLOW};
use crate::support::story::{MANIFEST, Story, regex_of};
use serde_json::{Value, json};
use tminus::base::names::BranchName;

/// A project of which 1.1.0 is due, and a branch `topic` off `main` that may be merged.
pub(crate) struct Merge(pub(crate) Story);

impl Merge {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let story = Story::bare(options, MANIFEST);
        merge::branch(&story);
        Self(story)
    }

    pub(crate) fn propose(&self, subject: &str, title: &str) {
        merge::propose(&self.0, subject, title);
    }

    /// Somebody edits the pull request's title.
    pub(crate) fn title(&self, title: &str) {
        self.0.fake_github.with(|state| {
            state.open_pulls.get_mut(&7).map(|pull| pull.title = title.into()).unwrap();
        });
    }

    /// Runs in a workflow that an event started, as `actions/checkout` leaves the clone.
    pub(crate) fn on(&mut self, name: &str, event: &Value) {
        self.0.write("event.json", event.to_string());
        let path = self.0.path("event.json");
        self.0.set("GITHUB_EVENT_NAME", name);
        self.0.set("GITHUB_EVENT_PATH", path.to_str().unwrap());
        // A run with the base's rights begins at the base.
        let at = if name == "pull_request_target" { "main" } else { "HEAD" };
        self.0.set("GITHUB_SHA", self.0.sha("work", at).as_str());
    }

    pub(crate) fn pull(&self, from: &str) -> Value {
        merge::pull(&self.0, from)
    }
}

#[test]
fn a_pull_request_is_judged_as_the_branch_would_be_after_it() {
    let mut merge = Merge::new();
    merge.0.write("work/extra", "x\n");
    merge.0.write("work/.github/workflows/ci.yml", WORKFLOW.replace("build:", "compile:"));
    merge.propose("wip", "A third widget");
    merge.on("pull_request", &merge.pull("acme/widget"));
    saw!(merge.0, "merge-red", merge.0.run(&["check"]).whole());
}

#[test]
fn the_title_is_asked_for_afresh_because_a_rerun_has_the_old_event() {
    let mut merge = Merge::new();
    let changelog = std::fs::read_to_string(merge.0.path("work/CHANGELOG.md")).unwrap();
    let more = changelog.replace("- A second widget.", "- A second widget.\n- A third widget.");
    merge.0.write("work/CHANGELOG.md", more);
    merge.propose("wip", "feat: a third widget");
    let mut pull = merge.pull("acme/widget");
    pull["pull_request"]["title"] = "an older title".into();
    merge.on("pull_request", &pull);
    merge.0.set("GITHUB_RUN_ATTEMPT", "2");
    saw!(merge.0, "merge-green", merge.0.run(&["check"]).whole());
}

#[test]
fn a_pull_request_is_judged_by_its_number_from_any_clone() {
    let merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    let story = &merge.0;
    let remote = format!("file://{}", story.path("remote.git").display());
    story.git(".", &["clone", "-q", "--depth=1", &remote, "elsewhere"]);
    saw!(story, "merge-by-number", story.run_in("elsewhere", &["check", "--pr", "7"]).whole());
    let none = story.run_in("elsewhere", &["check", "--pr", "8"]);
    saw!(story, "merge-no-such-number", none.whole());
}

#[test]
fn the_manifest_of_the_branch_judges_and_a_changed_one_is_shown_beside_it() {
    let mut merge = Merge::new();
    let manifest = MANIFEST.replace("changelog-entry: on", "changelog-entry: off");
    merge.0.write("work/tminus.yaml", manifest);
    merge.propose("feat: no more changelogs", "feat: no more changelogs");
    merge.on("pull_request", &merge.pull("acme/widget"));
    saw!(merge.0, "merge-rules-change", merge.0.run(&["check"]).whole());
}

#[test]
fn whatever_its_title_a_merge_does_not_take_the_changelog_away() {
    let asked = |name: &str, manifest: &str, text: &str| {
        let mut merge = Merge::new();
        let changelog = merge.0.path("work/CHANGELOG.md");
        let before = std::fs::read_to_string(&changelog).unwrap();
        std::fs::remove_file(changelog).unwrap();
        merge.0.write(&format!("work/{name}"), text.replace("BEFORE", &before));
        merge.0.write("work/tminus.yaml", manifest);
        merge.propose("docs: words", "docs: words");
        merge.on("pull_request", &merge.pull("acme/widget"));
        merge.0.run(&["check", "--gate", "changelog-entry"])
    };
    let renamed = MANIFEST.replace("CHANGELOG.md", "NEWS.md");
    for (name, manifest, text, code) in [
        ("NEWS.md", MANIFEST, "BEFORE", 1),
        ("CHANGES.md", renamed.as_str(), "BEFORE", 1),
        ("NEWS.md", renamed.as_str(), "# News\n\n## [1.0.0] - 2026-01-02\n\n- x\n", 1),
        ("NEWS.md", renamed.as_str(), "BEFORE", 0),
    ] {
        let said = asked(name, manifest, text);
        assert_eq!(said.code, Some(code), "{name}: {}", said.whole());
    }
}

#[test]
fn a_broken_manifest_is_found_before_it_is_merged() {
    let mut merge = Merge::new();
    merge.0.write("work/tminus.yaml", MANIFEST.replace("branches:", "branch:"));
    merge.propose("chore: rules", "chore: rules");
    merge.on("pull_request", &merge.pull("acme/widget"));
    saw!(merge.0, "merge-broken-manifest", merge.0.run(&["check"]).whole());
}

#[test]
fn a_shallow_checkout_of_a_forks_pull_request_with_a_token_that_only_reads_is_enough() {
    let mut options = Options::default();
    options.tokens.insert("ghs_the+readers/token".into(), Scopes::READ);
    let mut merge = Merge::with(options);
    merge.propose("docs: words", "docs: words");
    merge.on("pull_request", &merge.pull("eve/widget"));
    let story = &mut merge.0;
    let remote = format!("file://{}", story.path("remote.git").display());
    story.git(".", &["init", "-q", "ci"]);
    story.git("ci", &["remote", "add", "origin", &remote]);
    let tried = "+refs/pull/7/merge:refs/remotes/pull/7/merge";
    story.git("ci", &["fetch", "-q", "--no-tags", "--depth=1", "origin", tried]);
    story.git("ci", &["checkout", "-q", "refs/remotes/pull/7/merge"]);
    story.set("GITHUB_TOKEN", "ghs_the+readers/token");
    story.set("GITHUB_ACTIONS", "true");
    saw!(story, "merge-shallow", story.run_in("ci", &["check"]).whole());
}

#[test]
fn a_group_of_the_merge_queue_is_judged_at_the_queues_commit() {
    let mut merge = Merge::new();
    merge.propose("feat: a third widget", "feat: a third widget");
    merge.on("merge_group", &merge::group(&merge.0));
    saw!(merge.0, "merge-queue", merge.0.run(&["check"]).whole());
}

#[test]
fn code_that_anybody_may_have_written_is_not_judged_with_the_rights_of_the_base() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    let pull = merge.pull("eve/widget");
    merge.on("pull_request_target", &pull);
    saw!(merge.0, "merge-privileged", merge.0.run(&["check"]).whole());
    merge.0.git("work", &["checkout", "-q", "main"]);
    merge.on("pull_request_target", &pull);
    let said = merge.0.run(&["check"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn whoever_names_another_pull_request_or_commit_has_no_strangers_code_beside_him() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    let mut pull = merge.pull("eve/widget");
    pull["pull_request"]["number"] = 8.into();
    merge.on("pull_request_target", &pull);
    for more in [["--pr", "7"], ["--commit", "HEAD"]] {
        let said = merge.0.run(&[&["check"], &more[..]].concat());
        assert_eq!(said.code, Some(2), "{}", said.whole());
    }
    merge.0.git("work", &["checkout", "-q", "main"]);
    let said = merge.0.run(&["check", "--pr", "7"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

/// The merge is onto a branch whose manifest asks for nothing, and the pull request's base is `main`.
fn retargeted() -> Merge {
    let mut merge = Merge::new();
    let story = &merge.0;
    story.git("work", &["checkout", "-q", "-b", "lax", "main"]);
    let gates = MANIFEST.replace("changelog-entry: on", "changelog-entry: off");
    story.write("work/tminus.yaml", gates.replace("gates:\n", "gates:\n  change-described: off\n"));
    story.git("work", &["commit", "-q", "-a", "-m", "chore: no rules"]);
    story.git("work", &["push", "-q", "origin", "lax"]);
    story.git("work", &["checkout", "-q", "topic"]);
    merge.propose("wip", "wip");
    let onto_lax = ["merge", "-q", "--no-ff", "-m", "Merge topic into lax", "topic"];
    merge.0.git("work", &["checkout", "-q", "--detach", "lax"]);
    merge.0.git("work", &onto_lax);
    merge.0.git("work", &["push", "-q", "-f", "origin", "HEAD:refs/pull/7/merge"]);
    merge.on("pull_request", &merge.pull("acme/widget"));
    merge
}

#[test]
fn a_merge_onto_another_branch_than_the_base_is_not_judged_by_that_ones_manifest() {
    let mut merge = retargeted();
    saw!(merge.0, "merge-retargeted", merge.0.run(&["check"]).whole());
    let next = BranchName::new("next").unwrap();
    merge
        .0
        .fake_github
        .with(|state| state.open_pulls.get_mut(&7).map(|pull| pull.base = next).unwrap());
    saw!(merge.0, "merge-of-another-base", merge.0.run(&["check"]).whole());
    let main = BranchName::new("main").unwrap();
    merge
        .0
        .fake_github
        .with(|state| state.open_pulls.get_mut(&7).map(|pull| pull.base = main).unwrap());
    let by_number = merge.0.run(&["check", "--pr", "7"]);
    assert_eq!(by_number.code, Some(4), "{}", by_number.whole());
    merge.0.git("work", &["checkout", "-q", "--detach", "main"]);
    merge.0.git("work", &["merge", "-q", "--no-ff", "-m", "Merge topic into main", "topic"]);
    merge.0.git("work", &["push", "-q", "-f", "origin", "HEAD:refs/pull/7/merge"]);
    merge.on("pull_request", &merge.pull("acme/widget"));
    assert_eq!(merge.0.run(&["check"]).code, Some(1), "the rules of main");
}

#[test]
fn a_base_that_moved_on_after_the_event_is_asked_for() {
    let mut merge = Merge::new();
    let old = merge.0.sha("work", "main");
    let story = &merge.0;
    story.git("work", &["checkout", "-q", "main"]);
    story.push("docs: meanwhile");
    story.git("work", &["checkout", "-q", "topic"]);
    merge.propose("docs: words", "docs: words");
    let mut pull = merge.pull("acme/widget");
    pull["pull_request"]["base"]["sha"] = old.as_str().into();
    merge.on("pull_request", &pull);
    let story = &mut merge.0;
    let remote = format!("file://{}", story.path("remote.git").display());
    let tried = "+refs/pull/7/merge:refs/remotes/pull/7/merge";
    for (clone, depth) in [("deep", "--depth=99"), ("shallow", "--depth=1")] {
        story.git(".", &["init", "-q", clone]);
        story.git(clone, &["remote", "add", "origin", &remote]);
        story.git(clone, &["fetch", "-q", "--no-tags", depth, "origin", tried]);
        story.git(clone, &["checkout", "-q", "refs/remotes/pull/7/merge"]);
        let said = story.run_in(clone, &["check"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
        let said = story.run_in(clone, &["check", "--no-fetch"]);
        assert!(said.code == Some(0) || clone == "shallow", "{}", said.whole());
    }
}

#[test]
fn a_rerun_judges_nothing_that_it_cannot_ask_for_or_that_has_become_another() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "feat!: no words");
    let pull = merge.pull("acme/widget");
    merge.on("pull_request", &pull);
    assert_eq!(merge.0.run(&["check"]).code, Some(1), "it is in no changelog");
    merge.0.set("GITHUB_RUN_ATTEMPT", "2");
    assert_eq!(merge.0.run(&["check"]).code, Some(1));
    let offline = merge.0.run(&["check", "--offline"]);
    assert_eq!(offline.code, Some(4), "{}", offline.whole());
    merge.0.fake_github.with(|state| {
        let lax = BranchName::new("lax").unwrap();
        state.open_pulls.get_mut(&7).map(|pull| pull.base = lax).unwrap();
    });
    saw!(merge.0, "merge-rerun-of-another", merge.0.run(&["check"]).whole());
}

#[test]
fn in_the_queue_no_title_stands_for_the_commits_that_will_land() {
    let mut merge = Merge::new();
    merge.propose("whatever", "docs: fine now");
    merge.0.git("work", &["commit", "-q", "--amend", "-m", "whatever (#7)"]);
    merge.on("merge_group", &merge::group(&merge.0));
    let said = merge.0.run(&["check"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(merge.0.fake_github.requests().is_empty());
}

#[test]
fn nothing_is_released_for_a_merge_that_has_not_happened() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    merge.on("pull_request", &merge.pull("acme/widget"));
    let left = merge.0.left();
    saw!(merge.0, "merge-release", merge.0.run(&["release"]).whole());
    assert_eq!(merge.0.left(), left);
}

#[test]
fn nothing_is_given_up_or_planned_for_a_merge_and_none_of_its_commands_is_run() {
    let mut merge = Merge::new();
    merge.0.script("work/deployed", "#!/bin/sh\ntouch \"$STORY/probed\"\nexit 1\n");
    merge.propose("docs: words", "docs: words");
    merge.on("pull_request", &merge.pull("eve/widget"));
    let left = merge.0.left();
    for command in ["abort", "plan", "status"] {
        let said = merge.0.run(&[command]);
        assert_eq!(said.code, Some(2), "{}", said.whole());
        let words = format!("cannot run `tminus {command}` for a pull request or merge group");
        assert!(said.stderr.contains(&words), "{}", said.whole());
    }
    assert_eq!(merge.0.left(), left);
    assert!(!merge.0.path("probed").exists());
}

#[test]
fn a_merge_into_any_branch_is_asked_the_same() {
    let mut merge = Merge::new();
    merge.propose("wip", "words");
    let mut pull = merge.pull("acme/widget");
    pull["pull_request"]["base"]["ref"] = "next".into();
    merge.on("pull_request", &pull);
    saw!(merge.0, "merge-elsewhere", merge.0.run(&["check"]).whole());
}

#[test]
fn a_merge_of_an_older_head_says_nothing_of_the_newest_one() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    let mut pull = merge.pull("acme/widget");
    pull["pull_request"]["head"]["sha"] = "3".repeat(40).into();
    merge.on("pull_request", &pull);
    saw!(merge.0, "merge-moved-on", merge.0.run(&["check"]).whole());
    // The forge is as slow as after every push.
    let newest = tminus::base::names::Sha::new("3".repeat(40)).unwrap();
    merge
        .0
        .fake_github
        .with(|state| state.open_pulls.get_mut(&7).map(|pull| pull.head = newest).unwrap());
    saw!(merge.0, "merge-stale", merge.0.run(&["check"]).whole());
}

#[test]
fn what_lies_in_the_work_tree_does_not_judge_a_merge() {
    let mut merge = Merge::new();
    merge.0.git("work", &["rm", "-q", "tminus.yaml"]);
    merge.propose("chore: no rules", "chore: no rules");
    let off = MANIFEST.replace("changelog-entry: on", "manifest-valid: off");
    merge.0.write("work/tminus.yaml", off);
    merge.on("pull_request", &merge.pull("acme/widget"));
    let said = merge.0.run(&["check"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(said.stdout.contains("the merge removes `main:tminus.yaml`"), "{}", said.whole());
    let named = merge.0.run(&["check", "--manifest", "tminus.yaml"]);
    assert_eq!(named.code, Some(2), "{}", named.whole());
}

#[test]
fn an_event_about_a_merge_that_does_not_tell_which_is_refused() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    merge.on("something_new", &json!({}));
    merge.0.set("GITHUB_REF", "refs/pull/7/merge");
    for command in ["check", "release"] {
        let said = merge.0.run(&[command]);
        assert_eq!(said.code, Some(2), "{}", said.whole());
        assert!(said.stderr.contains("determine which pull request"), "{}", said.whole());
    }
}

#[test]
fn a_commit_that_the_branch_of_the_event_does_not_hold_is_not_on_it() {
    let mut merge = Merge::new();
    merge.propose("feat: not merged", "feat: not merged");
    let story = &merge.0;
    story.git("work", &["checkout", "-q", "main"]);
    let main = story.sha("work", "HEAD");
    story.git("work", &["checkout", "-q", "--detach", "topic"]);
    story.report("build", "success");
    merge.on("workflow_run", &json!({}));
    merge.0.set("GITHUB_REF", "refs/heads/main");
    merge.0.set("GITHUB_SHA", main.as_str());
    saw!(merge.0, "merge-not-on-its-branch", merge.0.run(&["check"]).whole());
    let said = merge.0.run(&["release"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert_eq!(merge.0.git("remote.git", &["tag"]), "v1.0.0");
    merge.0.git("work", &["checkout", "-q", "--detach", "main"]);
    merge.0.report("build", "success");
    let said = merge.0.run(&["check"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}
