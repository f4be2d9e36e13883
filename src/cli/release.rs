//! `tminus release`: check, then perform the plan. Running it again resumes.

use super::command::{Call, Done, OnSignal, Run};
use super::course::Reached;
use super::deliver::{Shown, workflow};
use super::exit::Exit;
use super::format::{Format, ReleaseFormat, ReportFile};
use super::landing;
use super::list::reports;
use super::listener::Listener;
use super::looked::{attached, conflicts, no_plan, nothing};
use super::merge::not_for_a_merge;
use super::options::Due;
use super::out::Out;
use super::values::{duration, stage};
use super::waiter::ReleaseWaiter;
use super::world::{Network, World};
use crate::adapters::files::read;
use crate::base::finding::Who;
use crate::base::names::StageName;
use crate::base::word::{Tone, Word};
use crate::ci::Environment;
use crate::drive::execute::{
    End, ReleaseNotice, ReleaseOptions, ReleaseRun, out_by_others, plan_of,
};
use crate::drive::observe::{Observed, Scope, observe};
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::ruling::Poll;
use crate::judge::target::NoTarget;
use crate::planner::disclosed::disclosed;
use crate::planner::steps::{title, touches};
use crate::planner::{Progress, Standing, progress};
use crate::ports::{PortError, Repository as _};
use crate::project::manifest::{LOCATIONS, Manifest, Touch};
use crate::release::outcome::{Cause, Outcome, Ran};
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};
use crate::report::check::check;
use crate::report::plan::{reach, repaired};
use crate::report::since::{after, not_due};
use crate::report::status::{in_doubt, steps_done};
use crate::report::{Paint, Report as Reported, clean, json};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::Args;
use std::path::{Path, PathBuf};

/// The largest plan that is read.
const MAX_PLAN: usize = 16 << 20;

const NO_PLAN: Word = Word::new("no plan", Tone::Plain);
const RUNNING: Word = Word::new("running", Tone::Plain);
const DONE: Word = Word::new("done", Tone::Good);
const FAILED: Word = Word::new("failed", Tone::Bad);
const FIXING: Word = Word::new("fixing", Tone::Plain);

/// Release a version, or resume an unfinished release.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// Which commit.
    #[command(flatten)]
    due: Due,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    through: Option<StageName>,
    /// If a gate holds the release, wait and check again, for at most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    wait: Option<u64>,
    /// Release only if the plan equals the plan in this file, as printed by `plan --format json`.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Take over the release from the runner that holds it.
    #[arg(long)]
    take_over: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: ReleaseFormat,
    /// Write a `markdown` or `json` report to a file; repeat the option for both.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_files)]
    reports: Vec<Vec<ReportFile>>,
}

#[async_trait(?Send)]
impl Run for Release {
    async fn run(&self, call: Call<'_>) -> Done {
        let only = match self.only(call.environment) {
            Ok(only) => only,
            Err(error) => return Err(error).into(),
        };
        let whole = call.out;
        let call = match self.format {
            ReleaseFormat::Json => call.aside(),
            ReleaseFormat::Text | ReleaseFormat::Github => call,
        };
        let release = async |world: &World| self.release(world, only, call, whole).await;
        call.in_world(Network::Online, release).await
    }

    fn listener(&self) -> Listener {
        self.format.into()
    }

