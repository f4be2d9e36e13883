//! `check --wait`: what is seen while it waits, and how it ends when asked to stop.

use crate::saw;
use crate::support::fake_github::{Mishap, Options};
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use tminus::facts::CheckState;

/// A project whose `build` is under way.
fn story() -> Story {
    let story = Story::bare(Options::default(), MANIFEST);
    story.begin("build", "in_progress");
    story
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

fn start(story: &Story, arguments: &[&str]) -> Child {
    let mut command = story.tminus("work", arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal once the process says that it waits, and gives everything it said.
fn stopped_by(name: &str, story: &Story, arguments: &[&str]) -> Said {
    let mut child = start(story, arguments);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = String::new();
    errors.read_line(&mut stderr).unwrap();
    signal(name, &child);
    errors.read_to_string(&mut stderr).unwrap();
    let done = child.wait_with_output().unwrap();
    Said { code: done.status.code(), stdout: String::from_utf8(done.stdout).unwrap(), stderr }
}

#[test]
fn a_signal_ends_the_wait_with_the_current_report() {
    for name in ["-TERM", "-INT"] {
        let story = story();
        saw!(story, "wait-stopped", stopped_by(name, &story, &["check", "--wait"]).whole());
        assert_eq!(
            story.fake_github.requests().len(),
            2,
            "one look, one question after earlier runs"
        );
    }
}

#[test]
fn json_format_prints_only_the_document_on_standard_output() {
    let story = story();
    let said = stopped_by("-TERM", &story, &["check", "--wait", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["verdict"], "hold");
    assert_eq!((document["requests"].as_u64(), said.code), (Some(2), Some(3)));
}

#[test]
fn check_wait_ends_with_hold_at_its_deadline() {
    let story = story();
    let quiet = story.run(&["check", "--wait=1s", "--quiet"]);
    assert_eq!((quiet.stderr.as_str(), quiet.code), ("", Some(3)));
    assert!(quiet.stdout.starts_with("hold: 1 of 7 gates (2 API requests, "), "{}", quiet.whole());
}

#[test]
fn a_wait_stopped_before_the_first_response_says_so() {
    let story = story();
    story.fake_github.strike(1, Mishap::Hang);
    let child = start(&story, &["check", "--wait"]);
    while story.fake_github.requests().is_empty() {
        std::thread::yield_now();
    }
    signal("-TERM", &child);
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(done.stdout), text(done.stderr));
    saw!(story, "wait-unseen", Said { code: done.status.code(), stdout, stderr }.whole());
}

/// Reads on until a line is there.
fn until(line: &str, from: &mut impl std::io::BufRead) -> String {
    let mut read = String::new();
    while !read.contains(line) {
        assert_ne!(from.read_line(&mut read).unwrap(), 0, "{read}");
    }
    read
}

#[test]
fn a_release_waits_for_its_checks_before_it_begins() {
    let story = story();
    let mut child = start(&story, &["release", "--wait=2s", "--through", "candidate"]);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = until("waiting for build", &mut errors);
    assert_eq!(
        story.fake_github.with(|state| state.releases.len()),
        0,
        "nothing is done while it waits"
    );
    story.report("build", "success");
    errors.read_to_string(&mut stderr).unwrap();
    let done = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(done.stdout).unwrap();
    saw!(story, "wait-release", Said { code: done.status.code(), stdout, stderr }.whole());
}

#[test]
fn a_started_release_waits_for_the_checks_of_a_stage_and_continues() {
    let story = Story::new();
    let made = Command::new("mkfifo").arg(story.path("fifo")).status().unwrap();
    assert!(made.success());
    let mut child = start(&story, &["release", "--wait=6s"]);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = until("| waiting", &mut errors);
    story.begin("build", "in_progress");
    story.write("fifo", "on\n");
    stderr += &until("waiting for build", &mut errors);
    story.report("build", "success");
    errors.read_to_string(&mut stderr).unwrap();
    let done = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(done.stdout).unwrap();
    saw!(story, "wait-stage", Said { code: done.status.code(), stdout, stderr }.whole());
}

#[test]
fn a_release_waits_no_longer_than_its_wait_limit() {
    let story = story();
    let said = story.run(&["release", "--wait=1s", "--quiet"]);
    assert_eq!(
        (said.stdout.as_str(), said.code),
        ("hold[checks-green]: nothing was done\n", Some(3))
    );
    let looks = story.fake_github.requests().len();
    assert_eq!(story.run(&["release", "--quiet"]).code, Some(3));
    assert!(story.fake_github.requests().len() - looks < looks, "it looked again while it waited");
}

#[test]
fn a_release_waits_for_the_commit_that_it_is_bound_to() {
    let story = Story::bare(Options::default(), MANIFEST);
    // A commit that is older than its repository's manifest.
    story.write("manifest.yaml", MANIFEST);
    story.git("work", &["rm", "-q", "tminus.yaml"]);
    story.push("chore: no manifest yet");
    story.report("build", "success");
    let named = ["release", "--manifest", "../manifest.yaml", "--through", "candidate"];
    assert_eq!(story.run(&named).code, Some(0));
    let bound = story.sha("work", "HEAD");
    let report = |state| story.fake_github.with(|world| world.report(&bound, "build", state));
    report(CheckState::Pending("in_progress".into()));
    story.write("work/tminus.yaml", MANIFEST);
    story.push("chore: a manifest");
    let mut child = start(&story, &["release", "--wait=2s"]);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = until("waiting for build", &mut errors);
    report(CheckState::Finished("success".into()));
    errors.read_to_string(&mut stderr).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("the branch has moved to"), "{stderr}");
    assert_eq!(story.sha("remote.git", "v1.1.0^{commit}"), bound);
}

#[test]
fn release_does_not_wait_for_gates_it_does_not_poll() {
    // Fewer requests are left than a release may take.
    let story = Story::bare(Options { rest_limit: 10, ..Options::default() }, MANIFEST);
    story.begin("build", "in_progress");
    let said = story.run(&["release", "--wait"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    assert!(said.stdout.contains("hold     rights-suffice"), "{}", said.whole());
    assert!(!said.stderr.contains("waiting"), "{}", said.whole());
}

#[test]
fn a_second_signal_kills() {
    let story = story();
    // Nobody reads what it says, so that it cannot end after the first.
    let (reader, mut full) = std::io::pipe().unwrap();
    full.write_all(&[0; 1 << 16]).unwrap();
    let mut command = story.tminus("work", &["check", "--wait"]);
    let mut child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    errors.read_line(&mut String::new()).unwrap();
    signal("-TERM", &child);
    signal("-INT", &child);
    let killed = child.wait().unwrap().signal();
    assert!(killed == Some(2) || killed == Some(15), "{killed:?}");
    drop(reader);
}

#[test]
fn a_terminal_shows_the_checks_live_and_clears_them_at_the_end() {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("no `script` here, no terminal to try it on");
        return;
    }
    let story = story();
    story.earlier("build", 200);
    let tminus = story.tminus("work", &[]).get_program().to_owned().into_string().unwrap();
    let line = format!("stty cols 100 rows 30; exec {tminus} check --wait");
    let mut command = story.program("script", "work");
    command.env("TERM", "xterm").env("SHELL", "/bin/sh");
    let command = command.args(["-qefc", &line, "/dev/null"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut out, mut seen) = (child.stdout.take().unwrap(), Vec::new());
    let mut chunk = [0; 4096];
    let mut typed = false;
    let late = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let read = out.read(&mut chunk).unwrap();
        if read == 0 {
            break;
        }
        seen.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&seen);
        assert!(std::time::Instant::now() < late, "{text}");
        if !typed && text.contains("next update in") {
            typed = true;
            child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
        }
    }
    let code = child.wait().unwrap().code();
    let text = String::from_utf8_lossy(&seen).into_owned();
    if let Some(path) = std::env::var_os("TMINUS_SCREEN") {
        std::fs::write(path, &text).unwrap();
    }
    let (live, left) = screens(&text);
    saw!(
        story,
        "wait-live",
        format!("{live}\n-------- at the end\n{left}--- exit {}\n", code.unwrap())
    );
}

/// What a terminal of 100 columns shows at the last moment before `^C`, and at the end. Knows the few
/// sequences that are used.
fn screens(text: &str) -> (String, String) {
    let (live, _) = text.split_once("^C").unwrap_or((text, ""));
    (screen(live), screen(text))
}

const WIDTH: usize = 100;

fn screen(text: &str) -> String {
    let (mut lines, mut row, mut column) = (vec![Vec::<char>::new()], 0_usize, 0_usize);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{1b}' => {
                let mut sequence = String::new();
                while !sequence.ends_with(|c: char| c.is_ascii_alphabetic()) {
                    sequence.extend(rest.next().filter(|c| *c != '['));
                }
                let (number, action) = sequence.split_at(sequence.len() - 1);
                let number = number.parse::<usize>().unwrap_or(1);
                match action {
                    "A" => row = row.saturating_sub(number),
                    "B" => row += number,
                    "C" => column += number,
                    "K" => lines[row].clear(),
                    "J" => lines.truncate(row + 1),
                    "m" => {}
                    other => panic!("what is `{other}`?"),
                }
            }
            c => {
                if column == WIDTH {
                    (row, column) = (row + 1, 0);
                    lines.resize(lines.len().max(row + 1), Vec::new());
                }
                let line = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = c;
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), Vec::new());
    }
    let text: Vec<String> = lines.iter().map(|line| line.iter().collect()).collect();
    text.iter().map(|line: &String| format!("{}\n", line.trim_end())).collect()
}
