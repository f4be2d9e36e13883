//! Where the binary comes from. Every road that is not the pinned program ends with nothing run.

use super::definition::archives;
use super::runner::{Ended, Runner, script};
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A place that serves one archive, under whatever name it is asked for.
pub(crate) struct Shelf {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    /// What was asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub(crate) fn shelf(archive: Vec<u8>) -> Shelf {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::default());
    let noted: Arc<Mutex<Vec<String>>> = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let line = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            noted.lock().unwrap().push(line.trim_end_matches(" HTTP/1.1").to_owned());
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                archive.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&archive).unwrap();
        }
    });
    Shelf { url, asked }
}

/// An archive with a tminus that says `published`.
fn archive(runner: &Runner) -> Vec<u8> {
    let program = format!("tminus{}", runner.exe());
    script(&runner.path("published").join(&program), "#!/bin/sh\necho published\n");
    let file = runner.path("published.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(runner.path("published")).arg("-czf").arg(&file).arg(program);
    assert!(tar.status().unwrap().success());
    std::fs::read(file).unwrap()
}

/// Pins the archive of the runner's platform.
fn pin(runner: &Runner, bytes: &[u8]) {
    let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let [archive, other] = [runner.archive(), archives(VERSION).remove(1)];
    let line = format!(
        "# the newest\n# built from {BUILT} by run 4411\n{sum}  {archive}\n0f  {other}.sig\n"
    );
    std::fs::write(runner.path("action/.github/action/checksums.txt"), line).unwrap();
}

const BUILT: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A runner, and the pinned archive on a shelf.
fn published() -> (Runner, Shelf) {
    published_for("Linux", "X64")
}

pub(crate) fn published_for(os: &str, arch: &str) -> (Runner, Shelf) {
    let mut runner = Runner::of(os, arch);
    let bytes = archive(&runner);
    pin(&runner, &bytes);
    let shelf = shelf(bytes);
    runner.set("TMINUS_TEST_DOWNLOADS", &shelf.url);
    (runner, shelf)
}

pub(crate) fn stopped(ended: &Ended, code: i32, why: &str) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(!ended.stdout.contains("published\n"), "{ended:?}");
    assert!(ended.stdout.contains("::error title=tminus action::"), "{ended:?}");
    assert!(ended.stdout.contains(why), "{ended:?}");
}

#[test]
fn a_pinned_archive_is_fetched_once_and_run() {
    let (mut runner, shelf) = published();
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(shelf.asked().len(), 1, "the same job has it unpacked");
    std::fs::create_dir(runner.path("another job")).unwrap();
    runner.set("RUNNER_TEMP", runner.path("another job").to_str().unwrap());
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(shelf.asked().len(), 1, "another job has it in the tool cache");
}

#[test]
fn a_checksum_that_differs_from_the_pinned_one_stops_the_action() {
    let (runner, _shelf) = published();
    pin(&runner, b"something else");
    stopped(&runner.run(), 1, "is pinned; nothing was run");
    assert_eq!(std::fs::read_dir(runner.path("tools")).unwrap().count(), 0, "it is not kept");
}

#[test]
fn a_modified_tool_cache_entry_is_deleted_and_fails_the_run_once() {
    let (mut runner, shelf) = published();
    runner.run();
    let kept = runner.path("tools/tminus").join(archives(VERSION).remove(0));
    std::fs::write(&kept, "evil").unwrap();
    std::fs::create_dir(runner.path("another job")).unwrap();
    runner.set("RUNNER_TEMP", runner.path("another job").to_str().unwrap());
    stopped(&runner.run(), 1, "is pinned; nothing was run");
    assert!(!kept.exists());
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(shelf.asked().len(), 2);
}

#[test]
fn without_a_pinned_checksum_nothing_is_fetched() {
    let (mut runner, shelf) = published();
    runner.set("RUNNER_ARCH", "ARM64");
    stopped(&runner.run(), 2, "does not pin a checksum");
    runner.set("RUNNER_ARCH", "RISCV64");
    stopped(&runner.run(), 2, "tminus is not published for this runner's platform");
    for (name, value) in [("INPUT_VERIFY", "none"), ("INPUT_INSTALL", "latest")] {
        let (mut runner, _shelf) = published();
        runner.set(name, value);
        stopped(&runner.run(), 2, "must be");
    }
    assert_eq!(shelf.asked().len(), 0);
}

