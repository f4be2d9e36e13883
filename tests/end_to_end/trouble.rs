//! What a release may run out of: room on the disk, a remote that takes writes, a token that is valid.
//! It stops once, says why, and is finished by the next run.

use super::environments::{DEPLOY, a_day_later, exits, on_github};
use crate::saw;
use crate::support::story::{Said, Story, regex_of};

/// Runs the binary such that a write to a full disk fails instead of killing it, as on a real one.
#[cfg(target_os = "linux")]
fn run_without_room(story: &Story, shell: &str, arguments: &[&str]) -> Said {
    let script = format!("trap '' XFSZ; {shell} exec \"$0\" \"$@\"");
    let mut command = story.command("sh", "work");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_tminus")]).args(arguments);
    let done = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: done.status.code(), stdout: text(done.stdout), stderr: text(done.stderr) }
}

/// A release through environments whose deployments end with whatever the file `then` says.
fn story() -> Story {
    let story = on_github();
    let then = "if [ -e \"$STORY/then\" ]; then . \"$STORY/then\"; fi\n";
    story.script("work/deploy", &format!("{DEPLOY}{then}"));
    story.push("ci: more to do");
    story.report("build", "success");
    story
}

/// Finishes a release through environments.
fn finished(story: &Story) {
    exits(&story.run(&["release"]), 3);
    a_day_later(story, "1.1.0", "staging");
    exits(&story.run(&["release"]), 0);
    let deployed = std::fs::read_to_string(story.path("deployed")).unwrap();
    assert_eq!(deployed, "candidate 1.1.0\nstaging 1.1.0\nproduction 1.1.0\n");
    let deployments = story.fake_github.with(|state| state.deployments.len());
    assert_eq!(deployments, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_a_release_before_anything_is_created() {
    let story = on_github();
    let left = story.left();
    let said = run_without_room(&story, "ulimit -f 0;", &["release"]);
    saw!(story, "full-disk", said.whole());
    assert_eq!(story.left(), left);
    finished(&story);
}

#[cfg(target_os = "linux")]
#[test]
fn a_release_interrupted_by_a_full_disk_is_finished_by_the_next_run() {
    let story = story();
    story.write("then", "[ \"$1\" = candidate ] || prlimit --pid $PPID --fsize=0\n");
    let said = run_without_room(&story, "", &["release"]);
    saw!(story, "full-disk-later", said.whole());
    std::fs::remove_file(story.path("then")).unwrap();
    finished(&story);
}

/// The remote refuses every push, as GitHub does for an archived repository.
fn read_only(story: &Story) {
    let hook =
        "#!/bin/sh\necho 'ERROR: This repository was archived so it is read-only.' >&2\nexit 1\n";
    story.script("remote.git/hooks/pre-receive", hook);
}

fn writable(story: &Story) {
    std::fs::remove_file(story.path("remote.git/hooks/pre-receive")).unwrap();
}

#[test]
fn a_read_only_remote_stops_a_release_before_anything_is_created() {
    let story = on_github();
    let left = story.left();
    read_only(&story);
    saw!(story, "read-only", story.run(&["release"]).whole());
    assert_eq!(story.left(), left);
    writable(&story);
    finished(&story);
}

#[test]
fn a_release_interrupted_by_a_read_only_remote_is_finished_by_the_next_run() {
    let story = story();
    read_only(&story);
    let (hooks, hook) = ("remote.git/hooks", "remote.git/hooks/pre-receive");
    std::fs::rename(story.path(hook), story.path("hook")).unwrap();
    let shut =
        format!("[ \"$1\" = candidate ] || mv \"$STORY/hook\" \"$STORY/{hooks}/pre-receive\"\n");
    story.write("then", shut);
    saw!(story, "read-only-later", story.run(&["release"]).whole());
    writable(&story);
    std::fs::remove_file(story.path("then")).unwrap();
    finished(&story);
}

#[test]
fn a_release_interrupted_by_a_revoked_token_is_finished_by_the_next_run() {
    let undisturbed = on_github();
    exits(&undisturbed.run(&["release"]), 3);
    let requests = undisturbed.fake_github.requests();
    let entered = requests.iter().find(|one| one.path.ends_with("/statuses")).unwrap().n;
    let story = on_github();
    // The deployment is there, its first state is not.
    story.fake_github.revoke_from(entered);
    saw!(story, "revoked-entering", story.run(&["release"]).whole());
    assert!(!story.path("in-staging").exists());
    saw!(story, "revoked-still", story.run(&["release"]).whole());
    story.fake_github.calm();
    finished(&story);
}

#[test]
fn a_token_revoked_at_any_point_stops_a_release_with_one_error() {
    let undisturbed = on_github();
    exits(&undisturbed.run(&["release"]), 3);
    let requests = undisturbed.fake_github.requests().len();
    for n in (1..=requests).step_by(4) {
        let story = on_github();
        story.fake_github.revoke_from(n);
        let said = story.run(&["release"]);
        assert!(matches!(said.code, Some(1 | 4 | 5)), "at {n}: {}", said.whole());
        assert!(said.whole().contains("a valid token is needed"), "at {n}: {}", said.whole());
        let errors = said.stderr.lines().filter(|line| line.starts_with("error")).count();
        assert!(errors <= 1, "at {n}: {}", said.whole());
        story.fake_github.calm();
        finished(&story);
    }
}
