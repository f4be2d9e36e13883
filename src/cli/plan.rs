//! `tminus plan`: what a release would do, and what is already done.

use super::command::{Call, Done, Run};
use super::deliver::{Shown, workflow};
use super::exit::Exit;
use super::format::{Format, ReportFile};
use super::list::judgements;
use super::listener::Listener;
use super::looked::{Looked, Planless, look, nothing};
use super::options::Due;
use super::out::Out;
use crate::ci::Environment;
use crate::drive::execute::out_by_others;
use crate::judge::case::Case;
use crate::judge::gates::{self, Asking};
use crate::judge::ruling::{Poll, Verdict};
use crate::judge::target::{NoTarget, Target};
use crate::planner::Progress;
use crate::planner::cost::{Costs, costs};
use crate::planner::disclosed::disclosed;
use crate::release::outcome::Outcome;
use crate::release::plan;
use crate::report::check::{reasons, table, verdict_line};
use crate::report::since::{after, not_due};
use crate::report::{Ending, Pages, Paint, Report, Trouble, json, plan as steps};
use async_trait::async_trait;
use clap::Args;
use serde_json::Value;

/// Show the version, the notes and the steps of a release; change nothing.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Which commit.
    #[command(flatten)]
    due: Due,
    /// Output format; `release --plan` accepts `json`.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write a report to a file; repeat the option for several reports.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = judgements)]
    reports: Vec<Vec<ReportFile>>,
}

#[async_trait(?Send)]
impl Run for Plan {
    async fn run(&self, call: Call<'_>) -> Done {
        let show = async |looked: Looked<'_>| self.show(looked, call);
        look("plan", call, &self.due.subject, show).await
    }

    fn listener(&self) -> Listener {
        self.format.into()
    }
}

impl Plan {
    fn show(&self, mut looked: Looked<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        looked.facts.request.expect_release = self.due.expect_release;
        let Looked { world, manifest, facts } = &looked;
        let case = looked.case();
        let around = Around {
            args: self,
            environment,
            looked: &looked,
            target: case.target().ok(),
            pages: world.pages(),
            out,
        };
        if let Some(exit) = around.without_a_release(&case)? {
            return Ok(exit);
        }
        let poll = gates::poll(&case, &Asking::release());
        let planned = looked.to_release().and_then(|(plan, progress)| {
            match disclosed(&plan, &case, environment.secrets()) {
                Some(found) => Err(Planless::NoTarget(NoTarget::Wrong(Box::new(found)))),
                None => Ok((plan, progress)),
            }
        });
        let (plan, progress) = match planned {
            Ok(both) => both,
            Err(none) => {
                none.tell(facts, out);
                let ending = Ending { outcome: none.outcome(), said: String::new() };
                let report = around.report(Some(&poll), None, ending, none.trouble());
                around.without(&report);
                return Ok(report.ending.outcome.exit());
            }
        };
        let costs = costs(&plan, &progress, facts, manifest.forge);
        let complete = progress.is_complete(&plan);
        let blind = progress.unseen(&plan);
        // What the plan is, whatever the gates say.
        let planned = match (complete, blind) {
            (true, _) => facts.request.nothing(),
            (false, 0) => Outcome::Go,
            (false, _) => Outcome::Unknown,
        };
        let unknown = planned == Outcome::Unknown && poll.verdict() != Verdict::NoGo;
        let last = |paint: Paint| match (complete, unknown) {
            (true, _) => nothing(&plan.version, &plan.tag, &plan.commit, paint),
            (false, true) => {
                let (word, all) = (paint.word(planned, 0), plan.steps().count());
                let cost = paint.dim(&world.cost().to_string());
                format!("{word}: the state of {blind} of {all} steps cannot be read {cost}")
            }
            (false, false) => verdict_line(&poll, world.cost(), paint),
        };
        let body = |paint| around.body(&plan, &progress, &costs, &poll, paint);
        let outcome = if complete || unknown { planned } else { poll.verdict().into() };
        let ending = Ending::of(outcome, &last(Paint::Plain));
        let report = around.report(Some(&poll), Some((&plan, &progress)), ending, Vec::new());
        let json = json::plan(&plan, &progress, &costs, Some(&poll), outcome, &world.stats());
        around.show(&report, json, &body, &last)?;
        Ok(planned.exit())
    }
}