    fn ran(&self) -> Ran {
        Ran::Release
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

impl Release {
    /// The only plan that may be performed, if one was given; checked before anything is looked at.
    fn only(&self, environment: &Environment) -> anyhow::Result<Option<Plan>> {
        let only = self.plan.as_deref().map(kept).transpose()?;
        not_for_a_merge("release", environment)?;
        Ok(only)
    }

    async fn release(
        &self,
        world: &World,
        only: Option<Plan>,
        call: Call<'_>,
        whole: Out,
    ) -> anyhow::Result<Exit> {
        let Call { common, environment, course, out, .. } = call;
        let mut order = world.order(&self.due.subject, Scope::Plan)?;
        order.request.expect_release = self.due.expect_release;
        if common.manifest.is_none() && order.manifest.is_some() {
            bail!(
                "`{}` is not committed; a release is made from a commit",
                LOCATIONS.join("` or `")
            );
        }
        let Observed { mut manifest, facts, fetched } = observe(&world.eyes(), &order).await?;
        for what in fetched {
            out.progress(&format!("fetched {what}"));
        }
        let pinned = pinned(world, &facts);
        course.set(before(&Case::new(&manifest, &facts)));
        let wish =
            ReleaseOptions { through: self.through.clone(), take_over: self.take_over, only };
        let tell = &mut |plan: &Plan, report: &ReleaseNotice<'_>| {
            if let ReleaseNotice::Leased(_) = report {
                pinned.iter().for_each(|line| out.progress(line));
            }
            if let ReleaseNotice::Begins(planned) = report
                && planned.reach > Reach::Private
            {
                course.set(Reached::Public);
            }
            tell(plan, report, out);
        };
        let landed = match secret(&Case::new(&manifest, &facts), environment) {
            Some(none) => ReleaseRun {
                end: End::NoPlan(none),
                plan: None,
                facts,
                progress: Progress::default(),
            },
            None => {
                let patience = ReleaseWaiter::new(self.wait, world, order, out);
                patience.release(&mut manifest, facts, &wish, tell).await?
            }
        };
        let exit = conclude(&landed, &manifest, out);
        world.notes().iter().for_each(|note| out.progress(note));
        out.progress(&out.paint().dim(&world.cost().to_string()));
        report(self, world, environment, &manifest, &landed, whole)?;
        Ok(exit)
    }
}

/// Reads a list of `FORMAT=FILE` for a release.
fn report_files(text: &str) -> Result<Vec<ReportFile>, String> {
    reports(&[Format::Json, Format::Markdown], text)
}

/// Why a release that would publish a secret is not started.
fn secret(case: &Case<'_>, environment: &Environment) -> Option<NoTarget> {
    if out_by_others(case).is_some() || case.in_development().is_some() {
        return None;
    }
    let plan = plan_of(case).ok()?;
    let found = disclosed(&plan, case, environment.secrets())?;
    Some(NoTarget::Wrong(Box::new(found)))
}

/// How far the release had come before this run.
fn before(case: &Case<'_>) -> Reached {
    let Ok(plan) = plan_of(case) else { return Reached::Unknown };
    match progress(&plan, case.facts) {
        Ok(progress) if progress.is_public(&plan) => Reached::Public,
        Ok(_) => Reached::Private,
        Err(_conflicts) => Reached::Unknown,
    }
}

/// The report of the run, in the requested format.
fn report(
    args: &Release,
    world: &World,
    environment: &Environment,
    manifest: &Manifest,
    landed: &ReleaseRun,
    out: Out,
) -> anyhow::Result<()> {
    let (pages, case) = (world.pages(), Case::new(manifest, &landed.facts));
    let last = |paint| end_line(landed, paint);
    let report = Reported {
        facts: &landed.facts,
        target: case.target().ok(),
        poll: landing::poll(landed),
        plan: landed.plan.as_ref().map(|plan| (plan, &landed.progress)),
        trouble: landing::trouble(&landed.end, Ran::Release),
        ending: landing::ending(landed, &last(Paint::Plain)),
        pages: &pages,
    };
    let json = json::flight(&report, landed.outcome().exit().code(), &world.stats());
    let shown = Shown { report: &report, json, text: &last };
    match args.format {
        ReleaseFormat::Text => {}
        ReleaseFormat::Json => out.json(&serde_json::to_string_pretty(&shown.json)?),
        ReleaseFormat::Github => {
            let plan = landing::plan(landed, manifest, report.ending.outcome, &world.stats());
            let verdict = landing::verdict(landed);
            workflow(&report, verdict, plan.as_ref(), environment, out);
        }
    }
    shown.files(&args.reports.concat(), out);
    Ok(())
}

/// The plan that `plan --format json` printed to a file.
fn kept(path: &Path) -> anyhow::Result<Plan> {
    let text = read(path, MAX_PLAN)?;
    let plan = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|mut document| serde_json::from_value(document.get_mut("plan")?.take()).ok());
    let none = || {
        format!(
            "`{}` does not contain a plan; write one with `tminus plan --format \
                 json`",
            path.display()
        )
    };
    plan.with_context(none)
}

