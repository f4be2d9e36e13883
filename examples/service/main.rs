//! The story of a small service: 1.0.0 goes through staging to production; 1.1.0 fails its
//! verification in staging; 1.1.1 fixes it; then production is rolled back to 1.0.0.
//!
//! Run it with `cargo run --example service`. It takes a few seconds, and needs git and a POSIX shell.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use tokio::runtime::Runtime;

const FILES: [(&str, &str); 4] = [
    ("tminus.yaml", include_str!("project/tminus.yaml")),
    ("deploy", include_str!("project/deploy")),
    ("deployed", include_str!("project/deployed")),
    ("healthy", include_str!("project/healthy")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let work = folder.path().join("work");
    git(folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"])?;
    git(folder.path(), &["init", "--quiet", "--initial-branch=main", "work"])?;
    git(&work, &["config", "user.name", "Ada"])?;
    git(&work, &["config", "user.email", "ada@example.com"])?;
    git(&work, &["remote", "add", "origin", "../origin.git"])?;
    for (name, content) in FILES {
        std::fs::write(work.join(name), content)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let story = Story { work: &work, runtime: &runtime };
    story.version("1.0.0", "feat: greet the world")?;
    story.tminus(&["release"], 3)?;
    story.tminus(&["release", "--wait=1m"], 0)?;
    story.version("1.1.0", "feat: greet everybody by name")?;
    story.tminus(&["release"], 5)?;
    story.version("1.1.1", "fix: greet people without a name")?;
    story.tminus(&["release", "--wait=1m"], 0)?;
    story.tminus(&["status", "--environments"], 0)?;
    story.tminus(&["promote", "--back"], 0)?;
    story.tminus(&["status", "--environments"], 0)?;
    Ok(())
}

struct Story<'a> {
    work: &'a Path,
    runtime: &'a Runtime,
}

impl Story<'_> {
    /// Commits and pushes a version.
    fn version(&self, version: &str, message: &str) -> Result<(), Box<dyn Error>> {
        std::fs::write(self.work.join("VERSION"), format!("{version}\n"))?;
        git(self.work, &["add", "--all"])?;
        let modes = ["update-index", "--chmod=+x", "deploy", "deployed", "healthy"];
        git(self.work, &modes)?;
        git(self.work, &["commit", "--quiet", "--message", message])?;
        git(self.work, &["checkout", "--quiet", "--force", "HEAD", "--", "."])?;
        git(self.work, &["push", "--quiet", "--set-upstream", "origin", "main"])
    }

    /// Runs tminus, which must end with this exit code.
    fn tminus(&self, arguments: &[&str], exit: u8) -> Result<(), Box<dyn Error>> {
        writeln!(std::io::stdout(), "\n$ tminus {}", arguments.join(" "))?;
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
