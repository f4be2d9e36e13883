//! Arguments: one definition for the parser and the help.

pub use super::format::{Color, Format, Post, ReleaseFormat, ReportFile, StatusFormat};

use super::list::{Posts, gates, reports};
use crate::base::names::{BranchName, StageName};
use crate::base::version::Version;
use crate::project::manifest::seconds;
use crate::report::stats::Stats;
use clap::{Args as Group, Parser, Subcommand};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// Checks whether a commit can be released, then tags and publishes it in stages.
#[derive(Debug, Parser)]
#[command(name = "tminus", bin_name = "tminus", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 go, released, or nothing to release; 1 no-go; 2 usage or \
    manifest error; 3 hold: run again later; 4 unknown: could not find out; 5 partial: something is \
    public, but the release is not finished.")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Settings for every command.
    #[command(flatten)]
    pub common: Common,
}

/// Settings for every command.
#[derive(Debug, Clone, Group)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Run in this directory.
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// Read this manifest instead of the `tminus.yaml` or `.github/tminus.yaml` in the commit.
    #[arg(long, global = true, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The GitHub repository, if it cannot be inferred from the remote.
    #[arg(long, global = true, value_name = "OWNER/NAME")]
    pub repo: Option<String>,
    /// The URL of the GitHub REST API [default: `GITHUB_API_URL`, or https://api.github.com].
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<String>,
    /// The git remote to release from [default: the remote of the branch, or `origin`].
    #[arg(long, global = true, value_name = "NAME")]
    pub remote: Option<String>,
    /// Fetch nothing; use only local tags and history.
    #[arg(long, global = true)]
    pub no_fetch: bool,
    /// Stop the command and its child processes after this long; skip longer waits.
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
    /// Log to standard error; use twice to log every request.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What the forge was asked, known once the command is done.
    #[arg(skip)]
    pub(super) spent: Rc<RefCell<Stats>>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a manifest for this repository.
    Init(Init),
    /// Check whether a commit can be released; change nothing.
    Check(Check),
    /// Show the version, the notes and the steps of a release; change nothing.
    Plan(Plan),
    /// Release a version, or resume an unfinished release.
    Release(Release),
    /// Show how far a release has come.
    Status(Status),
    /// Cancel a release before its point of no return, and clean up.
    Abort(Abort),
    /// Simulate the whole release, with your manifest and your repository.
    Rehearse(Rehearse),
    /// Write the GitHub workflows for the manifest.
    Workflow(Workflow),
    /// Explain what a gate checks, and how to satisfy it.
    Explain(Explain),
    /// Print the JSON Schema of the manifest.
    Schema,
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the man page, or write the man pages of all commands.
    Man(Man),
}

/// Which commit, and as what.
#[derive(Debug, Clone, Default, Group)]
pub struct Subject {
    /// The commit to use [default: `HEAD`].
    #[arg(long, value_name = "REVISION")]
    pub commit: Option<String>,
    /// The branch of the commit, if `HEAD` is detached.
    #[arg(long, value_name = "NAME", value_parser = branch)]
    pub branch: Option<BranchName>,
    /// The version to release, if no file contains it.
    #[arg(long = "version", id = "release-version", value_name = "X.Y.Z")]
    pub version: Option<Version>,
}

/// The same, for commands that say whether a release is due.
#[derive(Debug, Clone, Default, Group)]
pub struct Due {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Fail if there is nothing to release.
    #[arg(long)]
    pub expect_release: bool,
}

/// Arguments of `init`.
#[derive(Debug, Group)]
pub struct Init {
    /// Print the manifest instead of writing it.
    #[arg(long)]
    pub print: bool,
    /// Overwrite an existing manifest.
    #[arg(long)]
    pub force: bool,
    /// Where releases are made [default: by the host of the remote].
    #[arg(long, value_name = "FORGE")]
    pub forge: Option<InitForge>,
}

/// Forges that a manifest can be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum InitForge {
    /// On GitHub: github.com, GitHub Enterprise Cloud or Server.
    Github,
    /// Nowhere: a release is a tag, and no CI is read.
    None,
}

/// Arguments of `check`.
#[derive(Debug, Group)]
pub struct Check {
    /// Which commit.
    #[command(flatten)]
    pub due: Due,
    /// Check the merge of this pull request before you merge it [default: the pull request of the
    /// workflow's event].
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["commit", "offline", "facts"])]
    pub pr: Option<u64>,
    /// Check only the gates that need no network.
    #[arg(long, conflicts_with = "wait")]
    pub offline: bool,
    /// If the verdict is hold, wait and check again, for at most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    pub wait: Option<u64>,
    /// Check only these gates; a list, or use the option several times.
    #[arg(long = "gate", value_name = "ID", value_parser = gates)]
    pub gates: Vec<Vec<String>>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write a report to a file; use the option several times for several reports.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub reports: Vec<Vec<ReportFile>>,
    /// Post the verdict to GitHub; a failure to post does not change the verdict.
    #[arg(long, value_parser = Posts, value_name = "WHAT", conflicts_with_all = ["offline", "facts", "gates"])]
    pub post: Vec<Vec<Post>>,
    /// Check the facts in this file, which `--facts-out` wrote; use no network.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["offline", "wait", "commit"])]
    pub facts: Option<PathBuf>,
    /// Write the facts that the verdict rests on to a file.
    #[arg(long, value_name = "FILE")]
    pub facts_out: Option<PathBuf>,
}