/// A PATH that has everything that the scripts need, save for some programs.
pub(crate) fn without(runner: &mut Runner, missing: &[&str]) {
    let path = std::env::var_os("PATH").unwrap();
    let tools = [
        "bash",
        "env",
        "printf",
        "cp",
        "mktemp",
        "rm",
        "chmod",
        "mv",
        "mkdir",
        "tar",
        "gzip",
        "curl",
        "sha256sum",
        "shasum",
        "perl",
    ];
    for tool in tools.iter().filter(|tool| !missing.contains(tool)) {
        let found =
            std::env::split_paths(&path).map(|dir| dir.join(tool)).find(|file| file.is_file());
        let Some(found) = found else { continue };
        std::os::unix::fs::symlink(found, runner.path("bin").join(tool)).unwrap();
    }
    let bin = runner.path("bin");
    runner.set("PATH", bin.to_str().unwrap());
}

#[test]
fn nothing_is_run_without_a_tool_to_verify_checksums() {
    let (mut runner, _shelf) = published();
    without(&mut runner, &["sha256sum", "shasum"]);
    stopped(&runner.run(), 2, "nothing was run");
    let (mut runner, _shelf) = published();
    without(&mut runner, &["sha256sum"]);
    assert_eq!(runner.run().stdout, "published\n", "shasum does as well");
}

#[test]
fn an_attestation_that_cannot_be_verified_stops_the_action() {
    let (mut runner, _shelf) = published();
    runner.set("INPUT_VERIFY", "attestation");
    without(&mut runner, &[]);
    stopped(&runner.run(), 2, "needs gh");
    script(&runner.path("bin/gh"), "#!/bin/sh\necho \"$GH_TOKEN $*\" >gh-was-asked\nexit 1\n");
    stopped(&runner.run(), 1, "could not be verified; nothing was run");
    let asked = std::fs::read_to_string(runner.path("gh-was-asked")).unwrap();
    assert!(asked.starts_with("t0ken attestation verify /"), "{asked}");
    let claims = [
        "--repo tminus-dev/tminus",
        "--signer-workflow tminus-dev/tminus/.github/workflows/build.yml",
        &format!("--source-digest {BUILT}"),
        "--deny-self-hosted-runners",
    ];
    assert!(asked.ends_with(&format!("{}\n", claims.join(" "))), "{asked}");
    script(&runner.path("bin/gh"), "#!/bin/sh\nexit 0\n");
    assert_eq!(runner.run().stdout, "published\n");
}

#[test]
fn a_program_that_cannot_be_moved_to_the_tool_cache_runs_where_it_was_unpacked() {
    let (mut runner, shelf) = published();
    without(&mut runner, &["mv"]);
    let refuse = "#!/bin/sh\n[ ! -d \"$1\" ] || exit 1\nexec /bin/mv \"$@\"\n";
    script(&runner.path("bin/mv"), refuse);
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(shelf.asked().len(), 1);
}

#[test]
fn download_and_unpack_tools_do_not_get_the_token() {
    let (mut runner, _shelf) = published();
    runner.set("token", "another");
    for tool in ["curl", "tar"] {
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|dir| dir.join(tool))
            .find(|file| file.is_file())
            .unwrap();
        let spy = format!("#!/bin/sh\nenv >>env\nexec '{}' \"$@\"\n", real.display());
        script(&runner.path("bin").join(tool), &spy);
    }
    assert_eq!(runner.run().stdout, "published\n");
    let seen = std::fs::read_to_string(runner.path("env")).unwrap()
        + &std::fs::read_to_string(runner.path("temp/env")).unwrap_or_default();
    assert!(seen.contains("RUNNER_OS=Linux\n"), "{seen}");
    assert!(!seen.contains("t0ken"), "{seen}");
}

#[test]
fn a_failing_system_tool_stops_the_action_before_any_download() {
    for os in ["Linux", "Windows"] {
        let (runner, shelf) = published_for(os, "X64");
        script(&runner.path("bin/mktemp"), "#!/bin/sh\nexit 1\n");
        let ended = runner.run();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{os}");
        assert_eq!(shelf.asked(), [""; 0], "{os}");
    }
}
