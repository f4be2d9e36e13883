//! The first commands in a repository: `init`, and the workflows that it needs.

use crate::saw;
use crate::support::face::Options;
use crate::support::story::{Story, regex_of};

const CHECK: &str = ".github/workflows/tminus-check.yml";
const RELEASE: &str = ".github/workflows/tminus-release.yml";

#[test]
fn a_workflow_that_is_not_wanted_any_more_is_drift_and_is_removed() {
    let story = Story::empty(Options::default());
    story.write("work/tminus.yaml", "schema: 1\n");
    assert_eq!(story.run(&["workflow"]).code, Some(0));
    story.write("work/tminus.yaml", "workflow: { release: off }\n");
    saw!(story, "newcomer-left-over", story.run(&["workflow", "--check"]).whole());
    assert!(story.path(format!("work/{RELEASE}")).exists(), "`--check` writes nothing");
    saw!(story, "newcomer-removed", story.run(&["workflow"]).whole());
    assert!(!story.path(format!("work/{RELEASE}")).exists());
    assert_eq!(story.run(&["workflow", "--check"]).code, Some(0));

    story.write("work/tminus.yaml", "forge: none\n");
    let said = story.run(&["workflow", "--check"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    let said = story.run(&["workflow"]);
    assert_eq!(said.stdout, format!("removed {CHECK}, which is not wanted any more\n"));
    assert_eq!(story.run(&["workflow"]).code, Some(2), "nothing is wanted, nothing is left");
}

#[test]
fn a_workflow_of_the_projects_own_is_left_alone() {
    let story = Story::empty(Options::default());
    story.write("work/tminus.yaml", "workflow: { release: off }\n");
    assert_eq!(story.run(&["workflow"]).code, Some(0));
    story.write(&format!("work/{RELEASE}"), "name: tminus-release\non: push\n");
    for arguments in [&["workflow", "--check"][..], &["workflow"], &["workflow", "--force"]] {
        let said = story.run(arguments);
        assert_eq!(said.code, Some(0), "{}", said.whole());
    }
    assert!(story.path(format!("work/{RELEASE}")).exists());
}
