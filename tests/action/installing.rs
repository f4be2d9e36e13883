//! Where the binary comes from. Every road that is not the pinned program ends with nothing run.

use super::definition::archives;
use super::runner::{Ended, Runner, script};
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A place that serves one archive, and counts how often.
pub(crate) struct Shelf {
    pub(crate) url: String,
    served: Arc<AtomicUsize>,
}

pub(crate) fn shelf(archive: Vec<u8>) -> Shelf {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let asked = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let name = archives(VERSION).remove(0);
            assert!(asked.starts_with(&format!("GET /v{VERSION}/{name} ")), "{asked}");
            count.fetch_add(1, Ordering::SeqCst);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                archive.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&archive).unwrap();
        }
    });
    Shelf { url, served }
}

/// An archive with a tminus that says `published`.
fn archive(runner: &Runner) -> Vec<u8> {
    script(&runner.path("published/tminus"), "#!/bin/sh\necho published\n");
    let file = runner.path("published.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(runner.path("published")).arg("-czf").arg(&file).arg("tminus");
    assert!(tar.status().unwrap().success());
    std::fs::read(file).unwrap()
}

fn pin(runner: &Runner, bytes: &[u8]) {
    let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let line = format!("# the newest\n{sum}  {}\n", archives(VERSION).remove(0));
    std::fs::write(runner.path("action/.github/action/checksums.txt"), line).unwrap();
}

/// A runner, and the pinned archive on a shelf.
fn published() -> (Runner, Shelf) {
    let mut runner = Runner::new();
    let bytes = archive(&runner);
    pin(&runner, &bytes);
    let shelf = shelf(bytes);
    runner.set("TMINUS_TEST_DOWNLOADS", &shelf.url);
    (runner, shelf)
}

fn stopped(ended: &Ended, code: i32, why: &str) {
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
    assert_eq!(shelf.served.load(Ordering::SeqCst), 1, "the same job has it unpacked");
    std::fs::create_dir(runner.path("another job")).unwrap();
    runner.set("RUNNER_TEMP", runner.path("another job").to_str().unwrap());
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(shelf.served.load(Ordering::SeqCst), 1, "another job has it in the tool cache");
}

#[test]
fn another_checksum_than_the_pinned_one_stops_it() {
    let (runner, _shelf) = published();
    pin(&runner, b"something else");
    stopped(&runner.run(), 1, "is pinned; nothing was run");
    assert_eq!(std::fs::read_dir(runner.path("tools")).unwrap().count(), 0, "it is not kept");
}

#[test]
fn a_tool_cache_that_was_tampered_with_stops_it_once() {
    let (mut runner, shelf) = published();
    runner.run();
    let kept = runner.path("tools/tminus").join(archives(VERSION).remove(0));
    std::fs::write(&kept, "evil").unwrap();
    std::fs::create_dir(runner.path("another job")).unwrap();
    runner.set("RUNNER_TEMP", runner.path("another job").to_str().unwrap());
    stopped(&runner.run(), 1, "is pinned; nothing was run");
    assert!(!kept.exists());
    assert_eq!(runner.run().stdout, "published\n");
    assert_eq!(shelf.served.load(Ordering::SeqCst), 2);
}

#[test]
fn without_a_pinned_checksum_nothing_is_fetched() {
    let (mut runner, shelf) = published();
    runner.set("RUNNER_ARCH", "ARM64");
    stopped(&runner.run(), 2, "pins no checksum");
    runner.set("RUNNER_ARCH", "RISCV64");
    stopped(&runner.run(), 2, "no tminus is published for this runner's platform");
    for (name, value) in [("INPUT_VERIFY", "none"), ("INPUT_INSTALL", "latest")] {
        let (mut runner, _shelf) = published();
        runner.set(name, value);
        stopped(&runner.run(), 2, "must be");
    }
    assert_eq!(shelf.served.load(Ordering::SeqCst), 0);
}

/// A PATH that has everything that the scripts need, save for some programs.
fn without(runner: &mut Runner, missing: &[&str]) {
    let path = std::env::var_os("PATH").unwrap();
    let tools = [
        "env",
        "cp",
        "mktemp",
        "rm",
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
fn without_a_tool_to_verify_with_nothing_is_run() {
    let (mut runner, _shelf) = published();
    without(&mut runner, &["sha256sum", "shasum"]);
    stopped(&runner.run(), 2, "nothing was run");
    let (mut runner, _shelf) = published();
    without(&mut runner, &["sha256sum"]);
    assert_eq!(runner.run().stdout, "published\n", "shasum does as well");
}

#[test]
fn an_attestation_that_cannot_be_verified_stops_it() {
    let (mut runner, _shelf) = published();
    runner.set("INPUT_VERIFY", "attestation");
    without(&mut runner, &[]);
    stopped(&runner.run(), 2, "needs gh");
    script(&runner.path("bin/gh"), "#!/bin/sh\necho \"$GH_TOKEN $*\" >gh-was-asked\nexit 1\n");
    stopped(&runner.run(), 1, "could not be verified; nothing was run");
    let asked = std::fs::read_to_string(runner.path("gh-was-asked")).unwrap();
    assert!(asked.starts_with("t0ken attestation verify /"), "{asked}");
    assert!(asked.contains("--repo tminus-dev/tminus --signer-workflow"), "{asked}");
    script(&runner.path("bin/gh"), "#!/bin/sh\nexit 0\n");
    assert_eq!(runner.run().stdout, "published\n");
}

#[test]
fn from_source_it_is_cargos_locked_build_of_the_action_itself() {
    let mut runner = Runner::new();
    runner.set("INPUT_INSTALL", "source");
    without(&mut runner, &[]);
    stopped(&runner.run(), 2, "needs cargo");
    let cargo = "\
#!/bin/sh
echo \"cargo $*\"
for root; do :; done
mkdir -p \"$root/bin\"
printf '#!/bin/sh\\necho built\\n' >\"$root/bin/tminus\"
chmod +x \"$root/bin/tminus\" || exit 9
";
    script(&runner.path("bin/cargo"), cargo);
    std::os::unix::fs::symlink("/bin/chmod", runner.path("bin/chmod")).unwrap();
    let said = runner.run().stdout;
    assert!(said.contains("cargo install --quiet --locked --path "), "{said}");
    assert!(said.ends_with("built\n"), "{said}");
    assert_eq!(runner.run().stdout, "built\n", "once a job");
    script(&runner.path("bin/cargo"), "#!/bin/sh\nexit 101\n");
    std::fs::remove_dir_all(runner.path("temp")).unwrap();
    stopped(&runner.run(), 2, "could not be built");
}
