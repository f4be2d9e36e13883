use super::*;
use std::path::Path;
use std::time::Instant;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// Whether the process whose number a file holds is dead, now or soon.
fn dies(file: &Path) -> bool {
    let Ok(id) = std::fs::read_to_string(file) else { return false };
    let dead = || match std::fs::read_to_string(format!("/proc/{}/stat", id.trim())) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    };
    let until = Instant::now() + Duration::from_secs(10);
    while !dead() && Instant::now() < until {
        std::thread::yield_now();
    }
    dead()
}

/// A program that starts another one, says its number in a file, and never ends.
fn endless(file: &Path) -> Command {
    sh(&format!("sleep 300 & echo $! > {}; wait", file.display()))
}

#[tokio::test]
async fn program_output_is_captured_with_its_exit_status() {
    let done = output(sh("cat; echo oops >&2; exit 3"), b"in", LONG).await.unwrap();
    assert_eq!(
        (done.status.code(), &*done.stdout, &*done.stderr),
        (Some(3), &b"in"[..], &b"oops\n"[..])
    );
    let done = output_blocking(sh("echo out"), b"", LONG).unwrap();
    assert_eq!(done.stdout, b"out\n");
}

#[tokio::test]
async fn a_timed_out_program_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (dir.path().join("one"), dir.path().join("other"));
    let late = output(endless(&one), b"", SHORT).await.unwrap_err();
    assert!(matches!(late, Failure::Late(_)), "{late}");
    let late = output_blocking(endless(&other), b"", SHORT).unwrap_err();
    assert!(matches!(late, Failure::Late(_)), "{late}");
    assert!(dies(&one) && dies(&other));
}

#[tokio::test]
async fn dropping_a_command_kills_the_program_and_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("id");
    let wait = output(endless(&file), b"", LONG);
    assert!(tokio::time::timeout(SHORT, wait).await.is_err());
    assert!(dies(&file));
}

#[tokio::test]
async fn endless_output_is_an_error() {
    let much = output(sh("exec cat /dev/zero"), b"", LONG).await.unwrap_err();
    assert!(matches!(much, Failure::TooMuch), "{much}");
    let much = output_blocking(sh("exec cat /dev/zero >&2"), b"", LONG).unwrap_err();
    assert!(matches!(much, Failure::TooMuch), "{much}");
}

#[tokio::test]
async fn a_helper_that_keeps_the_pipes_open_is_left_alone() {
    let started = Instant::now();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("id");
    let script = format!("sleep 30 & echo $! > {}; echo done", file.display());
    let done = output(sh(&script), b"", LONG).await.unwrap();
    assert_eq!(done.stdout, b"done\n");
    assert!(started.elapsed() < Duration::from_secs(20));
    let id = std::fs::read_to_string(&file).unwrap();
    assert!(Path::new(&format!("/proc/{}", id.trim())).exists() || !Path::new("/proc/1").exists());
    let _ = Command::new("kill").arg(id.trim()).status();
}

#[tokio::test]
async fn a_child_process_has_no_controlling_terminal() {
    let done = output(sh("read answer < /dev/tty"), b"", LONG).await.unwrap();
    assert!(!done.status.success());
}
