//! `tminus promote`: enter the next stage, or release the final version of a pre-release, with the
//! same commit and the same files; or go back to the previous version.

use super::command::{Call, Done, Run};
use super::format::{ReportFile, printed};
use super::list::reports;
use super::options::{Due, Final, Subject};
use super::out::Out;
use super::release::Release;
use super::values::{duration, stage};
use super::world::{Network, World};
use crate::base::names::StageName;
use crate::base::word::{Tone, Word};
use crate::drive::execute::{BackOptions, BackResult, BackStep, go_back};
use crate::drive::observe::{Observed, Scope, observe};
use crate::judge::case::Case;
use crate::release::outcome::{CommandKind, Exit, Outcome};
use crate::report::check::check;
use crate::report::formats::{Format, Reader};
use crate::report::{Ending, Kind, Sources, clean, finding};
use async_trait::async_trait;
use clap::Args;

/// Enter the next stage of a release, promote a pre-release to its final version, or roll back to
/// the previous verified version.
#[derive(Debug, Args)]
pub(super) struct Promote {
    /// The commit to use.
    #[command(flatten)]
    subject: Subject,
    /// The stage to enter; the stages before it are entered first [default: the next stage; with
    /// `--final`, every stage]; with `--back`, the stage to roll back [default: the last stage that
    /// has a release].
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    to: Option<StageName>,
    /// Roll the environment of a stage back to its previous verified version.
    #[arg(long, conflicts_with_all = ["wait", "final"])]
    back: bool,
    /// The pre-release to promote.
    #[command(flatten)]
    last: Final,
    /// If the release is on hold because of checks, a timer or an environment's required reviewers, wait and try again, for at
    /// most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    wait: Option<u64>,
    /// Take over the release from the runner that is working on it.
    #[arg(long)]
    take_over: bool,
    /// Output format.
    #[arg(long, value_parser = printed(Kind::Run), default_value = "text")]
    format: Format,
    /// Write a `markdown` or `json` report to a file; repeat the option for both.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = reports(Kind::Run))]
    reports: Vec<Vec<ReportFile>>,
}

const DONE: Word = Word::new("done", Tone::Good);
const RUNNING: Word = Word::new("running", Tone::Plain);

#[async_trait(?Send)]
impl Run for Promote {
    async fn run(&self, call: Call<'_>) -> Done {
        if !self.back {
            return self.forward().run(call).await;
        }
        let back = async |world: &World| self.back(world, call).await;
        call.in_world(Network::Online, back).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }

    fn ran(&self) -> CommandKind {
        CommandKind::Release
    }
}

impl Promote {
    /// A release run that performs the next stage.
    fn forward(&self) -> Release {
        Release {
            due: Due { subject: self.subject.clone(), expect_release: false },
            no_enter: false,
            resume: false,
            hold_ok: false,
            next: self.to.is_none() && !self.last.wanted,
            promotion: self.last.request(),
            through: self.to.clone(),
            wait: self.wait,
            plan: None,
            take_over: self.take_over,
            format: self.format,
            reports: self.reports.clone(),
        }
    }

    async fn back(&self, world: &World, call: Call<'_>) -> anyhow::Result<Exit> {
        let out = call.out;
        let order = world.order(&self.subject, Scope::Plan)?;
        let Observed { manifest, mut facts, fetched } =
            observe(&world.read_ports(), &order).await?;
        for what in fetched {
            out.progress(&format!("fetched {what}"));
        }
        let options = BackOptions { stage: self.to.clone(), take_over: self.take_over };
        let ports = world.write_ports(manifest.forge);
        let tell = &mut |step: BackStep<'_>| tell(&step, out);
        let result = go_back(&ports, &manifest, &mut facts, &options, tell).await;
        let ending = match &result {
            BackResult::Back { environment, from, to } => {
                let said = format!("{environment} from {from} to {to}");
                Ending::new(Outcome::Released, clean(&said))
                    .word(Word::new("rolled back", Tone::Good))
            }
            BackResult::Refused { outcome, finding } => {
                let sources = Sources::of_facts(&facts);
                out.error(&finding::finding(*outcome, None, finding, &sources, out.paint()));
                Ending::new(*outcome, "nothing was changed")
            }
            BackResult::Gates(poll) => {
                let case = Case::new(&manifest, &facts);
                out.detail(&check(&facts, case.target().ok(), poll, out.paint()));
                Ending::new(poll.verdict().into(), "nothing was changed")
            }
            BackResult::Failed { outcome, finding } => {
                let sources = Sources::of_facts(&facts);
                out.error(&finding::finding(*outcome, None, finding, &sources, out.paint()));
                let again = "run `tminus promote --back` again to continue";
                Ending::new(*outcome, again)
            }
        };
        out.result(&ending.line(out.paint()));
        Ok(ending.outcome.exit())
    }
}

/// Prints the progress.
fn tell(step: &BackStep<'_>, out: Out) {
    let paint = out.paint();
    match step {
        BackStep::Begins { environment, from, to } => {
            let head = format!("{environment}: from {from} back to {to}");
            out.detail(&paint.bold(&clean(&head)));
        }
        BackStep::Runs(name) => {
            out.detail(&format!("  {} run {}", paint.word(RUNNING, 8), clean(name)));
        }
        BackStep::Done(what) => out.detail(&format!("  {} {}", paint.word(DONE, 8), clean(what))),
    }
}
