//! `tminus abort`: give a release up before its point of no return.

use super::args::{Abort, Common};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{Looked, attached, look};
use super::out::Out;
use super::release::reasons;
use crate::execute::{Abandoned, Landed, Outcome, abandon, published_by_others};
use crate::facts::Facts;
use crate::plan::Progress;
use crate::render::Paint;
use crate::render::plan::title;
use crate::step::{Plan, Step};

pub(super) async fn run(
    args: &Abort,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let looked = look(common, environment, &args.subject, out).await?;
    if let Some((version, tag, _)) = published_by_others(&looked.manifest, &looked.facts) {
        out.result(&format!("nothing to abort: {version} is out, {tag} was not made by tminus"));
        return Ok(Exit::Go);
    }
    let (plan, progress) = match looked.plan(out) {
        Ok(both) => both,
        Err(exit) => return Ok(exit),
    };
    let Looked { world, manifest, facts } = looked;
    let given_up =
        abandon(&world.hands(manifest.forge), &plan, &progress, &facts, args.take_over).await;
    if let Abandoned::Removed(_) = given_up {
        stays(&plan, &progress, out);
    }
    let (exit, line) = match given_up {
        Abandoned::Stopped(outcome) => {
            let line = stopped(&outcome, &plan, &facts, out);
            (Exit::of(&Landed { outcome, plan: Some(plan), facts, progress }), line)
        }
        Abandoned::Removed(_) | Abandoned::Nothing | Abandoned::Finished | Abandoned::TooLate => {
            ended(&given_up, &plan, out.paint())
        }
    };
    out.result(&line);
    Ok(exit)
}

/// Names the commands that ran: what they did is not ours to undo.
fn stays(plan: &Plan, progress: &Progress, out: Out) {
    for (_, planned) in plan.steps().filter(|(_, planned)| progress.is_done(&planned.key)) {
        if let Step::Run(_) = planned.step {
            let title = title(plan, planned);
            out.detail(&format!("  stays: {title}, which tminus cannot take back"));
        }
    }
}

fn ended(given_up: &Abandoned, plan: &Plan, paint: Paint) -> (Exit, String) {
    let (tag, no_go) = (&plan.tag, paint.word("no-go", 0));
    match given_up {
        Abandoned::Removed(removed) if removed.is_empty() => {
            (Exit::Go, format!("aborted: {tag}, there was nothing to remove"))
        }
        Abandoned::Removed(removed) => {
            (Exit::Go, format!("aborted: {tag}, removed {}", removed.join(", ")))
        }
        Abandoned::Nothing => (Exit::Go, format!("nothing to abort: {tag} was not begun")),
        Abandoned::Finished => {
            (Exit::NoGo, format!("{no_go}: {tag} is released; there is nothing to abort"))
        }
        Abandoned::TooLate | Abandoned::Stopped(_) => {
            let finish = "`tminus release` finishes it";
            (Exit::NoGo, format!("{no_go}: {tag} is past its point of no return; {finish}"))
        }
    }
}

fn stopped(outcome: &Outcome, plan: &Plan, facts: &Facts, out: Out) -> String {
    let paint = out.paint();
    if let Outcome::Attached { holder, until } = outcome {
        return attached(holder, *until, plan, paint);
    }
    if let Some(why) = reasons(outcome, facts, paint) {
        out.error(&why);
    }
    "stopped: run `tminus abort` again".into()
}
