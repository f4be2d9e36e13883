//! The story of a team: a candidate of 1.0.0 waits for people, a tester rejects it, the fix becomes the
//! next candidate, which is released after a task is finished, the scenarios are accepted and two
//! roles have approved it.
//!
//! Run it with `cargo run --example team`. It takes a few seconds, and needs git, ssh-keygen and a POSIX
//! shell.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use tokio::runtime::Runtime;

const FILES: [(&str, &str); 4] = [
    ("tminus.yaml", include_str!("project/tminus.yaml")),
    ("build", include_str!("project/build")),
    ("built", include_str!("project/built")),
    ("greet", include_str!("project/greet")),
];

/// What the fix changes.
const FIXED: &str = "#!/bin/sh\necho \"Hello, ${1:-world}!\"\n";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let work = folder.path().join("work");
    git(folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"])?;
    git(folder.path(), &["init", "--quiet", "--initial-branch=main", "work"])?;
    for (key, value) in
        [("user.name", "Ada"), ("user.email", "ada@example.com"), ("gpg.format", "ssh")]
    {
        git(&work, &["config", key, value])?;
    }
    git(&work, &["remote", "add", "origin", "../origin.git"])?;
    for (name, content) in FILES {
        std::fs::write(work.join(name), content)?;
    }
    std::fs::write(work.join("VERSION"), "1.0.0\n")?;
    std::fs::write(work.join(".gitignore"), "/dist\n")?;
    std::fs::create_dir(work.join(".tminus"))?;
    let keys = folder.path().to_path_buf();
    let signers = ["ada", "grace", "lin", "omar"].map(|person| key(&keys, person));
    let signers = signers.into_iter().collect::<Result<String, Box<dyn Error>>>()?;
    std::fs::write(work.join(".tminus/allowed-signers"), signers)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let story = Story { work: &work, keys: &keys, runtime: &runtime };

    story.commit("feat: greet the world")?;
    story.run("ada", &["release"], 3)?;
    story.run("grace", &["done", "guide"], 0)?;
    story.run("lin", &["accept", "install"], 0)?;
    let why = "it says `Hello, !`";
    story.run("omar", &["reject", "greet", "--reason", why], 0)?;
    story.run("ada", &["release"], 1)?;
    story.run("ada", &["abort"], 0)?;

    std::fs::write(work.join("greet"), FIXED)?;
    story.commit("fix: greet somebody without a name")?;
    story.run("ada", &["release"], 3)?;
    story.run("lin", &["accept", "install"], 0)?;
    story.run("omar", &["accept", "greet"], 0)?;
    story.run("lin", &["approve"], 0)?;
    story.run("ada", &["next"], 3)?;
    story.run("ada", &["approve"], 0)?;
    story.run("ada", &["release"], 0)
}

/// Makes a key, and returns its line of the allowed signers.
fn key(folder: &Path, person: &str) -> Result<String, Box<dyn Error>> {
    let path = folder.join(person);
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f"];
    let status = Command::new("ssh-keygen").args(arguments).arg(&path).status()?;
    if !status.success() {
        return Err("ssh-keygen failed".into());
    }
    Ok(format!("{person} {}", std::fs::read_to_string(path.with_extension("pub"))?))
}

struct Story<'a> {
    work: &'a Path,
    keys: &'a PathBuf,
    runtime: &'a Runtime,
}

impl Story<'_> {
    /// Commits everything and pushes it.
    fn commit(&self, message: &str) -> Result<(), Box<dyn Error>> {
        git(self.work, &["add", "--all"])?;
        git(self.work, &["update-index", "--chmod=+x", "build", "built", "greet"])?;
        git(self.work, &["commit", "--quiet", "--message", message])?;
        git(self.work, &["checkout", "--quiet", "--force", "HEAD", "--", "."])?;
        git(self.work, &["push", "--quiet", "--set-upstream", "origin", "main"])
    }

    /// Runs tminus with the key of a person. It must end with this exit code.
    fn run(&self, person: &str, arguments: &[&str], exit: u8) -> Result<(), Box<dyn Error>> {
        let key = self.keys.join(person).with_extension("pub");
        git(self.work, &["config", "user.signingkey", &key.to_string_lossy()])?;
        writeln!(std::io::stdout(), "\n{person}$ tminus {}", arguments.join(" "))?;
        let work = self.work.to_string_lossy();
        let all = ["tminus", "-C", &work].into_iter().chain(arguments.iter().copied());
        let all: Vec<String> = all.map(str::to_owned).collect();
        let args = <tminus::cli::Args as clap::Parser>::parse_from(all);
        let environment = tminus::ci::Environment::default();
        let ended = self.runtime.block_on(tminus::cli::run(&args, &environment));
        if ended.code() == exit { Ok(()) } else { Err("another exit code was expected".into()) }
    }
}

fn git(folder: &Path, args: &[&str]) -> Result<(), Box<dyn Error>> {
    let status: ExitStatus = Command::new("git")
        .args(["-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false", "-c", "core.fileMode=true"])
        .args(args)
        .current_dir(folder)
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("git {} failed", args.join(" ")).into()) }
}