/// Which commit is released, if it is not the head.
fn pinned(world: &World, facts: &Facts) -> Vec<String> {
    let Some(why) = &facts.pinned else { return Vec::new() };
    let sha = &facts.commit.sha;
    let mut lines = vec![format!("releasing {}: {}", sha.short(), clean(why))];
    if let Ok(Some(head)) = world.repository.head()
        && head.commit != *sha
    {
        let now = head.commit.short();
        lines.push(format!("the branch has moved to {now}, which is not part of this release"));
    }
    lines
}

/// Prints the progress.
pub(super) fn tell(plan: &Plan, report: &ReleaseNotice<'_>, out: Out) {
    let paint = out.paint();
    let row = |word: Word, text: &str, said: &str| {
        let width =
            plan.steps().map(|(_, one)| title(plan, one).chars().count()).max().unwrap_or(0);
        let row = format!("    {} {text:<width$}  {}", paint.word(word, 8), clean(said));
        out.detail(row.trim_end());
    };
    match report {
        ReleaseNotice::Leased(taken) => {
            let (name, commit) = (clean(&plan.name), plan.commit.short());
            let head =
                format!("{name} {} from {commit}, plan {}", plan.version, plan.digest().short());
            out.detail(&paint.bold(&head));
            if let Some(why) = taken {
                out.detail(&format!("  taken over: {}", clean(why)));
            }
        }
        ReleaseNotice::Entered(stage) => out.detail(&format!("  {}", paint.bold(stage.as_str()))),
        ReleaseNotice::Begins(planned) => {
            if planned.reach == Reach::Irreversible {
                out.detail(&format!("    {}", paint.dim("-------- point of no return")));
            }
            if touches(&planned.step, Touch::Command) {
                row(RUNNING, &title(plan, planned), "");
            }
        }
        ReleaseNotice::Done(planned, evidence) => row(DONE, &title(plan, planned), evidence),
        ReleaseNotice::Again(planned, error) => row(FAILED, &title(plan, planned), &error.why()),
        ReleaseNotice::Repairs(repair) => row(FIXING, &repaired(repair), ""),
    }
}

/// Prints the result: the last line is the outcome.
pub(super) fn conclude(landed: &ReleaseRun, manifest: &Manifest, out: Out) -> Exit {
    let ReleaseRun { end, facts, .. } = landed;
    let paint = out.paint();
    if let Some(why) = reasons(end, facts, paint) {
        out.error(&why);
    }
    if let (End::Out { .. } | End::Nothing, Some(since)) = (end, Case::new(manifest, facts).since())
    {
        out.detail(&after(&since, paint));
    }
    if let End::Gates(poll) = end {
        out.detail(&gates(poll, manifest, facts, paint));
    }
    out.result(&end_line(landed, paint));
    landed.outcome().exit()
}

fn end_line(landed: &ReleaseRun, paint: Paint) -> String {
    match (&landed.plan, &landed.end) {
        (_, End::Out { version, tag, commit }) => nothing(version, tag, commit, paint),
        (_, End::NotDue { version, path }) => not_due(version, path, paint),
        (Some(plan), _) => last_line(landed, plan, paint),
        (None, _) => format!("{}: nothing was done", paint.word(NO_PLAN, 0)),
    }
}

fn gates(poll: &Poll, manifest: &Manifest, facts: &Facts, paint: Paint) -> String {
    let case = Case::new(manifest, facts);
    format!("{}\n", check(facts, case.target().ok(), poll, paint))
}

/// What failed, for standard error.
pub(super) fn reasons(end: &End, facts: &Facts, paint: Paint) -> Option<String> {
    match end {
        End::NoPlan(none) => Some(no_plan(none, facts, paint)),
        End::OtherPlan { difference, .. } => {
            let lines = difference.iter().map(|line| format!("  {}\n", clean(line)));
            Some(format!(
                "the requested plan differs from the current plan:\n{}",
                lines.collect::<String>()
            ))
        }
        End::Conflicts(found) => Some(conflicts(found, facts, paint)),
        End::Failed { step, error } => {
            let said = match step {
                Some(step) => format!("{step}: {}", error.why()),
                None => error.to_string(),
            };
            let help = error.help().filter(|_| !matches!(error, PortError::NoAnswer { .. }));
            let word = paint.word(Word::ERROR, 0);
            Some(format!("{word}: {}{}", clean(&said), aside(help.as_deref(), error.who())))
        }
        End::Blind { step, unseen } => {
            let (word, why) = (paint.word(Outcome::Unknown, 0), clean(&unseen.why));
            let aside = aside(unseen.help.as_deref(), unseen.who);
            Some(format!("{word}: cannot determine the state of step `{step}`: {why}{aside}"))
        }
        End::Nothing
        | End::Out { .. }
        | End::NotDue { .. }
        | End::Released
        | End::Through(_)
        | End::NoStage(_)
        | End::Gates(_)
        | End::Attached { .. } => None,
    }
}

