//! Pull requests and groups of the merge queue, judged by the action before they are merged.

use super::project::{Project, Went};
use crate::support::fake_github::{Options, Scopes};
use crate::support::merge::{self, WORKFLOW};
use crate::support::story::MANIFEST;
use serde_json::{Value, json};

const READER: &str = "ghs_the+readers/token";

/// A project of which 1.1.0 is due, and a branch `topic` that may be merged.
struct Merge(Project);

impl Merge {
    fn new(with: &str) -> Option<Self> {
        let mut options = Options::default();
        options.tokens.insert(READER.into(), Scopes::READ);
        let project = Project::with(options, MANIFEST, with)?;
        merge::branch(&project.story);
        Some(Self(project))
    }

    fn write(&self, path: &str, text: &str) {
        self.0.story.write(&format!("work/{path}"), text);
    }

    fn propose(&self, title: &str) {
        merge::propose(&self.0.story, title, title);
    }

    fn pull(&self, from: &str) -> Value {
        merge::pull(&self.0.story, from)
    }

    fn judged(&self) -> Went {
        self.0.run("pull_request", &self.pull("acme/widget"))
    }

    /// Requests that wrote something.
    fn writes(&self) -> Vec<String> {
        let asked = self.0.story.fake_github.requests().into_iter();
        let writes = asked.filter(|one| one.method != "GET" && !one.path.ends_with("/graphql"));
        writes.map(|one| format!("{} {} {:?}", one.method, one.path, one.status)).collect()
    }
}

#[test]
fn a_pull_request_that_leaves_the_branch_releasable_is_go() {
    let Some(merge) = Merge::new("") else { return };
    merge.propose("docs: words");
    let went = merge.judged();
    went.ended(0);
    assert_eq!(went.output("verdict"), "go");
    went.summarised("required-checks-exist");
    assert!(!went.log.contains("::error"), "{}", went.log);
}

#[test]
fn a_pull_request_that_would_block_releases_is_no_go_with_reasons() {
    let Some(merge) = Merge::new("          post: comment") else { return };
    merge.write(".github/workflows/ci.yml", &WORKFLOW.replace("build:", "compile:"));
    merge.propose("A third widget");
    let went = merge.judged();
    went.ended(1);
    assert_eq!(went.output("verdict"), "no-go");
    went.summarised("no workflow would report check `build` on push after the merge");
    went.summarised("the title `A third widget` does not start with a known commit type");
    let annotation = went.log.lines().find(|line| line.contains("::error file=tminus.yaml,line="));
    assert!(
        annotation.is_some_and(|line| line.contains("no workflow would report check")),
        "{}",
        went.log
    );
    let posted = merge.writes();
    assert!(posted.iter().any(|one| one.ends_with("/issues/7/comments Some(201)")), "{posted:?}");
}

#[test]
fn a_pull_request_that_changes_the_rules_shows_what_that_changes() {
    let Some(merge) = Merge::new("") else { return };
    merge.write("tminus.yaml", &MANIFEST.replace("changelog-entry: on", "changelog-entry: off"));
    merge.propose("feat: no more changelogs");
    let went = merge.judged();
    went.ended(1);
    went.summarised("This merge changes `tminus.yaml`");
    went.summarised("`CHANGELOG.md` has no entry for this merge");
}

#[test]
fn a_pull_request_from_a_fork_is_judged_and_nothing_is_written() {
    let Some(mut merge) = Merge::new("          post: comment") else { return };
    merge.propose("docs: words");
    merge.0.token(READER);
    let went = merge.0.run("pull_request", &merge.pull("mallory/widget"));
    went.ended(0);
    assert!(went.log.contains("nothing is posted"), "{}", went.log);
    assert_eq!(went.output("verdict"), "go");
    assert_eq!(merge.writes(), [""; 0]);
}

#[test]
fn a_pull_request_is_judged_by_its_number_on_any_event() {
    let Some(merge) = Merge::new("          pr: ${{ github.event.judged }}") else { return };
    merge.propose("A third widget");
    merge.0.story.git("work", &["checkout", "-q", "main"]);
    let mut event = merge.0.pushed();
    event["judged"] = json!(7);
    let went = merge.0.run("push", &event);
    went.ended(1);
    went.summarised("the title `A third widget` does not start with a known commit type");
}

#[test]
fn a_merge_group_is_judged_as_the_resulting_branch() {
    for (title, code) in [("docs: words", 0), ("A third widget", 1)] {
        let Some(merge) = Merge::new("") else { return };
        merge.propose(title);
        let went = merge.0.run("merge_group", &merge::group(&merge.0.story));
        went.ended(code);
        went.summarised("required-checks-exist");
    }
}

#[test]
fn release_is_rejected_for_an_unmerged_pull_request() {
    let Some(merge) = Merge::new("          command: release") else { return };
    merge.propose("docs: words");
    let left = merge.0.story.left();
    let went = merge.judged();
    went.ended(2);
    assert!(went.log.contains("for a pull request or merge group"), "{}", went.log);
    assert_eq!(merge.0.story.left(), left);
}
