//! `--timeout`: a command ends in time, and says what it leaves behind.

use crate::saw;
use crate::support::fake_github::{Mishap, Options};
use crate::support::story::{MANIFEST, Story, regex_of};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn verbose_prints_the_duration_of_each_request_and_git_call() {
    let story = Story::new();
    let check = story.run(&["check", "-v"]);
    let took = regex::Regex::new(r"in (\d+ ms|\d+\.\d s)$").unwrap();
    let lines = check.stderr.lines().map(|line| took.replace(line, "in [TIME]"));
    // What does not depend on each other ends in any order.
    let lines: std::collections::BTreeSet<_> = lines.collect();
    saw!(story, "time-verbose", Vec::from_iter(lines).join("\n"));
}

#[test]
fn a_forge_that_does_not_answer_in_time_is_unknown() {
    let options = Options { hang: Duration::from_secs(60), ..Options::default() };
    let story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    story.fake_github.strike(1, Mishap::Hang);
    let said = story.run(&["check", "--timeout", "3s"]);
    saw!(story, "time-check", said.whole());
    assert_eq!(said.code, Some(4));
}

#[test]
fn a_rate_limit_that_resets_too_late_tells_when_to_run_again() {
    let story = Story::bare(Options { graphql_limit: 0, ..Options::default() }, MANIFEST);
    let said = story.run(&["check", "--timeout", "1m"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert!(said.stdout.contains("rate limit reached, resets at "), "{}", said.whole());
    assert!(said.stdout.contains("= help: run the command again after "), "{}", said.whole());
}

#[test]
fn a_release_cut_off_by_its_timeout_is_partial_and_finished_by_the_next_run() {
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

/// Stands before git: one of its commands starts a helper, says its number, and never ends.
fn hang(story: &Story, command: &str) {
    let text = format!(
        "#!/bin/sh\ncase \" $* \" in *' {command} '*) sleep 300 & echo $! >\"$STORY/helper\"; \
         wait;; esac\nexec \"$REAL_GIT\" \"$@\"\n"
    );
    story.script("bin/git", &text);
}

/// Waits until a file has a line.
fn appears(path: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ if Instant::now() > until => panic!("{} does not appear", path.display()),
            _ => std::thread::yield_now(),
        }
    }
}

/// Whether a process is dead, now or soon.
fn dies(process: &str) -> bool {
    let alive = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    };
    let until = Instant::now() + Duration::from_secs(10);
    while alive() && Instant::now() < until {
        std::thread::yield_now();
    }
    !alive()
}

#[test]
fn a_hanging_git_and_its_helpers_are_killed_at_the_timeout() {
    let story = Story::new();
    for (command, arguments) in [
        ("ls-remote", &["check", "--timeout", "2s"][..]),
        ("status", &["check", "--timeout", "2s"]),
        ("status", &["check", "--offline", "--timeout", "2s"]),
    ] {
        hang(&story, command);
        let started = Instant::now();
        let said = story.run(arguments);
        assert_eq!(said.code, Some(4), "{command}: {}", said.whole());
        assert!(started.elapsed() < Duration::from_secs(30), "{command}: {}", said.whole());
        assert!(dies(&appears(&story.path("helper"))), "{command}");
        std::fs::remove_file(story.path("helper")).unwrap();
    }
}

#[test]
fn a_blocked_output_pipe_does_not_outlast_the_timeout() {
    let story = Story::new();
    // A reader that does not read: what is printed does not fit into the pipe any more.
    let (_reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&[b'.'; 64 << 10]).unwrap();
    let mut child = story.tminus("work", &["schema", "--timeout", "1s"]);
    let status = child.stdout(writer).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(4));
}

#[test]
fn a_named_pipe_as_manifest_is_rejected_immediately() {
    let story = Story::new();
    assert!(Command::new("mkfifo").arg(story.path("pipe")).status().unwrap().success());
    let said = story.run(&["check", "--timeout", "1s", "--manifest", "../pipe"]);
    saw!(story, "time-pipe", said.whole());
    assert_eq!(said.code, Some(2));
}

#[test]
fn a_signal_kills_started_processes_during_any_wait() {
    use std::os::unix::process::ExitStatusExt as _;
    let story = Story::new();
    for (command, arguments) in [("ls-remote", &["check"][..]), ("status", &["plan"])] {
        for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            hang(&story, command);
            let mut child = story
                .tminus("work", arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let helper = appears(&story.path("helper"));
            let sent =
                Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status();
            assert!(sent.unwrap().success());
            assert_eq!(child.wait().unwrap().signal(), Some(number), "{command} {signal}");
            assert!(dies(&helper), "{command} {signal}");
            std::fs::remove_file(story.path("helper")).unwrap();
        }
    }
}

#[test]
fn a_release_that_receives_sighup_reports_its_state() {
    for command in ["status", "ls-remote", "push"] {
        let story = Story::new();
        hang(&story, command);
        let child = story
            .tminus("work", &["release"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let helper = appears(&story.path("helper"));
        let sent = Command::new("kill").args(["-HUP", &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let done = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(4), "{command}: {text}");
        assert!(dies(&helper), "{command}");
    }
}

#[test]
fn offline_commands_start_no_program_of_the_remote() {
    let story = Story::new();
    let marker = story.path("started");
    story.script("touches", &format!("#!/bin/sh\n: >'{}'\n", marker.display()));
    let touches = story.path("touches");
    let touches = touches.to_str().unwrap();
    // What `git fetch` runs: a transport of its own, an SSH command, a credential helper.
    story.git("work", &["config", "core.sshCommand", touches]);
    story.git("work", &["config", "credential.helper", touches]);
    story.git("work", &["config", "core.alternateRefsCommand", touches]);
    for url in [format!("ext::{touches}"), "ssh://example.invalid/acme/widget".into()] {
        story.git("work", &["remote", "set-url", "origin", &url]);
        for arguments in [&["check", "--offline"][..], &["plan", "--no-fetch"]] {
            let _verdict = story.run(arguments);
            assert!(!marker.exists(), "{url}: {arguments:?}");
        }
    }
    // The control: with the network the SSH command runs.
    let _verdict = story.run(&["check"]);
    assert!(marker.exists());
}