/// What to do and who can do it, below an error.
fn aside(help: Option<&str>, who: Option<Who>) -> String {
    let help = help.map(|help| format!("\n  = help: {}", clean(help)));
    let who = who
        .filter(|who| !who.goes_without_saying())
        .map(|who| format!("\n  = waiting on: {}", who.words()));
    [help, who].into_iter().flatten().collect()
}

fn last_line(landed: &ReleaseRun, plan: &Plan, paint: Paint) -> String {
    let (name, version, tag) = (clean(&plan.name), &plan.version, &plan.tag);
    let word = |outcome: Outcome| paint.word(outcome, 0);
    let again = Ran::Release.again();
    match &landed.end {
        End::Nothing | End::Out { .. } => nothing(version, tag, &plan.commit, paint),
        End::NotDue { version, path } => not_due(version, path, paint),
        End::Released => {
            let page = landed.progress.release.as_ref().map(|release| release.url.clone());
            let at = page.unwrap_or_else(|| format!("{tag} at {}", plan.commit.short()));
            format!("{}: {name} {version}, {}", word(Outcome::Released), clean(&at))
        }
        End::Through(stage) => {
            format!("{} {stage}: {name} {version}; {again}", word(Outcome::Through))
        }
        End::NoStage(stage) => {
            let names: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
            format!(
                "{}: there is no stage `{stage}`; the stages are {}",
                word(Outcome::Error),
                names.join(", ")
            )
        }
        End::OtherPlan { kept, .. } => {
            let now = plan.digest();
            let (kept, now) = (kept.short(), now.short());
            format!(
                "{}: the current plan is {now}, not {kept}; nothing was done",
                word(Outcome::NoGo)
            )
        }
        End::Attached { holder, until } => attached(holder, *until, plan, paint),
        End::Gates(poll) => {
            // It stands alone where everything else is left out: so it names what stops.
            let gates = poll.deciding().join(", ");
            let verdict = word(poll.verdict().into());
            format!("{verdict}[{gates}]: {}", stopped(landed, plan, again))
        }
        End::Conflicts(_) => format!("{}: nothing was overwritten", word(Outcome::Conflict)),
        End::Failed { .. } | End::Blind { .. } | End::NoPlan(_) => {
            let state = match landed.is_partial() {
                true => Outcome::Partial,
                false => Outcome::Stopped(Cause::Unanswered),
            };
            format!("{}: {}", word(state), stopped(landed, plan, again))
        }
    }
}

fn stopped(landed: &ReleaseRun, plan: &Plan, again: &str) -> String {
    let progress = &landed.progress;
    let done = plan.steps().filter(|(_, planned)| progress.is_done(&planned.key)).count();
    let steps = steps_done(done, plan.steps().count());
    if let Some(doubt) = in_doubt(plan, progress) {
        return format!("{steps}, {doubt}; {again}");
    }
    let unseen = |planned: &Planned| matches!(progress.of(&planned.key), Standing::Unseen(_));
    if plan.steps().any(|(_, planned)| planned.reach > Reach::Private && unseen(planned)) {
        return format!("{steps}, but some states cannot be read; {again}");
    }
    let begun = landed.facts.ledger.known().is_ok_and(|ledger| !ledger.in_doubt().is_empty());
    match progress.reached(plan) {
        None if begun => format!("{steps}; {again}"),
        None => "nothing was done".into(),
        Some(Reach::Private) => {
            format!("{steps}, nothing is public; {again}, or `tminus abort`")
        }
        Some(far) => format!("{steps}, including {} steps; {again}", reach(far)),
    }
}
