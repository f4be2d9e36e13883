//! `tminus release`: check, then perform the plan. Running it again resumes.

use super::command::{Call, Done, Run};
use super::deliver::told;
use super::format::{ReportFile, printed};
use super::issue::{Open, ReleaseIssue};
use super::list::reports;
use super::looked::{conflicts, no_plan};
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
    End, EnterStages, Extent, ReleaseNotice, ReleaseOptions, ReleaseRun, known_reach, plan_of,
    record_trains, secret_finding, trouble,
};
use crate::drive::observe::{Observed, PromotionRequest, Scope, observe, unfinished};
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::ruling::Poll;
use crate::planner::cost::costs;
use crate::planner::steps::{title, touches};
use crate::planner::{Held, Progress, progress};
use crate::ports::{PortError, Repository as _};
use crate::project::manifest::{LOCATIONS, Manifest, Touch};
use crate::release::outcome::{CommandKind, Exit, Outcome, PublicationState};
use crate::release::plan::Plan;
use crate::release::step::Reach;
use crate::report::check::check;
use crate::report::formats::{Format, Reader};
use crate::report::plan::{later, promoted, repaired};
use crate::report::since::after;
use crate::report::{Kind, Paint, Report as Reported, clean};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::Args;
use std::path::{Path, PathBuf};

/// The maximum size of a plan file.
const MAX_PLAN: usize = 16 << 20;

const RUNNING: Word = Word::new("running", Tone::Plain);
const DONE: Word = Word::new("done", Tone::Good);
const FAILED: Word = Word::new("failed", Tone::Bad);
const FIXING: Word = Word::new("fixing", Tone::Plain);

/// Release a version, or resume an unfinished release.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// The commit to use.
    #[command(flatten)]
    pub(super) due: Due,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub(super) through: Option<StageName>,
    /// If the release is on hold because of checks, a timer or an environment's required reviewers, wait and try again, for at most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    pub(super) wait: Option<u64>,
    /// Stop before a stage with an environment, so that a job that references that environment can
    /// continue.
    #[arg(long)]
    pub(super) no_enter: bool,
    /// If an earlier release is unfinished, continue it, regardless of the version at `HEAD`.
    #[arg(long, conflicts_with_all = ["commit", "release-version"])]
    pub(super) resume: bool,
    /// Exit with 0 if the release is on hold.
    #[arg(long)]
    pub(super) hold_ok: bool,
    /// Stop after the next stage.
    #[arg(skip)]
    pub(super) next: bool,
    /// Release the final version of a pre-release.
    #[arg(skip)]
    pub(super) promotion: Option<PromotionRequest>,
    /// Release only if the current plan matches the plan in this file (the output of
    /// `plan --format json`).
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
    /// Take over the release from the runner that is working on it.
    #[arg(long)]
    pub(super) take_over: bool,
    /// Output format.
    #[arg(long, value_parser = printed(Kind::Run), default_value = "text")]
    pub(super) format: Format,
    /// Write a `markdown` or `json` report to a file; repeat the option for both.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = reports(Kind::Run))]
    pub(super) reports: Vec<Vec<ReportFile>>,
}

#[async_trait(?Send)]
impl Run for Release {
    async fn run(&self, call: Call<'_>) -> Done {
        let only = match self.only(call.environment) {
            Ok(only) => only,
            Err(error) => return Err(error).into(),
        };
        let whole = call.out;
        let call = match self.format.reader {
            Reader::Program => call.aside(),
            Reader::Person | Reader::Runner => call,
        };
        let release = async |world: &World| self.release(world, only, call, whole).await;
        call.in_world(Network::Online, release).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }

    fn ran(&self) -> CommandKind {
        CommandKind::Release
    }
}

impl Release {
    /// The only plan that can be performed, if one was passed; checked before anything is read.
    fn only(&self, environment: &Environment) -> anyhow::Result<Option<Plan>> {
        let only = self.plan.as_deref().map(kept).transpose()?;
        not_for_a_merge("release", environment)?;
        Ok(only)
    }

