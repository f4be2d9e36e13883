//! Options that several commands share.

use super::format::Color;
use super::values::{address, branch, duration, repository, version};
use crate::base::names::{BranchName, Slug};
use crate::base::version::Version;
use crate::drive::observe::PromotionRequest;
use clap::Args;
use std::path::PathBuf;

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Run in this directory.
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// Read this manifest instead of the `tminus.yaml` or `.github/tminus.yaml` in the commit.
    #[arg(long, global = true, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The GitHub repository, if it cannot be inferred from the remote.
    #[arg(long, global = true, value_name = "OWNER/NAME", value_parser = repository)]
    pub repo: Option<Slug>,
    /// The URL of the GitHub REST API [default: `GITHUB_API_URL`, or https://api.github.com].
    #[arg(long, global = true, value_name = "URL", value_parser = address)]
    pub api_url: Option<String>,
    /// The git remote to release from [default: the remote of the branch, or `origin`].
    #[arg(long, global = true, value_name = "NAME")]
    pub remote: Option<String>,
    /// Do not fetch; use only local tags and history.
    #[arg(long, global = true)]
    pub no_fetch: bool,
    /// Time limit for the command and its child processes; a wait that would exceed it is not
    /// started.
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<u64>,
    /// When to use colors.
    #[arg(long, alias = "colour", global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
    /// Print only the outcome.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print the number of API requests and the remaining rate limits to standard error.
    #[arg(long, global = true)]
    pub stats: bool,
    /// Log requests, git calls and their durations to standard error; repeat for more detail.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commit, its branch and its version.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Subject {
    /// The commit to use [default: `HEAD`].
    #[arg(long, value_name = "REVISION")]
    pub(super) commit: Option<String>,
    /// The branch of the commit, if `HEAD` is detached.
    #[arg(long, value_name = "NAME", value_parser = branch)]
    pub(super) branch: Option<BranchName>,
    /// The version of the release, if no file contains it.
    #[arg(long = "version", id = "release-version", value_name = "X.Y.Z", value_parser = version)]
    pub(super) version: Option<Version>,
}

/// The final version of a pre-release, from its commit and with its files.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Final {
    /// Use the final version of a verified pre-release, with the same commit and the same
    /// files.
    #[arg(long = "final", id = "final", conflicts_with = "commit")]
    pub(super) wanted: bool,
    /// The pre-release to promote with `--final` [default: the newest pre-release of the version].
    #[arg(long, value_name = "X.Y.Z-PRE", requires = "final", value_parser = version)]
    pub(super) from: Option<Version>,
}

impl Final {
    /// The same, as it is observed.
    pub(super) fn request(&self) -> Option<PromotionRequest> {
        self.wanted.then(|| PromotionRequest { from: self.from.clone() })
    }
}

/// The same, for commands that report whether a release is due.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Due {
    /// The commit to use.
    #[command(flatten)]
    pub(super) subject: Subject,
    /// Fail if there is nothing to release.
    #[arg(long)]
    pub(super) expect_release: bool,
}
