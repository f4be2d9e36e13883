//! Past releases, judged again: by `replay`, and by `init` to try the manifest that it writes.

use crate::saw;
use crate::support::fake_github::Options;
use crate::support::story::{Said, Story, regex_of};
use std::cell::Cell;

/// A project without a forge, whose commits are a day apart.
struct Project {
    story: Story,
    day: Cell<i64>,
}

const MANIFEST: &str = "forge: none\nversion: { files: [package.json] }\ntag: 'v{version}'\n";

impl Project {
    fn new() -> Self {
        Self { story: Story::empty(Options::default()), day: Cell::new(0) }
    }

    fn git(&self, arguments: &[&str]) {
        self.story.git_at("work", 1_768_000_000 + self.day.get() * 86_400, arguments);
    }

    /// Commits on the next day, with a version in `package.json` if there is one.
    fn commit(&self, message: &str, version: Option<&str>) {
        self.day.set(self.day.get() + 1);
        if let Some(version) = version {
            let text = format!("{{\"name\": \"widget\", \"version\": \"{version}\"}}\n");
            self.story.write("work/package.json", text);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// A change, then its release.
    fn release(&self, change: &str, version: Option<&str>, tag: &str) {
        self.commit(change, None);
        self.commit("chore: release", version);
        self.git(&["tag", tag]);
    }

    /// What `init` would write.
    fn init(&self) -> Said {
        let said = self.story.run(&["init", "--print", "--forge", "none"]);
        assert_eq!(said.code, Some(0), "{}", said.whole());
        said
    }
}

#[test]
fn replay_judges_a_past_release_at_its_commit_with_the_tags_of_that_time() {
    let project = Project::new();
    project.release("feat: the widget", Some("1.0.0"), "v1.0.0");
    project.release("fix: a screw", Some("1.0.1"), "v1.0.1");
    // Too far for a fix, and as far as a feature needs at least.
    project.release("feat: a handle", Some("1.0.2"), "v1.0.2");
    project.release("feat: a spring", Some("1.1.0"), "1.1.0");
    project.release("feat!: no screw", Some("2.0.0"), "v2.0.0");
    project.story.write("work/tminus.yaml", MANIFEST);
    project.commit("chore: a manifest", Some("2.1.0"));

    let said = project.story.run(&["replay"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    saw!(project.story, "replay", said.whole());
    let said = project.story.run(&["replay", "--last", "1"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    saw!(project.story, "replay-last", said.whole());
    let said = project.story.run(&["replay", "--last", "2", "--format", "json"]);
    saw!(project.story, "replay-json", said.whole());
    let said = project.story.run(&["replay", "--last", "0"]);
    assert_eq!(said.code, Some(2), "{}", said.whole());
    assert!(said.stderr.contains("numbers start at 1"), "{}", said.whole());
}

#[test]
fn replay_without_past_releases_checks_nothing() {
    let project = Project::new();
    project.story.write("work/tminus.yaml", "forge: none\n");
    project.commit("feat: the widget", None);
    let said = project.story.run(&["replay"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert_eq!(said.stdout, "there are no past releases to check\n", "{}", said.whole());
    let said = project.init();
    assert!(!said.stderr.contains("past"), "{}", said.whole());
}

#[test]
fn init_allows_the_branches_of_recent_releases() {
    let project = Project::new();
    project.story.write("work/tminus.yaml", "");
    project.release("feat: the widget", Some("1.0.0"), "v1.0.0");
    project.git(&["checkout", "-q", "-b", "1.x"]);
    project.release("fix: a screw", Some("1.0.1"), "v1.0.1");
    project.git(&["checkout", "-q", "-b", "fix/17", "main"]);
    project.release("fix: aside", Some("1.0.7"), "v1.0.7");
    project.git(&["checkout", "-q", "main"]);
    project.release("feat!: no screw", Some("2.0.0"), "v2.0.0");
    project.git(&["push", "-q", "--all", "origin"]);
    project.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let said = project.init();
    saw!(project.story, "init-lines", said.whole());
    assert!(said.stdout.contains("branches: [main, \"[0-9]*.x\"]"), "{}", said.whole());
}

#[test]
fn init_distinguishes_release_branches_from_branches_they_are_merged_into() {
    let project = Project::new();
    project.release("feat: the widget", Some("1.0.0"), "v1.0.0");
    project.git(&["checkout", "-q", "-b", "dev"]);
    project.commit("fix: a screw", Some("1.0.1"));
    project.git(&["checkout", "-q", "main"]);
    project.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'dev'", "dev"]);
    project.git(&["tag", "v1.0.1"]);
    project.git(&["checkout", "-q", "dev"]);
    project.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'main'", "main"]);
    project.commit("fix: a spring", None);
    project.git(&["push", "-q", "--all", "origin"]);
    project.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/dev"]);
    let said = project.init();
    assert!(said.stdout.contains("branches: [dev, main]"), "{}", said.whole());
}

#[test]
fn a_gate_only_informs_if_few_commits_follow_its_convention() {
    let project = Project::new();
    project.release("Make the widget", Some("1.0.0"), "v1.0.0");
    project.release("feat: a screw", Some("1.1.0"), "v1.1.0");
    for n in 1..4 {
        project.commit("Turn the screw", None);
        project.commit(&format!("Release 1.1.{n}"), Some(&format!("1.1.{n}")));
        project.git(&["tag", &format!("v1.1.{n}")]);
    }
    project.commit("Turn it", Some("1.1.4"));
    let said = project.init();
    assert!(said.stdout.contains("bump-fits-changes: inform"), "{}", said.whole());
    let why = "`bump-fits-changes` only informs: only ";
    assert!(said.stderr.contains(why), "{}", said.whole());
}

#[test]
fn init_chooses_manual_versions_if_commits_follow_no_convention() {
    let is_manual = |project: &Project| project.init().stdout.contains("policy: manual");
    let free = Project::new();
    free.release("Make the widget", None, "v1.0.0");
    free.release("Turn the screw", None, "v1.1.0");
    assert!(is_manual(&free));
    saw!(free.story, "init-manual", free.init().whole());

    let followed = Project::new();
    followed.release("feat: the widget", None, "v1.0.0");
    followed.release("feat: a screw", None, "v1.1.0");
    assert!(!is_manual(&followed));

    let ignored = Project::new();
    ignored.release("feat: the widget", None, "v1.0.0");
    ignored.release("feat: a screw", None, "v3.0.0");
    ignored.release("fix: the screw", None, "v7.0.0");
    assert!(is_manual(&ignored), "commits do not lead to these versions");
}

#[test]
fn a_gate_that_would_have_stopped_two_of_five_releases_only_informs() {
    let informs = |versions: [&str; 5]| {
        let project = Project::new();
        for version in versions {
            project.release("feat: a part", Some(version), &format!("v{version}"));
        }
        let said = project.init();
        (said.stdout.contains("bump-fits-changes: inform"), project, said)
    };
    let (inform, project, said) = informs(["1.0.0", "1.1.0", "1.1.1", "1.1.2", "1.2.0"]);
    assert!(inform, "{}", said.whole());
    saw!(project.story, "init-informs", said.whole());
    let (inform, _, said) = informs(["1.0.0", "1.1.0", "1.1.1", "1.2.0", "1.3.0"]);
    assert!(!inform, "one mistake is no habit: {}", said.whole());
}

#[test]
fn replay_in_a_shallow_clone_is_unknown() {
    let project = Project::new();
    project.story.write("work/tminus.yaml", "forge: none\n");
    project.release("Make the widget", None, "v1.0.0");
    project.release("Turn the screw", None, "v1.1.0");
    project.git(&["push", "-q", "--tags", "origin", "main"]);
    let remote = format!("file://{}", project.story.path("remote.git").display());
    project.story.git(".", &["clone", "-q", "--depth=1", &remote, "shallow"]);
    let said = project.story.run_in("shallow", &["init", "--print", "--forge", "none"]);
    saw!(project.story, "init-shallow", said.whole());
    assert!(!said.stdout.contains("manual"), "{}", said.whole());
    let said = project.story.run_in("shallow", &["replay"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    saw!(project.story, "replay-shallow", said.whole());
}
