//! `tminus abort`: give a release up before its point of no return.

use super::args::{Abort, Common};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{conflicts, no_plan};
use super::out::Out;
use super::world::{Network, World};
use crate::execute::{Abandoned, Landed, Outcome, abandon, plan_of};
use crate::observe::{Depth, Observed, observe};
use crate::plan::progress;
use crate::render::clean;
use crate::render::plan::title;
use crate::render::status::short;
use crate::step::Step;

pub(super) async fn run(
    args: &Abort,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let world = World::new(common, environment, Network::Online, out)?;
    let order = world.order(&args.subject, Depth::Plan)?;
    let Observed { manifest, facts, .. } = observe(&world.eyes(), &order).await?;
    let paint = out.paint();
    let plan = match plan_of(&manifest, &facts) {
        Ok(plan) => plan,
        Err(none) => {
            out.error(&no_plan(&none, &facts, paint));
            return Ok(none.ruling().verdict().into());
        }
    };
    let progress = match progress(&plan, &facts) {
        Ok(progress) => progress,
        Err(found) => {
            out.error(&conflicts(&found, &facts, paint));
            return Ok(Exit::NoGo);
        }
    };
    Ok(
        match abandon(&world.hands(manifest.forge), &plan, &progress, &facts, args.take_over).await
        {
            Abandoned::Removed(removed) if removed.is_empty() => {
                out.result(&format!("aborted: {}, there was nothing to remove", plan.tag));
                Exit::Go
            }
            Abandoned::Removed(removed) => {
                for (_, planned) in
                    plan.steps().filter(|(_, planned)| progress.is_done(&planned.key))
                {
                    if let Step::Run(_) = planned.step {
                        let title = title(&plan, planned);
                        out.detail(&format!("  stays: {title}, which tminus cannot take back"));
                    }
                }
                out.result(&format!("aborted: {}, removed {}", plan.tag, removed.join(", ")));
                Exit::Go
            }
            Abandoned::Nothing => {
                out.result(&format!("nothing to abort: {} was not begun", plan.tag));
                Exit::Go
            }
            Abandoned::Finished => {
                out.error(&format!(
                    "{}: {} is released; there is nothing to abort",
                    paint.word("no-go", 0),
                    plan.tag
                ));
                Exit::NoGo
            }
            Abandoned::TooLate => {
                out.error(&format!(
                    "{}: {} is past its point of no return; `tminus release` finishes it",
                    paint.word("no-go", 0),
                    plan.tag
                ));
                Exit::NoGo
            }
            Abandoned::Stopped(Outcome::Attached { holder, until }) => {
                out.result(&format!(
                "{}: {} is releasing {}, until {} if it is not heard of again; `--take-over` takes it",
                paint.word("hold", 0), clean(&holder.name), plan.version, short(until)
            ));
                Exit::Hold
            }
            Abandoned::Stopped(outcome) => {
                if let Outcome::Failed { error, .. } = &outcome {
                    out.error(&format!(
                        "{}: {}",
                        paint.word("error", 0),
                        clean(&error.to_string())
                    ));
                }
                out.result("stopped: run `tminus abort` again");
                Exit::of(&Landed { outcome, plan: Some(plan), facts, progress })
            }
        },
    )
}