/// Arguments of `plan`.
#[derive(Debug, Group)]
pub struct Plan {
    /// Which commit.
    #[command(flatten)]
    pub due: Due,
    /// Output format; `release --plan` accepts `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write a report to a file; use the option several times for several reports.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub reports: Vec<Vec<ReportFile>>,
}

/// Arguments of `release`.
#[derive(Debug, Group)]
pub struct Release {
    /// Which commit.
    #[command(flatten)]
    pub due: Due,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub through: Option<StageName>,
    /// If a gate holds the release, wait and check again, for at most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    pub wait: Option<u64>,
    /// Release only if the plan equals this one, which `plan --format json` printed.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Take over the release from another runner that holds it.
    #[arg(long)]
    pub take_over: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReleaseFormat,
    /// Write a `markdown` or `json` report to a file; use the option several times for both.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = flight_report)]
    pub reports: Vec<Vec<ReportFile>>,
}

/// Arguments of `status`.
#[derive(Debug, Group)]
pub struct Status {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: StatusFormat,
}

/// Arguments of `abort`.
#[derive(Debug, Group)]
pub struct Abort {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Take over the release from another runner that holds it.
    #[arg(long)]
    pub take_over: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReleaseFormat,
}

/// Arguments of `rehearse`.
#[derive(Debug, Group)]
pub struct Rehearse {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Inject random faults; the same seed gives the same faults.
    #[arg(long, value_name = "SEED")]
    pub faults: Option<u64>,
    /// Crash at the Nth effect, then resume.
    #[arg(long, value_name = "N")]
    pub crash_at: Option<usize>,
}

/// Arguments of `workflow`.
#[derive(Debug, Group)]
pub struct Workflow {
    /// Report the workflows that differ from the manifest; write nothing.
    #[arg(long)]
    pub check: bool,
    /// Print the workflows instead of writing them.
    #[arg(long, conflicts_with = "check")]
    pub print: bool,
    /// Overwrite files that tminus did not write.
    #[arg(long, conflicts_with_all = ["check", "print"])]
    pub force: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Group)]
pub struct Explain {
    /// The gate; without it, all gates are listed.
    #[arg(value_name = "ID")]
    pub gate: Option<String>,
}

/// Arguments of `completions`.
#[derive(Debug, Group)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Group)]
pub struct Man {
    /// Write the man pages to this directory.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

fn branch(text: &str) -> Result<BranchName, String> {
    BranchName::new(text).map_err(|error| error.to_string())
}

fn stage(text: &str) -> Result<StageName, String> {
    StageName::new(text).map_err(|error| error.to_string())
}

fn duration(text: &str) -> Result<u64, String> {
    let bare = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    seconds(text).ok_or_else(|| match bare {
        true => format!("the unit is missing: write `{text}s`, `{text}m` or `{text}h`"),
        false => format!("`{text}` is not a duration, such as `10m` or `1h 30m`"),
    })
}

fn report(text: &str) -> Result<Vec<ReportFile>, String> {
    reports(&[Format::Text, Format::Json, Format::Markdown, Format::Sarif, Format::Junit], text)
}

fn flight_report(text: &str) -> Result<Vec<ReportFile>, String> {
    reports(&[Format::Json, Format::Markdown], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(argument: &str) -> Check {
        let args = Args::try_parse_from(["tminus", "check", argument]).unwrap();
        let Command::Check(check) = args.command else { panic!("{args:?}") };
        check
    }

    #[test]
    fn a_list_takes_commas_blanks_and_line_breaks() {
        for list in [
            "status,comment",
            "status, comment",
            "status comment",
            " status ,\n comment,\n",
            "status\ncomment\n",
            "status\r\ncomment\r\n",
            "- status\n- comment\n",
        ] {
            let check = check(&format!("--post={list}"));
            assert_eq!(check.post.concat(), [Post::Status, Post::Comment], "{list:?}");
        }
        assert_eq!(check("--post=\n").post.concat(), []);
        assert!(Args::try_parse_from(["tminus", "check", "--post=status, tweet"]).is_err());
        let check = check("--gate=tree-clean, checks-green\n");
        assert_eq!(check.gates.concat(), ["tree-clean", "checks-green"]);
    }

    #[test]
    fn reports_are_lines() {
        let check = check("--report=\n  - json=a, b.json\r\n  sarif=c.sarif  \n\n");
        let all = check.reports.concat();
        let paths: Vec<&str> = all.iter().filter_map(|file| file.path.to_str()).collect();
        assert_eq!(paths, ["a, b.json", "c.sarif"]);
    }
}
