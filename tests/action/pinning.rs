//! How a release's tag comes to hold the checksums of its own programs.

use super::definition::top;
use super::installing::shelf;
use super::runner::{Ended, Runner, script};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const PINS: &str = ".github/action/checksums.txt";
const TARGET: &str = "x86_64-unknown-linux-musl";

/// A clone of the project, as far as its release is concerned, with archives in `dist`.
struct Clone {
    dir: TempDir,
}

impl Clone {
    /// At a commit that was built, and whose checksums are not pinned.
    fn built() -> Self {
        let clone = Self { dir: tempfile::tempdir().unwrap() };
        let files = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "NOTICE", PINS];
        for file in files.into_iter().chain([".ci/pack", ".ci/pin", ".ci/pinned"]) {
            let to = clone.dir.path().join(file);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(top().join(file), to).unwrap();
        }
        clone.write("src/main.rs", "fn main() {}\n");
        clone.write(".gitignore", "/out\n/dist\n");
        clone.git(&["init", "-q", "-b", "main"]);
        clone.commit("the version");
        clone.pack();
        clone
    }

    /// And whose checksums are pinned by a commit after it.
    fn pinned() -> Self {
        let clone = Self::built();
        clone.pin();
        clone
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn run(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Ended {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.dir.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ada");
            command.env(format!("GIT_{role}_EMAIL"), "ada@example.com");
            command.env(format!("GIT_{role}_DATE"), "1768000000 +0000");
        }
        let done = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: done.status.code(), stdout: text(done.stdout), stderr: text(done.stderr) }
    }

    fn git(&self, arguments: &[&str]) -> String {
        let done = self.run("git", arguments);
        assert_eq!(done.code, Some(0), "{done:?}");
        done.stdout.trim_end().to_owned()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    fn ci(&self, name: &str, arguments: &[&str]) -> Ended {
        self.run(self.dir.path().join(".ci").join(name), arguments)
    }

    fn pack(&self) {
        let program = self.dir.path().join("out").join(TARGET).join("tminus");
        script(&program, "#!/bin/sh\necho published\n");
        let packed = self.ci("pack", &["out", "dist"]);
        assert_eq!(packed.code, Some(0), "{packed:?}");
    }

    fn pin(&self) {
        let head = self.git(&["rev-parse", "HEAD"]);
        let pins = self.ci("pin", &["dist", &head, "4411"]).stdout;
        self.write(PINS, &pins);
        self.commit("the checksums");
    }

    fn archive(&self) -> Vec<u8> {
        std::fs::read(self.dir.path().join(self.archive_name())).unwrap()
    }

    fn archive_name(&self) -> String {
        format!("dist/tminus-{}-{TARGET}.tar.gz", env!("CARGO_PKG_VERSION"))
    }

    fn refused(&self, why: &str) {
        let asked = self.ci("pinned", &["dist"]);
        assert_ne!(asked.code, Some(0), "{asked:?}");
        assert!(asked.stderr.contains(why), "{asked:?}");
        assert_eq!(asked.stdout, "", "no run is named");
    }
}

#[test]
fn a_commit_that_adds_only_the_checksums_may_be_released() {
    let clone = Clone::pinned();
    let asked = clone.ci("pinned", &["dist"]);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(0), "run=4411\n"), "{asked:?}");
}

#[test]
fn the_action_runs_what_was_packed_and_pinned() {
    let clone = Clone::pinned();
    let mut runner = Runner::new();
    let pins = runner.path("action").join(Path::new(PINS));
    std::fs::copy(clone.dir.path().join(PINS), pins).unwrap();
    let shelf = shelf(clone.archive());
    runner.set("TMINUS_TEST_DOWNLOADS", &shelf.url);
    assert_eq!(runner.run().stdout, "published\n");
}

#[test]
fn packing_twice_gives_the_same_bytes() {
    let clone = Clone::built();
    let first = clone.archive();
    std::fs::remove_dir_all(clone.dir.path().join("out")).unwrap();
    clone.pack();
    assert_eq!(clone.archive(), first);
}

#[test]
fn a_commit_that_was_not_built_is_not_released() {
    let clone = Clone::built();
    clone.refused("does not say what was built");
    clone.pin();
    clone.write("src/main.rs", "fn main() { evil() }\n");
    clone.commit("one more change");
    clone.refused("from which this commit differs");
}

#[test]
fn archives_that_are_not_the_pinned_ones_are_not_released() {
    let clone = Clone::pinned();
    clone.write("dist/tminus-0.0.0-more.tar.gz", "one more");
    clone.refused("what was built is not what is pinned");
    let clone = Clone::pinned();
    clone.write(&clone.archive_name(), "another");
    clone.refused("FAILED");
}
