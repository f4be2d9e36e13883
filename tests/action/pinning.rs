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
        for file in files.into_iter().chain([".ci/attested", ".ci/pack", ".ci/pin", ".ci/pinned"]) {
            let to = clone.dir.path().join(file);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(top().join(file), to).unwrap();
        }
        clone.write("src/main.rs", "fn main() {}\n");
        clone.write(".gitignore", "/out\n/dist\n/sbom.json\n/bin\n");
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
        command.env("GITHUB_REPOSITORY", "acme/widget");
        let path = std::env::var_os("PATH").unwrap().into_string().unwrap();
        command.env("PATH", format!("{}:{path}", self.dir.path().join("bin").display()));
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

    fn commit_empty(&self, message: &str) {
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn ci(&self, name: &str, arguments: &[&str]) -> Ended {
        self.run(self.dir.path().join(".ci").join(name), arguments)
    }

    fn pack(&self) {
        let program = self.dir.path().join("out").join(TARGET).join("tminus");
        script(&program, "#!/bin/sh\necho published\n");
        self.write("sbom.json", "{}\n");
        let packed = self.ci("pack", &["out", "dist", "sbom.json"]);
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
fn a_commit_that_only_adds_checksums_can_be_released() {
    let clone = Clone::pinned();
    let asked = clone.ci("pinned", &["dist"]);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(0), "run=4411\n"), "{asked:?}");
}

#[test]
fn the_action_runs_the_packed_and_pinned_archive() {
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
fn a_commit_that_differs_from_the_built_one_is_not_released() {
    let clone = Clone::built();
    clone.refused("does not say what was built");
    clone.pin();
    clone.write("src/main.rs", "fn main() { evil() }\n");
    clone.commit("one more change");
    clone.refused("but this commit differs from it");
}

#[test]
fn archives_that_differ_from_the_pinned_ones_are_not_released() {
    for more in ["tminus-0.0.0-more.tar.gz", "install.sh"] {
        let clone = Clone::pinned();
        clone.write(&format!("dist/{more}"), "one more");
        clone.refused("what was built is not what is pinned");
    }
    let clone = Clone::pinned();
    clone.write(&clone.archive_name(), "another");
    clone.refused("FAILED");
}

/// After a squash the commit that was built is in no branch's history.
#[test]
fn fetching_the_built_commit_does_not_make_a_clone_shallow() {
    let clone = Clone::built();
    clone.git(&["checkout", "-q", "-b", "topic"]);
    clone.commit_empty("one of many");
    clone.pin();
    clone.git(&["checkout", "-q", "main"]);
    clone.git(&["merge", "-q", "--squash", "topic"]);
    clone.commit("squashed");
    let main = Clone { dir: tempfile::tempdir().unwrap() };
    let remote = format!("file://{}", clone.dir.path().display());
    main.git(&["clone", "-q", "--single-branch", "--branch=main", &remote, "."]);
    let asked = main.ci("pinned", &[]);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(0), "run=4411\n"), "{asked:?}");
    assert_eq!(main.git(&["rev-parse", "--is-shallow-repository"]), "false");
}

/// Writes what gh was asked down, and knows provenance of whatever the pattern fits.
fn gh(clone: &Clone, pattern: &str) {
    let text =
        format!("#!/bin/sh\necho \"$*\" >>bin/asked\ncase $3 in {pattern}) ;; *) exit 1 ;; esac\n");
    script(&clone.dir.path().join("bin/gh"), &text);
}

#[test]
fn only_archives_attested_for_the_named_commit_are_released() {
    let clone = Clone::pinned();
    gh(&clone, "*");
    assert_eq!(clone.ci("attested", &["dist"]).code, Some(0));
    let asked = std::fs::read_to_string(clone.dir.path().join("bin/asked")).unwrap();
    let built = clone.git(&["rev-parse", "HEAD~"]);
    let files =
        [clone.archive_name(), format!("dist/tminus-{}.cdx.json", env!("CARGO_PKG_VERSION"))];
    let expected = files.map(|file| {
        format!(
            "attestation verify {file} --repo acme/widget --signer-workflow \
             acme/widget/.github/workflows/build.yml --source-digest {built} \
             --deny-self-hosted-runners\n"
        )
    });
    assert_eq!(asked, expected.concat());

    gh(&clone, "*.json");
    assert_eq!(clone.ci("attested", &["dist"]).code, Some(1));
    gh(&clone, "*");
    clone.write(PINS, "# built from elsewhere\n");
    assert_eq!(clone.ci("attested", &["dist"]).code, Some(1));
}