/// What stays the same whatever is planned.
struct Around<'a> {
    args: &'a Plan,
    environment: &'a Environment,
    looked: &'a Looked<'a>,
    target: Option<&'a Target>,
    pages: Pages,
    out: Out,
}

impl<'a> Around<'a> {
    /// Shows that there is nothing to release, if that is so.
    fn without_a_release(&'a self, case: &Case<'_>) -> anyhow::Result<Option<Exit>> {
        if let Some((version, tag, commit)) = out_by_others(case) {
            let last = |paint| nothing(&version, &tag, &commit, paint);
            let ending = Ending::of(case.facts.request.nothing(), &last(Paint::Plain));
            let report = self.report(None, None, ending, Vec::new());
            let json = json::nothing(&version, &tag, &commit);
            let since = case.since();
            let body = |paint| since.as_ref().map_or_else(String::new, |since| after(since, paint));
            self.show(&report, json, &body, &last)?;
            return Ok(Some(report.ending.outcome.exit()));
        }
        if let Some((target, path)) = case.in_development() {
            let last = |paint| not_due(&target.version, path, paint);
            let ending = Ending::of(case.facts.request.nothing(), &last(Paint::Plain));
            let report = self.report(None, None, ending, Vec::new());
            self.show(&report, json::not_due(&target.version), &|_| String::new(), &last)?;
            return Ok(Some(report.ending.outcome.exit()));
        }
        Ok(None)
    }

    fn report(
        &'a self,
        poll: Option<&'a Poll>,
        plan: Option<(&'a plan::Plan, &'a Progress)>,
        ending: Ending,
        trouble: Vec<Trouble>,
    ) -> Report<'a> {
        let (facts, target, pages) = (&self.looked.facts, self.target, &self.pages);
        Report { facts, target, poll, plan, trouble, ending, pages }
    }

    /// Everything but the last line.
    fn body(
        &self,
        plan: &plan::Plan,
        progress: &Progress,
        costs: &Costs,
        poll: &Poll,
        paint: Paint,
    ) -> String {
        let facts = &self.looked.facts;
        let steps =
            self.target.map(|target| steps::plan(plan, progress, facts, target, costs, paint));
        let mut text = steps.unwrap_or_default();
        if progress.is_complete(plan) {
            return text;
        }
        if poll.verdict() != Verdict::Go {
            text.push_str(&format!("\n{}{}", table(poll, paint), reasons(facts, poll, paint)));
        }
        text.push('\n');
        text
    }

    fn show(
        &self,
        report: &Report<'_>,
        json: Value,
        body: &dyn Fn(Paint) -> String,
        last: &dyn Fn(Paint) -> String,
    ) -> anyhow::Result<()> {
        let out = self.out;
        let text = |paint| format!("{}{}\n", body(paint), last(paint));
        let shown = Shown { report, json, text: &text };
        match self.args.format {
            Format::Text | Format::Github => {
                let body = body(out.paint());
                if !body.is_empty() {
                    out.detail(&body);
                }
                out.result(&last(out.paint()));
            }
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => {
                shown.print(self.args.format, out)?;
            }
        }
        self.besides(&shown, report.plan.map(|_| &shown.json));
        Ok(())
    }

    /// Where there is no plan standard error says why; a document says so too.
    fn without(&self, report: &Report<'_>) {
        let json =
            json::flight(report, report.ending.outcome.exit().code(), &self.looked.world.stats());
        let text = |paint| {
            report.poll.map_or_else(String::new, |poll| {
                format!("{}{}", table(poll, paint), reasons(report.facts, poll, paint))
            })
        };
        let shown = Shown { report, json, text: &text };
        if !matches!(self.args.format, Format::Text | Format::Github) {
            // What cannot be written as a document is said on standard error already.
            let _ = shown.print(self.args.format, self.out);
        }
        self.besides(&shown, None);
    }

    fn besides(&self, shown: &Shown<'_>, plan: Option<&Value>) {
        shown.files(&self.args.reports.concat(), self.out);
        if self.args.format == Format::Github {
            workflow(shown.report, None, plan, self.environment, self.out);
        }
    }
}
