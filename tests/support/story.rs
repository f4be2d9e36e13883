//! A whole project in a folder: a remote, a clone with a staged manifest, a GitHub over the remote,
//! and the real binary, shut off from the machine's own configuration.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each suite uses another part; a test that cannot go on has failed"
)]

use super::fake_github::{FakeGitHub, Options, TOKEN};
use super::leak::leak;
use jiff::SignedDuration;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;
use tminus::base::names::Sha;
use tminus::facts::CheckState;

/// Three stages, each a reach further than the one before.
pub(crate) const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
changelog: { file: CHANGELOG.md, style: keep-a-changelog }
gates:
  checks-green: { required: [build] }
  version-increases: on
  bump-fits-changes: on
  versions-agree: on
  changelog-entry: on
  tree-clean: on
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ['dist/*'], checksums: sha256 }
  - name: beta
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public }
      - tag: { sign: 'off' }
  - name: stable
    gates: [checks-green]
    steps:
      - publish-release
";

const CARGO: &str = "[package]\nname = \"widget\"\nversion = \"1.1.0\"\n";

const CHANGELOG: &str = "\
# Changelog

## [1.1.0] - 2026-01-10

### Added

- A second widget.

## [1.0.0] - 2026-01-02

### Added

- The widget.
";

/// Marks that it ran. Blocks until it is told to go on, or kills who called it, where asked to.
const DEPLOY: &str = "\
#!/bin/sh
if [ -e \"$STORY/kill-before-run\" ]; then rm \"$STORY/kill-before-run\"; kill -KILL $PPID; exit 9; fi
if [ -p \"$STORY/fifo\" ]; then echo waiting; read _ <\"$STORY/fifo\"; fi
echo \"deployed $TMINUS_VERSION $TMINUS_TAG $TMINUS_COMMIT\" >>\"$STORY/deployed\"
echo deployed
if [ -e \"$STORY/kill-after-run\" ]; then rm \"$STORY/kill-after-run\"; kill -KILL $PPID; exit 9; fi
exit 0
";

const DEPLOYED: &str = "\
#!/bin/sh
[ -e \"$STORY/deployed\" ] || exit 1
grep -q \"^deployed $TMINUS_VERSION \" \"$STORY/deployed\"
";

/// Stands before git, writes its arguments down and counts its network commands; kills who called
/// it before or after one.
const GIT: &str = "\
#!/bin/sh
printf '%s\\n' \"$*\" >>\"$STORY/arguments\"
network=
for word in \"$@\"; do
  case $word in push|ls-remote|fetch) network=$word; break;; esac
done
if [ -z \"$network\" ]; then exec \"$REAL_GIT\" \"$@\"; fi
echo \"$network\" >>\"$STORY/network\"
n=$(wc -l <\"$STORY/network\")
if [ -e \"$STORY/kill-before-git-$((n))\" ]; then
  rm \"$STORY/kill-before-git-$((n))\"; kill -KILL $PPID; exit 9
fi
\"$REAL_GIT\" \"$@\"
code=$?
if [ -e \"$STORY/kill-after-git-$((n))\" ]; then
  rm \"$STORY/kill-after-git-$((n))\"; kill -KILL $PPID
fi
exit $code
";

/// What a run of the binary came to.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Everything that a user saw.
    pub(crate) fn whole(&self) -> String {
        let code = self.code.map_or("killed".into(), |code| format!("exit {code}"));
        let stderr = if self.stderr.is_empty() {
            String::new()
        } else {
            format!("--- on standard error\n{}", self.stderr)
        };
        format!("{}{stderr}--- {code}\n", self.stdout)
    }
}

/// The project.
pub(crate) struct Story {
    pub(crate) dir: TempDir,
    pub(crate) fake_github: FakeGitHub,
    /// What runs of the binary wrote: which run and where, and the bytes.
    wrote: Mutex<Vec<(String, Vec<u8>)>>,
    /// Every token that a run was given.
    tokens: Vec<String>,
    env: Vec<(String, String)>,
}

impl Story {
    /// A remote with `v1.0.0` and one commit after it, green, and a clone of it in `work`.
    pub(crate) fn new() -> Self {
        let story = Self::bare(Options::default(), MANIFEST);
        story.report("build", "success");
        story
    }

    /// The same, with another GitHub, another manifest and no checks.
    pub(crate) fn bare(options: Options, manifest: &str) -> Self {
        let story = Self::empty(options);
        story.write("work/tminus.yaml", manifest);
        story.write("work/.gitignore", "/dist\n");
        story.write("work/Cargo.toml", CARGO.replace("1.1.0", "1.0.0"));
        story.write("work/CHANGELOG.md", CHANGELOG);
        story.script("work/deploy", DEPLOY);
        story.script("work/deployed", DEPLOYED);
        story.git("work", &["add", "-A"]);
        story.git("work", &["commit", "-q", "-m", "feat: the widget"]);
        story.git("work", &["tag", "-m", "1.0.0", "v1.0.0"]);
        story.write("work/Cargo.toml", CARGO);
        story.git("work", &["commit", "-q", "-a", "-m", "feat: a second widget (#2)"]);
        story.git("work", &["push", "-q", "-u", "--tags", "origin", "main"]);
        story.write("work/dist/widget.tar.gz", "not really a tar\n");
        story.write("work/dist/widget.txt", "a widget\n");
        story
    }

    /// An empty remote, and an empty clone of it in `work`.
    pub(crate) fn empty(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { bare: Some(dir.path().join("remote.git")), ..options };
        let fake_github = FakeGitHub::start(options).unwrap();
        let (wrote, tokens) = (Mutex::default(), vec![TOKEN.to_owned()]);
        let mut story = Self { dir, fake_github, wrote, tokens, env: Vec::new() };
        story.env = story.closed();
        std::fs::create_dir_all(story.path("bin")).unwrap();
        story.script("bin/git", GIT);
        story.git(".", &["init", "-q", "--template=", "-b", "main", "--bare", "remote.git"]);
        story.git(".", &["init", "-q", "--template=", "-b", "main", "work"]);
        story.git("work", &["remote", "add", "origin", "../remote.git"]);
        story
    }

    fn closed(&self) -> Vec<(String, String)> {
        let root = self.dir.path().to_str().unwrap();
        let path = std::env::var_os("PATH").unwrap().into_string().unwrap();
        let real =
            std::env::split_paths(&path).map(|dir| dir.join("git")).find(|git| git.is_file());
        let url = &self.fake_github.url;
        let pairs = [
            ("PATH", format!("{root}/bin:{path}")),
            ("HOME", root.to_owned()),
            ("STORY", root.to_owned()),
            ("REAL_GIT", real.unwrap().to_str().unwrap().to_owned()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_AUTHOR_NAME", "Ada".into()),
            ("GIT_AUTHOR_EMAIL", "ada@example.com".into()),
            ("GIT_COMMITTER_NAME", "Ada".into()),
            ("GIT_COMMITTER_EMAIL", "ada@example.com".into()),
            ("USER", "ada".into()),
            ("GITHUB_API_URL", url.clone()),
            ("GITHUB_GRAPHQL_URL", format!("{url}/graphql")),
            ("GITHUB_TOKEN", TOKEN.into()),
            ("GITHUB_REPOSITORY", "acme/widget".into()),
        ];
        let profile =
            std::env::var_os("LLVM_PROFILE_FILE").and_then(|file| file.into_string().ok());
        let profile = profile.map(|file| ("LLVM_PROFILE_FILE", file));
        pairs.into_iter().chain(profile).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn script(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(path, text);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path(path), mode).unwrap();
    }

    /// Sets a variable for every run from now on; an empty one counts as not set.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env(name, value);
        if name.ends_with("_TOKEN") && !value.is_empty() {
            self.tokens.push(value.to_owned());
        }
    }

    /// The same, for what is no token of the story's.
    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Lets failed requests be repeated without a pause.
    pub(crate) fn hurry(&mut self) {
        self.env("TMINUS_HURRY", "1");
    }

    /// Leaks were made on purpose.
    pub(crate) fn forgive(mut self) {
        self.tokens.clear();
    }

    /// Any program, ready to be run in a folder, in the same closed environment.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path(folder)).env_clear();
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs the real git, at a fixed moment, and gives what it printed.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        self.git_at(folder, 1_768_000_000, arguments)
    }

    /// The same, at another moment.
    pub(crate) fn git_at(&self, folder: &str, seconds: i64, arguments: &[&str]) -> String {
        let git = self.env.iter().find(|(name, _)| name == "REAL_GIT");
        let mut command = self.command(&git.unwrap().1, folder);
        let date = format!("{seconds} +0000");
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", date);
        let done = command.args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "git {arguments:?}: {error}");
        String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
    }

    pub(crate) fn sha(&self, folder: &str, revision: &str) -> Sha {
        Sha::new(self.git(folder, &["rev-parse", "--verify", "-q", revision])).unwrap()
    }

    /// Commits everything and pushes it.
    pub(crate) fn push(&self, message: &str) {
        self.git("work", &["add", "-A"]);
        self.git("work", &["commit", "-q", "--allow-empty", "-m", message]);
        self.git("work", &["push", "-q", "-u", "origin", "main"]);
    }

    /// CI says how a check on the head came out.
    pub(crate) fn report(&self, name: &str, outcome: &str) {
        let head = self.sha("work", "HEAD");
        self.fake_github
            .with(|state| state.report(&head, name, CheckState::Finished(outcome.into())));
    }

    /// CI is at work on a check on the head.
    pub(crate) fn begin(&self, name: &str, doing: &str) {
        let head = self.sha("work", "HEAD");
        self.fake_github.with(|state| state.report(&head, name, CheckState::Pending(doing.into())));
    }

    /// On the commit before the head a check succeeded after so many seconds.
    pub(crate) fn earlier(&self, name: &str, seconds: i64) {
        let before = self.sha("work", "HEAD~");
        self.fake_github.with(|state| {
            state.report(&before, name, CheckState::Finished("success".into()));
            let run = state.checks.get_mut(&before).and_then(|runs| runs.last_mut()).unwrap();
            run.completed_at = run.started_at.map(|at| at + SignedDuration::from_secs(seconds));
        });
    }

    /// A program in a folder, shut off like the binary.
    pub(crate) fn program(&self, program: &str, folder: &str) -> Command {
        self.command(program, folder)
    }

    /// The binary, ready to be run in a folder.
    pub(crate) fn tminus(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_tminus"), folder);
        command.args(arguments);
        command
    }

    /// Runs the binary in the clone.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_in("work", arguments)
    }

    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Said {
        let mut command = self.tminus(folder, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        self.fake_github.victim(child.id());
        let done = child.wait_with_output().unwrap();
        self.wrote(&format!("standard output of {arguments:?}"), &done.stdout);
        self.wrote(&format!("standard error of {arguments:?}"), &done.stderr);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let said =
            Said { code: done.status.code(), stdout: text(done.stdout), stderr: text(done.stderr) };
        assert!(!said.stderr.contains("panicked"), "{}", said.whole());
        said
    }

    /// Notes what a run wrote that was not waited for by [`Self::run`].
    pub(crate) fn wrote(&self, what: &str, bytes: &[u8]) {
        let mut wrote = self.wrote.lock().unwrap_or_else(PoisonError::into_inner);
        wrote.push((what.to_owned(), bytes.to_vec()));
    }

    /// Where a token is in what the binary and its children wrote: on their outputs, into files, git
    /// objects included, in arguments, in requests.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let mut all = self.wrote.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for asked in self.fake_github.requests() {
            all.push((format!("request {} {}", asked.method, asked.path), asked.raw));
        }
        files(self.dir.path(), &mut all);
        let (mut leaks, mut searched) = (Vec::new(), HashSet::new());
        for (what, bytes) in &all {
            // Both repositories hold most objects.
            if !searched.insert(bytes) {
                continue;
            }
            for how in self.tokens.iter().filter_map(|token| leak(bytes, token)) {
                leaks.push(format!("{what}: {how}"));
            }
        }
        leaks
    }

    /// Everything that a release may leave behind, for people to compare.
    pub(crate) fn left(&self) -> String {
        let refs = self.git("remote.git", &["for-each-ref", "--format=%(refname) %(objectname)"]);
        let releases = self
            .fake_github
            .with(|state| format!("{:#?} latest {:?}", state.releases, state.latest));
        let deployed = std::fs::read_to_string(self.path("deployed")).unwrap_or_default();
        format!("{refs}\n{releases}\n{deployed}")
    }
}

/// A story ends with a look at everything that was written in it.
impl Drop for Story {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let leaks = self.leaks();
            assert!(leaks.is_empty(), "a token leaked:\n{}", leaks.join("\n"));
        }
    }
}