    /// How far to go.
    fn extent(&self) -> Extent {
        match &self.through {
            Some(stage) => Extent::Through(stage.clone()),
            None if self.next => Extent::Next,
            None => Extent::All,
        }
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
        if self.resume
            && let Some(plan) = unfinished(&world.read_ports()).await?
        {
            order.commit = Some(plan.commit.to_string());
            order.request.version = Some(plan.version.clone());
            out.progress(&format!("continuing the unfinished release of {}", plan.tag));
        }
        order.request.expect_release = self.due.expect_release;
        order.promotion.clone_from(&self.promotion);
        if common.manifest.is_none() && order.manifest.is_some() {
            bail!(
                "`{}` is not committed; a release is made from a commit",
                LOCATIONS.join("` or `")
            );
        }
        let Observed { mut manifest, mut facts, fetched } =
            observe(&world.read_ports(), &order).await?;
        for what in fetched {
            out.progress(&format!("fetched {what}"));
        }
        if let Some(issue) = ReleaseIssue::new(world, &manifest, out) {
            issue.record(&mut facts).await;
        }
        let pinned = pinned(world, &facts);
        let later = later_files(&Case::new(&manifest, &facts), out.paint());
        course.set(known_reach(&Case::new(&manifest, &facts)));
        let through = self.extent();
        let entering = if self.no_enter { EnterStages::No } else { EnterStages::Yes };
        let options = ReleaseOptions { through, entering, take_over: self.take_over, only };
        let tell = &mut |plan: &Plan, report: &ReleaseNotice<'_>| {
            if let ReleaseNotice::Leased(_) = report {
                pinned.iter().for_each(|line| out.progress(line));
            }
            if let ReleaseNotice::Begins(planned) = report
                && planned.reach > Reach::Private
            {
                course.set(PublicationState::Public);
            }
            tell(plan, report, out);
            if let ReleaseNotice::Leased(_) = report {
                later.iter().for_each(|lines| out.detail(lines));
            }
        };
        let mut release_run =
            match secret_finding(&Case::new(&manifest, &facts), environment.secrets()) {
                Some(none) => ReleaseRun {
                    end: End::NoPlan(none),
                    plan: None,
                    facts,
                    progress: Progress::default(),
                },
                None => {
                    let waiter = ReleaseWaiter::new(self.wait, world, order, out);
                    waiter.release(&mut manifest, facts, &options, tell).await?
                }
            };
        record(world, &manifest, &release_run, out).await;
        let exit = conclude(&release_run, &manifest, out);
        track(world, &manifest, &mut release_run, out).await;
        let exit = if exit == Exit::Hold && self.hold_ok { Exit::Go } else { exit };
        world.notes().iter().for_each(|note| out.progress(note));
        out.progress(&out.paint().dim(&world.cost().to_string()));
        report(self, world, environment, &manifest, &release_run, whole)?;
        Ok(exit)
    }
}

/// Records the train that the release left with.
async fn record(world: &World, manifest: &Manifest, run: &ReleaseRun, out: Out) {
    match record_trains(&world.write_ports(manifest.forge), manifest, run).await {
        Ok(lines) => lines.iter().for_each(|line| out.progress(line)),
        Err(error) => out.progress(&format!("the train was not recorded: {}", error.why())),
    }
}

/// Keeps the tracking issue.
async fn track(world: &World, manifest: &Manifest, landed: &mut ReleaseRun, out: Out) {
    let Some(issue) = ReleaseIssue::new(world, manifest, out) else { return };
    issue.record(&mut landed.facts).await;
    let plan = landed.plan.as_ref().map(|plan| (plan, &landed.progress));
    issue.keep(&mut landed.facts, plan, Open::IfHeld).await;
}

/// The report of the run, in the requested format.
fn report(
    args: &Release,
    world: &World,
    environment: &Environment,
    manifest: &Manifest,
    release_run: &ReleaseRun,
    out: Out,
) -> anyhow::Result<()> {
    let (pages, case) = (world.pages(), Case::new(manifest, &release_run.facts));
    let plan = release_run.plan.as_ref().map(|plan| (plan, &release_run.progress));
    let costs = plan.map(|(plan, done)| costs(plan, done, &release_run.facts, manifest));
    let report = Reported {
        poll: release_run.poll(),
        plan,
        costs: costs.unwrap_or_default(),
        idle: release_run.idle(),
        trouble: trouble(&release_run.end, CommandKind::Release),
        stats: world.stats(),
        next_stage: release_run.next_stage().cloned(),
        ..Reported::new(Kind::Run, &case, &pages, release_run.ending())
    };
    told(&report, args.format, &args.reports.concat(), environment, out)
}

/// The plan that `plan --format json` printed to a file.
fn kept(path: &Path) -> anyhow::Result<Plan> {
    let text = read(path, MAX_PLAN)?;
    if let Some(files) = missing_files(&text) {
        let path = path.display();
        bail!("the plan in `{path}` was made before {files} was built; run `tminus plan` again");
    }
    let plan = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|mut document| serde_json::from_value(document.get_mut("plan")?.take()).ok());
    let none = || {
        format!(
            "`{}` does not contain a plan; write one with `tminus plan --format json`",
            path.display()
        )
    };
    plan.with_context(none)
}

