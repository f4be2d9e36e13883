//! A release from the first check to "nothing to release".

use crate::saw;
use crate::support::story::{Story, regex_of};

#[test]
fn a_release_is_checked_planned_performed_and_then_found_complete() {
    let story = Story::new();
    let check = story.run(&["check"]);
    saw!(story, "whole-check", check.whole());
    let requests = story.fake_github.requests().len();
    eprintln!("{requests} API request in a check");
    assert_eq!(requests, 1, "an ordinary check asks once");

    saw!(story, "whole-plan", story.run(&["plan"]).whole());
    saw!(story, "whole-status-before", story.run(&["status"]).whole());
    let before = story.fake_github.requests().len();
    let release = story.run(&["release"]);
    eprintln!("{} API requests in a release", story.fake_github.requests().len() - before);
    saw!(story, "whole-release", release.whole());
    let left = story.left();
    saw!(story, "whole-again", story.run(&["release"]).whole());
    saw!(story, "whole-plan-after", story.run(&["plan"]).whole());
    saw!(story, "whole-status", story.run(&["status"]).whole());
    saw!(story, "whole-check-after", story.run(&["check"]).whole());
    assert_eq!(story.left(), left, "asking again changes nothing");
    let tag = "refs/tminus/releases/v1.1.0";
    saw!(story, "whole-ledger", story.git("remote.git", &["log", "--reverse", "--format=%s", tag]));
}
