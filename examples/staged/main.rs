//! Creates a small repository from `project/`, with a history and a released version, and rehearses
//! its next release in the simulator: check, plan, release, a crash, resume, status.
//!
//! Run it with `cargo run --example staged`.

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

const MANIFEST: &str = include_str!("project/tminus.yaml");
const CHANGELOG: &str = include_str!("project/CHANGELOG.md");
const CARGO: &str = include_str!("project/Cargo.toml");
const ASSETS: [(&str, &str); 2] = [
    ("dist/widget-linux.tar.gz", include_str!("project/dist/widget-linux.tar.gz")),
    ("dist/widget-macos.tar.gz", include_str!("project/dist/widget-macos.tar.gz")),
];

/// The change at which the process crashes: the tag exists, but the ledger does not record it yet.
const CRASH_AT: &str = "32";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    repository(folder.path())?;
    let args =
        ["tminus", "-C", &folder.path().to_string_lossy(), "rehearse", "--crash-at", CRASH_AT]
            .map(str::to_owned);
    let args = <tminus::cli::Args as clap::Parser>::parse_from(args);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(tminus::cli::run(&args, &tminus::ci::Environment::default()));
    Ok(ExitCode::from(exit.code()))
}

fn repository(folder: &Path) -> Result<(), Box<dyn Error>> {
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    write(folder, "Cargo.toml", &CARGO.replace("1.1.0", "1.0.0"))?;
    write(folder, "tminus.yaml", MANIFEST)?;
    write(folder, ".gitignore", "/dist\n")?;
    commit(folder, "feat: the first widget")?;
    git(folder, &["tag", "--annotate", "--message=v1.0.0", "v1.0.0"])?;
    write(folder, "src/turn.rs", "")?;
    commit(folder, "feat: widgets can be turned upside down (#3)")?;
    write(folder, "src/oil.rs", "")?;
    commit(folder, "fix: widgets no longer squeak (#4)")?;
    write(folder, "Cargo.toml", CARGO)?;
    write(folder, "CHANGELOG.md", CHANGELOG)?;
    commit(folder, "chore: prepare 1.1.0")?;
    for (path, content) in ASSETS {
        write(folder, path, content)?;
    }
    Ok(())
}

fn write(folder: &Path, path: &str, content: &str) -> std::io::Result<()> {
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, content)
}

fn commit(folder: &Path, message: &str) -> Result<(), Box<dyn Error>> {
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message", message])
}

/// Runs git with a fixed identity and time, so that the commits are always the same.
fn git(folder: &Path, args: &[&str]) -> Result<(), Box<dyn Error>> {
    let date = "2026-01-10T12:00:00Z";
    let status: ExitStatus = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(["-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false"])
        .args(args)
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date)
        .current_dir(folder)
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("git {} failed", args.join(" ")).into()) }
}