/// Every file below a folder; of git repositories the objects too, since files hold them packed.
fn files(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            files(&path, all);
            let repository = path.join("objects").is_dir().then(|| git2::Repository::open(&path));
            let Some(Ok(repository)) = repository else { continue };
            let odb = repository.odb().unwrap();
            odb.foreach(|id| {
                let what = format!("object {id} in {}", path.display());
                all.push((what, odb.read(*id).unwrap().data().to_vec()));
                true
            })
            .unwrap();
        } else if kind.is_file() {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Compares texts whole, without what differs from run to run.
#[macro_export]
macro_rules! saw {
    ($story:expr, $name:expr, $text:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let root = $story.dir.path().canonicalize().unwrap();
        settings.add_filter(&regex_of(root.to_str().unwrap()), "[ROOT]");
        settings.add_filter(r"http://127\.0\.0\.1:\d+", "http://[FACE]");
        // Requests that do not depend on each other arrive in any order.
        settings.add_filter(r"FACE:[0-9A-F]{4}:1:2:3", "FACE:[ID]");
        settings.add_filter(r"ada@[^\s,:;]+", "ada@[HOST]");
        settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "[TIME]");
        settings.add_filter(r"(since(?::\*\*)? +)\[TIME\] \([^)]*\)", "$1[TIME] ([AGO])");
        settings.add_filter(r#""since": "[^"]+""#, r#""since": "[TIME]""#);
        settings.add_filter(r"(?m)^\d\d:\d\d:\d\d UTC  ", "[TIME]  ");
        // Requests that run side by side are counted in any order.
        settings.add_filter(r"[0-9][0-9,]* API requests remain", "[N] API requests remain");
        settings.add_filter(r"trying again in \d+ s", "trying again in [TIME]");
        settings.add_filter(r"in progress  \d+ s {2,}", "in progress  [TIME]  ");
        settings.add_filter(
            r"next update in [^,]*, waiting for up to .*",
            "next update in [TIME], waiting for up to [TIME]",
        );
        settings.add_filter(r"\d+\.\d s, including \d+\.\d s for", "[TIME], including [TIME] for");
        settings.add_filter(r"\d,\d{3} requests left", "[MANY] requests left");
        settings.add_filter(r"(requests?), \d+\.\d s", "$1, [TIME]");
        settings.bind(|| insta::assert_snapshot!($name, $text));
    }};
}

/// A text that matches itself, as a regular expression.
pub(crate) fn regex_of(text: &str) -> String {
    let escape = |c: char| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") };
    text.chars().map(escape).collect()
}
