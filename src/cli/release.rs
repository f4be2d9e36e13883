//! `tminus release`: check, then perform the plan; running it again resumes.

use super::args::{Common, Release};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{complete, conflicts, plan_of};
use super::out::Out;
use super::world::{Network, World, read};
use crate::execute::{Landed, Order, Outcome, Report, fly};
use crate::facts::{Facts, TagAt};
use crate::gates::{self, Asking};
use crate::manifest::{LOCATIONS, Manifest, Reach};
use crate::observe::{Depth, Observed, observe};
use crate::plan::{Progress, difference, progress};
use crate::ports::Hands;
use crate::render::check::check;
use crate::render::plan::{reach, repaired, title};
use crate::render::status::short;
use crate::render::{Paint, Sources, clean, finding};
use crate::step::{Plan, Planned, Step};
use crate::target;
use anyhow::{Context as _, bail};
use std::path::Path;

/// The largest plan that is read.
const MOST_PLAN: usize = 16 << 20;

pub(super) async fn run(
    args: &Release,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let world = World::new(common, environment, Network::Online, out)?;
    let order = world.order(&args.subject, Depth::Plan)?;
    if common.manifest.is_none() && order.manifest.is_some() {
        bail!("`{}` is not committed; a release is made from a commit", LOCATIONS.join("` or `"));
    }
    let Observed { manifest, facts, fetched } = observe(&world.eyes(), &order).await?;
    for what in fetched {
        out.progress(&format!("fetched {what}"));
    }
    let exit = release(&world.hands(manifest.forge), &manifest, facts, args, out).await?;
    out.progress(&out.paint().dim(&world.cost().to_string()));
    Ok(exit)
}

/// Says which commit is released where that is not simply the head.
fn tell_pinned(hands: &Hands<'_>, facts: &Facts, out: Out) {
    let Some(why) = &facts.pinned else { return };
    out.progress(&format!("releasing {}: {}", facts.commit.sha.short(), clean(why)));
    if let Ok(Some(head)) = hands.repository.head()
        && head.commit != facts.commit.sha
    {
        out.progress(&format!("the branch has moved on to {}; that is not part of this release", head.commit.short()));
    }
}

/// From facts to an outcome. The rehearsal comes in here too.
pub(super) async fn release(
    hands: &Hands<'_>,
    manifest: &Manifest,
    facts: Facts,
    args: &Release,
    out: Out,
) -> anyhow::Result<Exit> {
    let paint = out.paint();
    let plan = match plan_of(manifest, &facts) {
        Ok(plan) => plan,
        Err(none) => {
            let word = none.ruling().verdict().to_string();
            out.error(&finding::finding(&word, None, &none.finding(), &Sources::of_facts(&facts), paint));
            return Ok(none.ruling().verdict().into());
        }
    };
    if let Some(stage) = args.through.as_ref().filter(|name| plan.stages.iter().all(|s| s.name != **name)) {
        let names: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
        bail!("there is no stage `{stage}`; there are {}", names.join(", "));
    }
    if let Some(path) = &args.plan
        && let Some(exit) = refuse_other(path, &plan, out)?
    {
        return Ok(exit);
    }
    let before = match progress(&plan, &facts) {
        Ok(before) => before,
        Err(found) => {
            out.error(&conflicts(&found, &facts, paint));
            // A tag that stands elsewhere is nothing of this release.
            let ours = |tag: &TagAt| tag.commit == plan.commit;
            let public = facts.tag.known().is_ok_and(|tag| tag.as_ref().is_some_and(ours));
            let exit = if public { Exit::Partial } else { Exit::NoGo };
            out.result(&format!("{}: nothing was overwritten", paint.word("conflict", 0)));
            return Ok(exit);
        }
    };
    let unfinished = facts.ledger.known().is_ok_and(|l| l.plan().is_some() && !l.finished());
    let expected = args.subject.expect_release && !unfinished;
    if complete(&plan, &before) && !expected {
        let closed = unfinished && close(hands, manifest, &plan, facts).await;
        out.result(&if closed { released(&plan, &before, paint) } else { nothing(&plan, paint) });
        return Ok(Exit::Go);
    }
    let poll = gates::poll(manifest, &facts, &Asking::default());
    let Some(permit) = poll.permit(&facts) else {
        out.detail(&check(&facts, target::of(manifest, &facts).ok().as_ref(), &poll, paint));
        let exit = if before.is_public(&plan) { Exit::Partial } else { poll.verdict().into() };
        out.result(&format!("\n{}: nothing was done", paint.word(&poll.verdict().to_string(), 0)));
        return Ok(exit);
    };
    tell_pinned(hands, &facts, out);
    out.detail(&paint.bold(&format!(
        "{} {} from {}, plan {}",
        clean(&plan.name),
        plan.version,
        plan.commit.short(),
        plan.digest().short()
    )));
    let order = Order { manifest, plan: &plan, through: args.through.clone(), take_over: args.take_over };
    let landed = fly(hands, &order, facts, permit, &mut |report| tell(report, &plan, out)).await;
    Ok(conclude(&landed, manifest, &plan, out))
}

/// Ends the record of a runner that died after its last step. Nothing depends on it: who may not
/// write, or comes while that runner is still writing, leaves it as it is.
async fn close(hands: &Hands<'_>, manifest: &Manifest, plan: &Plan, facts: Facts) -> bool {
    let Some(permit) = gates::poll(manifest, &facts, &Asking::default()).permit(&facts) else {
        return false;
    };
    let order = Order { manifest, plan, through: None, take_over: false };
    let landed = fly(hands, &order, facts, permit, &mut |_| {}).await;
    matches!(landed.outcome, Outcome::Released)
}

