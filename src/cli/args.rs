//! Arguments: one definition for the parser and the help.

pub use super::format::{FlightFormat, Format, Post, ReportFile, StatusFormat};

use super::list::{Posts, gates, reports};
use crate::base::names::{BranchName, StageName};
use crate::project::manifest::seconds;
use crate::report::stats::Stats;
use clap::{Args as Group, Parser, Subcommand};
use semver::Version;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// Go or no-go for a release, then tag and publish it in stages.
#[derive(Debug, Parser)]
#[command(name = "tminus", bin_name = "tminus", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 go, released or nothing to release; 1 no-go; 2 usage or \
    manifest error; 3 hold, run again later; 4 unknown, could not find out; 5 partial, something is \
    public and the release is not finished.")]
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
    /// Run as if started in this directory.
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// Read this manifest instead of the commit's own `tminus.yaml` or `.github/tminus.yaml`.
    #[arg(long, global = true, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The repository on the forge, where the remote does not tell it.
    #[arg(long, global = true, value_name = "OWNER/NAME")]
    pub repo: Option<String>,
    /// The forge's REST API [default: `GITHUB_API_URL`, else https://api.github.com].
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<String>,
    /// The git remote that releases live in [default: the branch's, else `origin`].
    #[arg(long, global = true, value_name = "NAME")]
    pub remote: Option<String>,
    /// Use the tags and history that are here; fetch nothing.
    #[arg(long, global = true)]
    pub no_fetch: bool,
    /// End the whole command by then, children included; waits that would last longer are not
    /// begun. Without it there is no end, and waits for a rate limit are short.
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<u64>,
    /// Print the outcome only.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// At the end, print what the forge was asked and what is left of its limits, on standard error.
    #[arg(long, global = true)]
    pub stats: bool,
    /// Say more of what is going on, on standard error; twice for every request.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What the forge was asked, known once the command is done.
    #[arg(skip)]
    pub(super) spent: Rc<RefCell<Stats>>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the shortest manifest that is right for this repository.
    Init(Init),
    /// Ask every gate and print the verdict; writes nothing.
    Check(Check),
    /// Print the version, the notes and every step with its standing; writes nothing.
    Plan(Plan),
    /// Check, then perform the plan; run again to resume.
    Release(Release),
    /// Print where a release stands, from its record and the world.
    Status(Status),
    /// Give up a release before its point of no return, and clean up.
    Abort(Abort),
    /// Fly the whole release in a simulated world, with your manifest and your repository.
    Rehearse(Rehearse),
    /// Write the GitHub workflows that the manifest needs.
    Workflow(Workflow),
    /// Print what a gate asks, why, and how to satisfy it.
    Explain(Explain),
    /// Print the JSON Schema of the manifest.
    Schema,
}

/// Which commit, and as what.
#[derive(Debug, Clone, Default, Group)]
pub struct Subject {
    /// Judge this commit [default: `HEAD`].
    #[arg(long, value_name = "REVISION")]
    pub commit: Option<String>,
    /// The branch that the commit is on, where the head is detached.
    #[arg(long, value_name = "NAME", value_parser = branch)]
    pub branch: Option<BranchName>,
    /// The version to release, where no file carries it.
    #[arg(long = "version", id = "release-version", value_name = "X.Y.Z")]
    pub version: Option<Version>,
    /// Having nothing to release is a no-go.
    #[arg(long)]
    pub expect_release: bool,
}

/// Arguments of `init`.
#[derive(Debug, Group)]
pub struct Init {
    /// Print the manifest instead of writing it.
    #[arg(long)]
    pub print: bool,
    /// Overwrite a manifest that is there.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `check`.
#[derive(Debug, Group)]
pub struct Check {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Judge the merge of this pull request before it happens [default: the one that the workflow's
    /// event is about].
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["commit", "offline", "facts"])]
    pub pr: Option<u64>,
    /// Ask only the gates that need no network. Never permits a release.
    #[arg(long, conflicts_with = "wait")]
    pub offline: bool,
    /// While the verdict is hold, ask again, at most for this long.
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    pub wait: Option<u64>,
    /// Ask only this gate; may be given several times.
    #[arg(long = "gate", value_name = "ID", value_parser = gates)]
    pub gates: Vec<Vec<String>>,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write a report to a file too; may be given several times.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub reports: Vec<Vec<ReportFile>>,
    /// Tell the verdict on the forge; what cannot be told changes no verdict.
    #[arg(long, value_parser = Posts, value_name = "WHAT", conflicts_with_all = ["offline", "facts", "gates"])]
    pub post: Vec<Vec<Post>>,
    /// Judge what was observed before, from a file; asks nothing.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["offline", "wait", "commit"])]
    pub facts: Option<PathBuf>,
    /// Write what was observed to a file.
    #[arg(long, value_name = "FILE")]
    pub facts_out: Option<PathBuf>,
}

/// Arguments of `plan`.
#[derive(Debug, Group)]
pub struct Plan {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// How the plan is printed; `json` can be handed to `release --plan`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write a report to a file too; may be given several times.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub reports: Vec<Vec<ReportFile>>,
}

/// Arguments of `release`.
#[derive(Debug, Group)]
pub struct Release {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub through: Option<StageName>,
    /// Where a gate holds for checks that are not done, wait for them, at most for this long.
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    pub wait: Option<u64>,
    /// Perform exactly this plan, as `plan --format json` printed it; refuse any other.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Take the release over from a runner that holds it.
    #[arg(long)]
    pub take_over: bool,
    /// How the flight is told.
    #[arg(long, value_enum, default_value_t)]
    pub format: FlightFormat,
    /// Write a report to a file at the end, `markdown` or `json`; may be given several times.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = flight_report)]
    pub reports: Vec<Vec<ReportFile>>,
}

/// Arguments of `status`.
#[derive(Debug, Group)]
pub struct Status {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// How the status is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: StatusFormat,
}

/// Arguments of `abort`.
#[derive(Debug, Group)]
pub struct Abort {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Take the release over from a runner that holds it.
    #[arg(long)]
    pub take_over: bool,
    /// How it is told.
    #[arg(long, value_enum, default_value_t)]
    pub format: FlightFormat,
}

/// Arguments of `rehearse`.
#[derive(Debug, Group)]
pub struct Rehearse {
    /// Which commit.
    #[command(flatten)]
    pub subject: Subject,
    /// Let things go wrong, as this seed has it; the same seed goes wrong the same way.
    #[arg(long, value_name = "SEED")]
    pub faults: Option<u64>,
    /// Let the process die at the Nth effect, and resume.
    #[arg(long, value_name = "N")]
    pub crash_at: Option<usize>,
}

/// Arguments of `workflow`.
#[derive(Debug, Group)]
pub struct Workflow {
    /// Write nothing; say which workflows are not as the manifest has them.
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
    /// A gate; all are listed where it is not given.
    #[arg(value_name = "ID")]
    pub gate: Option<String>,
}

fn branch(text: &str) -> Result<BranchName, String> {
    BranchName::new(text).map_err(|error| error.to_string())
}

fn stage(text: &str) -> Result<StageName, String> {
    StageName::new(text).map_err(|error| error.to_string())
}

fn duration(text: &str) -> Result<u64, String> {
    seconds(text).ok_or_else(|| format!("`{text}` is not a duration (`10m`, `1h 30m`)"))
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
