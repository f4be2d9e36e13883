//! `tminus abort`: cancel a release before its point of no return.

use super::command::{Call, Done, Run};
use super::deliver::told;
use super::format::printed;
use super::issue::ReleaseIssue;
use super::looked::{ObservedRelease, look};
use super::options::Subject;
use super::out::Out;
use super::release::reasons;
use super::world::Network;
use crate::drive::execute::{
    AbortResult, ReleaseRun, abandon, already, released_without_tminus, trouble,
};
use crate::facts::Facts;
use crate::planner::Progress;
use crate::planner::steps::{title, touches};
use crate::project::manifest::Touch;
use crate::release::ledger::Ledger;
use crate::release::outcome::{CommandKind, Exit, Outcome};
use crate::release::plan::Plan;
use crate::report::formats::{Format, Reader};
use crate::report::{Ending, Kind, Report, clean};
use async_trait::async_trait;
use clap::Args;

/// Cancel a release before its point of no return, and clean up.
#[derive(Debug, Args)]
pub(super) struct Abort {
    /// The commit to use.
    #[command(flatten)]
    subject: Subject,
    /// Take over the release from the runner that is working on it.
    #[arg(long)]
    take_over: bool,
    /// Output format.
    #[arg(long, value_parser = printed(Kind::Abort), default_value = "text")]
    format: Format,
}

#[async_trait(?Send)]
impl Run for Abort {
    async fn run(&self, call: Call<'_>) -> Done {
        let whole = call.out;
        let call = match self.format.reader {
            Reader::Program => call.aside(),
            Reader::Person | Reader::Runner => call,
        };
        let abort = async |looked: ObservedRelease<'_>| self.abort(looked, call, whole).await;
        look("abort", call, Network::Online, (&self.subject, None), abort).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }

    fn ran(&self) -> CommandKind {
        CommandKind::Abort
    }
}

impl Abort {
    async fn abort(
        &self,
        looked: ObservedRelease<'_>,
        call: Call<'_>,
        whole: Out,
    ) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        let (case, pages) = (looked.case(), looked.world.pages());
        let report = |ending| Report {
            stats: looked.world.stats(),
            ..Report::new(Kind::Abort, &case, &pages, ending)
        };
        // After an abort, there is no stage to report.
        let told = |report: Report<'_>| {
            told(&report, self.format, &[], environment, whole)?;
            Ok(report.ending.outcome.exit())
        };
        let ended = |ending: Ending, trouble| {
            out.result(&ending.line(out.paint()));
            told(Report { trouble, ..report(ending) })
        };
        if let Some((version, tag, _)) = released_without_tminus(&case) {
            let tag = clean(tag.as_str());
            let said = format!("{version} is released, and tminus did not create {tag}");
            return ended(Ending::new(Outcome::NothingToAbort, said), Vec::new());
        }
        let (plan, progress) = match (looked.planned(), already(&looked.facts)) {
            (Ok(both), _) => both,
            (Err(_), Some(ending)) => return ended(ending, Vec::new()),
            (Err(none), None) => {
                none.tell(&looked.facts, out);
                let ending = Ending::new(none.outcome(), "");
                return told(Report { trouble: none.trouble(), ..report(ending) });
            }
        };
        let ObservedRelease { world, manifest, facts } = &looked;
        let (ports, mut now) = (world.write_ports(manifest.forge), facts.clone());
        let given_up = abandon(&ports, &plan, &progress, &mut now, self.take_over).await;
        if let AbortResult::Removed(_) = given_up {
            if let Some(issue) = ReleaseIssue::new(world, manifest, out) {
                issue.close(facts).await;
            }
            stays(&plan, &progress, facts, out);
        }
        if let Some(ending) = given_up.ending(&plan, facts) {
            return ended(ending, Vec::new());
        }
        let AbortResult::Stopped(end) = given_up else { return Ok(given_up.outcome().exit()) };
        if let Some(why) = reasons(&end, facts, out.paint()) {
            out.error(&why);
        }
        let facts = facts.clone();
        let release_run = ReleaseRun { end, plan: Some(plan), facts, progress };
        ended(AbortResult::stopped(&release_run), trouble(&release_run.end, CommandKind::Abort))
    }
}

/// Lists the commands that ran or were started: tminus cannot undo their effects.
fn stays(plan: &Plan, progress: &Progress, facts: &Facts, out: Out) {
    let begun = facts.ledger.known().map_or_else(|_| Vec::new(), Ledger::in_doubt);
    for (_, planned) in plan.steps().filter(|(_, one)| touches(&one.step, Touch::Command)) {
        let title = clean(&title(plan, planned)).into_owned();
        if progress.is_done(&planned.key) {
            out.detail(&format!("  not undone: {title} (tminus cannot undo it)"));
        } else if begun.contains(&&planned.key) {
            out.detail(&format!("  not undone: any changes that {title} made before it failed"));
        }
    }
}