fn released(plan: &Plan, progress: &Progress, paint: Paint) -> String {
    let page = progress.release.as_ref().map_or_else(|| format!("{} at {}", plan.tag, plan.commit.short()), |r| r.url.clone());
    format!("{}: {} {}, {page}", paint.word("released", 0), clean(&plan.name), plan.version)
}

fn nothing(plan: &Plan, paint: Paint) -> String {
    let word = paint.word("nothing to release", 0);
    format!("{word}: {} is out, {} at {}", plan.version, plan.tag, plan.commit.short())
}

/// Refuses when the plan that was kept is not the one that holds, and shows the difference.
fn refuse_other(path: &Path, plan: &Plan, out: Out) -> anyhow::Result<Option<Exit>> {
    let text = read(path, MOST_PLAN)?;
    let kept = serde_json::from_str::<serde_json::Value>(&text).ok();
    let kept = kept.and_then(|mut document| Some(document.get_mut("plan")?.take()));
    let kept: Plan = kept
        .and_then(|plan| serde_json::from_value(plan).ok())
        .with_context(|| format!("`{}` holds no plan; write one with `tminus plan --format json`", path.display()))?;
    if kept.digest() == plan.digest() {
        return Ok(None);
    }
    let paint = out.paint();
    out.error(&format!(
        "{}: plan {} of `{}` is not what would be done now, {}",
        paint.word("no-go", 0),
        kept.digest().short(),
        path.display(),
        plan.digest().short()
    ));
    for line in difference(&kept, plan) {
        out.error(&format!("  {}", clean(&line)));
    }
    out.result(&format!("{}: nothing was done", paint.word("no-go", 0)));
    Ok(Some(Exit::NoGo))
}

fn tell(report: &Report<'_>, plan: &Plan, out: Out) {
    let paint = out.paint();
    match report {
        Report::Leased(None) => {}
        Report::Leased(Some(why)) => out.detail(&format!("  took over: {}", clean(why))),
        Report::Entered(stage) => out.detail(&format!("  {}", paint.bold(stage.as_str()))),
        Report::Begins(planned) => {
            if planned.reach == Reach::Irreversible {
                out.detail(&format!("    {}", paint.dim("-------- point of no return")));
            }
            if let Step::Run(_) = planned.step {
                out.detail(&format!("    {} {}", paint.word("running", 8), title(plan, planned)));
            }
        }
        Report::Done(planned, evidence) => out.detail(&row(plan, planned, "done", evidence, paint)),
        Report::Again(planned, error) => out.detail(&row(plan, planned, "failed", &error.why(), paint)),
        Report::Repairs(repair) => {
            out.detail(&format!("    {} {}", paint.word("mending", 8), repaired(repair)));
        }
    }
}

/// One step, in line with the others.
fn row(plan: &Plan, planned: &Planned, word: &str, said: &str, paint: Paint) -> String {
    let width = plan.steps().map(|(_, one)| title(plan, one).chars().count()).max().unwrap_or(0);
    let row = format!("    {} {:<width$}  {}", paint.word(word, 8), title(plan, planned), clean(said));
    row.trim_end().to_owned()
}

/// Says how it ended: the last line is the outcome.
fn conclude(landed: &Landed, manifest: &Manifest, plan: &Plan, out: Out) -> Exit {
    let Landed { outcome, facts, progress } = landed;
    let paint = out.paint();
    let partial = progress.is_public(plan);
    let exit = Exit::of_outcome(outcome, partial);
    let again = "run `tminus release` again to go on";
    let line = match outcome {
        Outcome::Released => released(plan, progress, paint),
        Outcome::Through(stage) => {
            format!("{} {stage}: {} {}, {again}", paint.word("through", 0), clean(&plan.name), plan.version)
        }
        Outcome::Gates(poll) => {
            out.detail(&check(facts, target::of(manifest, facts).ok().as_ref(), poll, paint));
            format!("{}, {again}", paint.word(&poll.verdict().to_string(), 0))
        }
        Outcome::Conflicts(found) => {
            out.error(&conflicts(found, facts, paint));
            format!("{}: nothing was overwritten", paint.word("conflict", 0))
        }
        Outcome::Attached { holder, until } => {
            let run = holder.run.as_ref().map_or_else(String::new, |run| format!(" ({})", run.url));
            format!(
                "{}: {}{} is releasing {}, until {} if it is not heard of again",
                paint.word("hold", 0), clean(&holder.name), clean(&run), plan.version, short(*until)
            )
        }
        Outcome::Failed { step, error } => {
            let said = match step.as_ref() {
                Some(step) => format!("{step}: {}", error.why()),
                None => error.to_string(),
            };
            out.error(&format!("{}: {}", paint.word("error", 0), clean(&said)));
            stopped(plan, progress, again, paint)
        }
        Outcome::Blind { step, unseen } => {
            let help = unseen.help.as_ref().map_or_else(String::new, |help| format!("\n  = help: {}", clean(help)));
            out.error(&format!("{}: cannot see how `{step}` stands: {}{help}", paint.word("unknown", 0), clean(&unseen.why)));
            stopped(plan, progress, again, paint)
        }
    };
    out.result(&line);
    exit
}

fn stopped(plan: &Plan, progress: &Progress, again: &str, paint: Paint) -> String {
    let done = plan.steps().filter(|(_, planned)| progress.is_done(&planned.key)).count();
    let all = plan.steps().count();
    let reached = progress.reached(plan).map_or("nothing", reach);
    if progress.is_public(plan) {
        format!("{}: {done} of {all} steps done, {reached} ones among them; {again}", paint.word("partial", 0))
    } else {
        format!("stopped: {done} of {all} steps done, nothing is public; {again}, or `tminus abort`")
    }
}
