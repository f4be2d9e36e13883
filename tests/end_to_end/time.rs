//! `--timeout`: a command ends in time, and says what it leaves behind.

use crate::saw;
use crate::support::face::{Mishap, Options};
use crate::support::story::{MANIFEST, Story, regex_of};
use std::process::Command;
use std::time::Duration;

#[test]
fn a_forge_that_does_not_answer_in_time_is_unknown() {
    let options = Options { hang: Duration::from_secs(60), ..Options::default() };
    let story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    story.face.strike(1, Mishap::Hang);
    let said = story.run(&["check", "--timeout", "3s"]);
    saw!(story, "time-check", said.whole());
    assert_eq!(said.code, Some(4));
}

#[test]
fn a_limit_that_ends_too_late_says_when_to_run_again() {
    let story = Story::bare(Options { graphql_limit: 0, ..Options::default() }, MANIFEST);
    let said = story.run(&["check", "--timeout", "1m"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert!(said.stdout.contains("rate limit reached, resets at "), "{}", said.whole());
    assert!(said.stdout.contains("= help: run again after "), "{}", said.whole());
}

#[test]
fn a_release_that_is_cut_off_is_partial_and_is_finished_by_the_next() {
    let story = Story::new();
    let made = Command::new("mkfifo").arg(story.path("fifo")).status().unwrap();
    assert!(made.success());
    let said = story.run(&["release", "--timeout", "6s"]);
    saw!(story, "time-release", said.whole());
    assert_eq!(said.code, Some(5));
    std::fs::remove_file(story.path("fifo")).unwrap();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap();
    assert_eq!(deployed.lines().count(), 1, "the command that was cut off does not live on");
}