/// The files that a saved plan waits for.
fn missing_files(text: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let files = document.get("missing_files")?.as_array()?.iter().filter_map(|one| one.as_str());
    let files: Vec<String> = files.map(|file| format!("`{}`", clean(file))).collect();
    (!files.is_empty()).then(|| files.join(", "))
}

/// Why another commit than `HEAD` is released.
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

/// Files on disk that the release was started without.
fn later_files(case: &Case<'_>, paint: Paint) -> Option<String> {
    let plan = plan_of(case).ok()?;
    let progress = progress(&plan, case.facts).ok()?;
    later(&plan, &progress, case.facts, paint)
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
            if let Some(promoted) = promoted(plan) {
                out.detail(&format!("  {promoted}"));
            }
            if let Some(why) = taken {
                out.detail(&format!("  taken over {}", clean(why)));
            }
        }
        ReleaseNotice::Waived(used) => {
            let said = format!("{}: {}", used.ruling, used.said);
            let word = paint.word(Word::WAIVED, 0);
            out.detail(&format!("  {word}[{}]: {}", used.gate, clean(&said)));
            out.detail(&format!("    {}", clean(&used.grant())));
        }
        ReleaseNotice::Entered(stage) => out.detail(&format!("  {}", paint.bold(stage.as_str()))),
        ReleaseNotice::Begins(planned) => {
            let first = plan.steps().find(|(_, one)| one.reach == Reach::Irreversible);
            if first.is_some_and(|(_, first)| first.key == planned.key) {
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
pub(super) fn conclude(release_run: &ReleaseRun, manifest: &Manifest, out: Out) -> Exit {
    let ReleaseRun { end, facts, .. } = release_run;
    let paint = out.paint();
    if let Some(why) = reasons(end, facts, paint) {
        out.error(&why);
    }
    if let (End::Idle(_) | End::Nothing, Some(since)) = (end, Case::new(manifest, facts).since()) {
        out.detail(&after(&since, paint));
    }
    if let End::Gates(poll) = end {
        out.detail(&gates(poll, manifest, facts, paint));
    }
    out.result(&release_run.ending().line(paint));
    release_run.outcome().exit()
}

fn gates(poll: &Poll, manifest: &Manifest, facts: &Facts, paint: Paint) -> String {
    let case = Case::new(manifest, facts);
    format!("{}\n", check(facts, case.target().ok(), poll, paint))
}

/// Why the run failed, for standard error.
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
        End::NotStarted => {
            let trouble = trouble(end, CommandKind::Release);
            trouble.first().map(|one| {
                let word = paint.word(Word::ERROR, 0);
                let finding = &one.finding;
                format!(
                    "{word}: {}{}",
                    finding.message,
                    aside(finding.help.as_deref(), finding.who)
                )
            })
        }
        End::Held { step, held } => {
            let outcome: Outcome = held.verdict.into();
            let head = format!("{}[{step}]", paint.word(outcome.word(), 0));
            Some(format!("{head}: {}", held_text(held)))
        }
        End::Blind { step, unseen } => {
            let (word, why) = (paint.word(Outcome::Unknown, 0), clean(&unseen.why));
            let aside = aside(unseen.help.as_deref(), unseen.who);
            Some(format!("{word}: cannot determine the state of step `{step}`: {why}{aside}"))
        }
        End::Nothing
        | End::Idle(_)
        | End::Released
        | End::Through(_)
        | End::Before(_)
        | End::NoStage(_)
        | End::Gates(_)
        | End::Attached { .. } => None,
    }
}

/// Why a step is on hold, with its notes, and what to do.
fn held_text(held: &Held) -> String {
    let Held { finding, .. } = held;
    let notes = finding.notes.iter().map(|note| format!("\n  = note: {}", clean(note)));
    let notes: String = notes.collect();
    format!("{}{notes}{}", clean(&finding.message), aside(finding.help.as_deref(), finding.who))
}

/// What to do and who can do it, for the lines below an error.
fn aside(help: Option<&str>, who: Option<Who>) -> String {
    let help = help.map(|help| format!("\n  = help: {}", clean(help)));
    let who =
        who.filter(|who| !who.is_obvious()).map(|who| format!("\n  = waiting on: {}", who.words()));
    [help, who].into_iter().flatten().collect()
}
