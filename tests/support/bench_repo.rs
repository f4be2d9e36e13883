//! A folder with repositories in it, and the git program shut off from the machine's configuration.
#![allow(dead_code, clippy::unwrap_used, reason = "each suite uses another part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use tminus::adapters::git::{GitRemote, LocalRepository, Settings};
use tminus::base::names::{Sha, TagName};
use tminus::base::version::Version;
use tminus::facts::VersionTag;
use tminus::ports::Repository as _;

pub(crate) struct Bench {
    pub(crate) dir: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder with an ordinary repository `work`.
    pub(crate) fn with_work() -> Self {
        let bench = Self::new();
        bench.git(".", &["init", "-q", "-b", "main", "work"]);
        bench
    }

    /// A bare `remote.git` with commits and `v1.0.0` in it, and `work`, a clone of it.
    pub(crate) fn with_remote() -> Self {
        let bench = Self::new();
        bench.git(".", &["init", "-q", "-b", "main", "--bare", "remote.git"]);
        bench.git(".", &["clone", "-q", "remote.git", "work"]);
        bench.git("work", &["checkout", "-q", "-b", "main"]);
        bench.commit("work", "feat: one", 1000);
        bench.commit("work", "feat: two", 2000);
        bench.git("work", &["tag", "-m", "one", "v1.0.0"]);
        bench.commit("work", "fix: three", 3000);
        bench.commit("work", "feat: four", 4000);
        bench.git("work", &["push", "-q", "-u", "--tags", "origin", "main"]);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn env(&self) -> Vec<(String, String)> {
        let home = self.dir.path().to_str().unwrap();
        let fixed = [
            ("HOME", home),
            ("XDG_CONFIG_HOME", home),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.com"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ];
        fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// A command in a folder, with the closed environment and a fixed time.
    pub(crate) fn command(&self, program: &str, folder: &str, time: i64) -> Command {
        let mut command = Command::new(program);
        let date = format!("{} +0000", 1_700_000_000 + time);
        command.current_dir(self.path(folder)).envs(self.env());
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        command
    }

    /// Runs git and gives what it printed.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        self.git_at(folder, arguments, 5000)
    }

    pub(crate) fn git_at(&self, folder: &str, arguments: &[&str], time: i64) -> String {
        let done = self.command("git", folder, time).args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "git {arguments:?}: {error}");
        String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
    }

    pub(crate) fn commit(&self, folder: &str, message: &str, time: i64) -> Sha {
        self.git_at(folder, &["commit", "-q", "--allow-empty", "-m", message], time);
        self.sha(folder, "HEAD")
    }

    pub(crate) fn sha(&self, folder: &str, revision: &str) -> Sha {
        Sha::new(self.git(folder, &["rev-parse", "--verify", "-q", revision])).unwrap()
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { env: self.env(), ..Settings::default() }
    }

    pub(crate) fn local(&self, folder: &str) -> LocalRepository {
        LocalRepository::discover(&self.path(folder), &self.settings()).unwrap()
    }

    pub(crate) fn remote(&self, folder: &str) -> GitRemote {
        GitRemote::discover(&self.path(folder), &self.settings()).unwrap()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// The tags of a repository that carry versions as `v1.2.3`, highest first.
pub(crate) fn versions(local: &LocalRepository) -> Vec<VersionTag> {
    let mut tags: Vec<VersionTag> = local.tags().unwrap().into_iter().filter_map(version).collect();
    tags.sort_by(|a, b| b.version.cmp(&a.version));
    tags
}

fn version(at: tminus::ports::RefAt) -> Option<VersionTag> {
    let name = at.name.strip_prefix("refs/tags/")?;
    let version = Version::read(name.strip_prefix('v')?).ok()?;
    Some(VersionTag { tag: TagName::new(name).unwrap(), version, commit: at.commit })
}

pub(crate) fn tag(name: &str) -> TagName {
    TagName::new(name).unwrap()
}

pub(crate) fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
