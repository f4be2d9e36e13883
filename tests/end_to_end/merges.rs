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
fn a_rerun_requests_the_current_title_because_its_event_is_outdated() {
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
fn the_base_manifest_judges_a_merge_and_a_changed_one_is_shown_too() {
    let mut merge = Merge::new();
    let manifest = MANIFEST.replace("changelog-entry: on", "changelog-entry: off");
    merge.0.write("work/tminus.yaml", manifest);
    merge.propose("feat: no more changelogs", "feat: no more changelogs");
    merge.on("pull_request", &merge.pull("acme/widget"));
    saw!(merge.0, "merge-rules-change", merge.0.run(&["check"]).whole());
}

#[test]
fn a_merge_cannot_remove_the_changelog_whatever_its_title() {
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
fn a_shallow_checkout_and_a_read_only_token_suffice_for_a_fork_pull_request() {
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
fn a_merge_group_is_judged_at_the_commit_of_the_queue() {
    let mut merge = Merge::new();
    merge.propose("feat: a third widget", "feat: a third widget");
    merge.on("merge_group", &merge::group(&merge.0));
    saw!(merge.0, "merge-queue", merge.0.run(&["check"]).whole());
}

#[test]
fn untrusted_code_is_not_judged_with_the_permissions_of_the_base() {
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
fn naming_a_pull_request_or_commit_is_rejected_while_untrusted_code_is_present() {
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
fn a_merge_onto_a_new_base_is_not_judged_by_the_manifest_of_the_old_base() {
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
fn a_base_that_moved_after_the_event_is_fetched_from_the_remote() {
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
fn a_rerun_judges_nothing_if_the_pull_request_is_unreadable_or_changed() {
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
fn the_merge_queue_judges_the_actual_commits_instead_of_a_title() {
    let mut merge = Merge::new();
    merge.propose("whatever", "docs: fine now");
    merge.0.git("work", &["commit", "-q", "--amend", "-m", "whatever (#7)"]);
    merge.on("merge_group", &merge::group(&merge.0));
    let said = merge.0.run(&["check"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(merge.0.fake_github.requests().is_empty());
}

#[test]
fn release_is_rejected_for_an_unmerged_pull_request() {
    let mut merge = Merge::new();
    merge.propose("docs: words", "docs: words");
    merge.on("pull_request", &merge.pull("acme/widget"));
    let left = merge.0.left();
    saw!(merge.0, "merge-release", merge.0.run(&["release"]).whole());
    assert_eq!(merge.0.left(), left);
}

#[test]
fn abort_and_plan_are_rejected_for_a_merge_and_run_none_of_its_commands() {
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
fn a_merge_into_any_branch_is_judged_the_same_way() {
    let mut merge = Merge::new();
    merge.propose("wip", "words");
    let mut pull = merge.pull("acme/widget");
    pull["pull_request"]["base"]["ref"] = "next".into();
    merge.on("pull_request", &pull);
    saw!(merge.0, "merge-elsewhere", merge.0.run(&["check"]).whole());
}

#[test]
fn a_merge_commit_of_an_older_head_is_not_used_for_the_newest_head() {
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
fn files_in_the_working_tree_do_not_affect_the_judgment_of_a_merge() {
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
fn an_ambiguous_pull_request_event_is_rejected() {
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
fn a_commit_that_is_not_on_the_branch_of_the_event_is_reported() {
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
