//! `tminus plan`: what a release would do, and what is already done.

use super::command::{Call, Done, Run};
use super::deliver::show;
use super::format::{ReportFile, printed};
use super::issue::{Open, ReleaseIssue};
use super::list::reports;
use super::looked::{MissingPlan, ObservedRelease, look};
use super::options::{Due, Final};
use super::out::Out;
use super::values::moment;
use super::world::Network;
use crate::drive::execute::{idle, no_record, outline_of};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::Poll;
use crate::judge::target::NoTarget;
use crate::planner::accounting::accounting;
use crate::planner::cost::costs;
use crate::planner::disclosed::find_secrets;
use crate::planner::progress;
use crate::release::outcome::Exit;
use crate::report::formats::{Format, Reader};
use crate::report::plan::{Sight, ending, standing};
use crate::report::{Ending, Kind, Report};
use async_trait::async_trait;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

/// Show the version, the release notes and the steps of a release; changes nothing, except with
/// `--post`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The commit to use.
    #[command(flatten)]
    due: Due,
    /// The pre-release to promote.
    #[command(flatten)]
    last: Final,
    /// Do not use the network: plan from local tags and history.
    #[arg(long)]
    offline: bool,
    /// Evaluate the schedule for this time, such as `2026-12-24T10:00:00Z`, instead of now.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
    /// List every commit since the previous release, and show whether the notes include it, a rule
    /// excludes it, or its type is unknown.
    #[arg(long)]
    accounting: bool,
    /// Create or update the release's tracking issue, and record the statements from its
    /// comments in the ledger.
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with = "offline")]
    post: Vec<PlanPost>,
    /// Output format; use `json` to save a plan for `release --plan`.
    #[arg(long, value_parser = printed(Kind::Plan), default_value = "text")]
    format: Format,
    /// Write a report to a file; repeat the option for several reports.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = reports(Kind::Plan))]
    reports: Vec<Vec<ReportFile>>,
}

/// What `plan` posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanPost {
    /// The tracking issue of the release.
    Issue,
}

#[async_trait(?Send)]
impl Run for Plan {
    async fn run(&self, call: Call<'_>) -> Done {
        let network = if self.offline { Network::Offline } else { Network::Online };
        let show = async |mut looked: ObservedRelease<'_>| {
            self.track(&mut looked, call.out).await;
            self.show(looked, call)
        };
        let promotion = self.last.request();
        look("plan", call, network, (&self.due.subject, promotion), show).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }
}

impl Plan {
    /// Keeps the tracking issue, if that was requested.
    async fn track(&self, looked: &mut ObservedRelease<'_>, out: Out) {
        if self.post.is_empty() {
            return;
        }
        let ObservedRelease { world, manifest, facts } = looked;
        let Some(issue) = ReleaseIssue::new(world, manifest, out) else {
            return out
                .error("no issue was written: the manifest has no roles, or there is no forge");
        };
        issue.record(facts).await;
        let case = Case::new(manifest, facts);
        let plan = outline_of(&case).ok();
        let progress = plan.as_ref().and_then(|plan| progress(plan, facts).ok());
        let both = plan.as_ref().zip(progress.as_ref());
        issue.keep(facts, both, Open::Always).await;
    }

    fn show(&self, mut looked: ObservedRelease<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        looked.facts.request.expect_release = self.due.expect_release;
        looked.facts.request.at = self.at;
        let ObservedRelease { world, manifest, facts } = &looked;
        let (case, pages) = (looked.case(), world.pages());
        let all = if self.accounting { Some(accounting(&case)) } else { None };
        let report = |ending| Report {
            stats: world.stats(),
            accounting: all.as_ref().and_then(|all| all.as_ref().ok()).cloned(),
            ..Report::new(Kind::Plan, &case, &pages, ending)
        };
        let shown = |report: Report<'_>| {
            show(&report, self.format, &self.reports.concat(), environment, out)
        };
        let planless = |none: MissingPlan, poll: Option<&Poll>| {
            none.tell(facts, out);
            let (ending, trouble) = (Ending::new(none.outcome(), ""), none.trouble());
            shown(Report { poll, trouble, ..report(ending) })?;
            Ok(none.outcome().exit())
        };
        if let Some(Err(none)) = &all {
            return planless(MissingPlan::NoTarget(none.clone()), None);
        }
        if let Some(idle) = idle(&case) {
            let ending = Ending::new(facts.request.nothing(), idle.said());
            let exit = ending.outcome.exit();
            shown(Report { idle: Some(idle), since: case.since(), ..report(ending) })?;
            return Ok(exit);
        }
        let poll = gates::poll(
            &case,
            &GateSelection { offline: self.offline, ..GateSelection::release() },
        );
        let planned = looked.to_release().and_then(|(plan, progress)| {
            // `release` would not continue: it may have been started with another plan.
            if let (Some(_), Err(unseen)) = (world.remote(), facts.ledger.known()) {
                return Err(MissingPlan::NoTarget(no_record(unseen)));
            }
            match find_secrets(&plan, &case, environment.secrets()) {
                Some(found) => Err(MissingPlan::NoTarget(NoTarget::Wrong(Box::new(found)))),
                None => Ok((plan, progress)),
            }
        });
        let (plan, progress) = match planned {
            Ok(both) => both,
            Err(none) => return planless(none, Some(&poll)),
        };
        let costs = costs(&plan, &progress, facts, manifest);
        let nothing = facts.request.nothing();
        let sight = if self.offline { Sight::Offline } else { Sight::Network };
        let ending = ending(&plan, &progress, &poll, (nothing, sight), world.stats().cost());
        let exit = standing(&plan, &progress, (nothing, sight)).exit();
        let plan = Some((&plan, &progress));
        shown(Report { poll: Some(&poll), plan, costs, ..report(ending) })?;
        Ok(exit)
    }
}
