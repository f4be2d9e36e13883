//! The plan that was kept is the one that is performed, or nothing is.

use crate::saw;
use crate::support::story::{Story, regex_of};

fn kept(story: &Story) -> String {
    let said = story.run(&["plan", "--format", "json"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    story.write("plan.json", &said.stdout);
    story.path("plan.json").to_str().unwrap().to_owned()
}

#[test]
fn the_plan_that_was_kept_is_performed() {
    let story = Story::new();
    let file = kept(&story);
    let said = story.run(&["release", "--plan", &file]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert!(said.stdout.contains("\nreleased: widget 1.1.0, "), "{}", said.whole());
    let again = story.run(&["release", "--plan", &file]);
    assert_eq!(again.code, Some(0), "{}", again.whole());
}

#[test]
fn another_plan_than_the_kept_one_is_refused_with_the_difference() {
    let story = Story::new();
    let file = kept(&story);
    story.write("work/dist/widget.txt", "another widget\n");
    let left = story.left();
    saw!(story, "other-plan-asset", story.run(&["release", "--plan", &file]).whole());
    story.push("feat: more (#3)");
    story.report("build", "success");
    saw!(story, "other-plan-commit", story.run(&["release", "--plan", &file]).whole());
    assert_eq!(story.fake_github.with(|state| state.releases.len()), 0);
    assert_ne!(story.left(), left, "the push is there");
    story.write("no-plan.json", "{}");
    let none = story.path("no-plan.json").to_str().unwrap().to_owned();
    saw!(story, "no-plan", story.run(&["release", "--plan", &none]).whole());
    saw!(story, "missing-plan", story.run(&["release", "--plan", "nowhere.json"]).whole());
}
