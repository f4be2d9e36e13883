//! `tminus plan`: what a release would do, and what of it is done.

use super::args::{Common, Format, Plan};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{Looked, look, nothing};
use super::out::Out;
use crate::cost::costs;
use crate::execute::published_by_others;
use crate::gates::{self, Asking};
use crate::render::check::{reasons, table, verdict_line};
use crate::render::{json, plan as report};
use crate::ruling::Verdict;
use crate::target;

pub(super) async fn run(
    args: &Plan,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let looked = look(common, environment, &args.subject, out).await?;
    let Looked { world, manifest, facts } = &looked;
    let paint = out.paint();
    let nothing_wrong = if facts.request.expect_release { Exit::NoGo } else { Exit::Go };
    if let Some((version, tag, commit)) = published_by_others(manifest, facts) {
        out.result(&match args.format {
            Format::Text => nothing(&version, &tag, &commit, paint),
            Format::Json => serde_json::to_string_pretty(&json::nothing(&version, &tag, &commit))?,
        });
        return Ok(nothing_wrong);
    }
    let poll = gates::poll(manifest, facts, &Asking::release());
    let (plan, progress) = match looked.plan(out) {
        Ok(both) => both,
        Err(exit) => return Ok(exit),
    };
    let costs = costs(&plan, &progress, facts, manifest.forge);
    if args.format == Format::Json {
        let document = json::plan(&plan, &progress, &costs, Some(&poll), &world.stats());
        out.result(&serde_json::to_string_pretty(&document)?);
        return Ok(if progress.is_complete(&plan) { nothing_wrong } else { Exit::Go });
    }
    if let Ok(target) = target::of(manifest, facts) {
        out.detail(&report::plan(&plan, &progress, facts, &target, &costs, paint));
    }
    if progress.is_complete(&plan) {
        out.result(&nothing(&plan.version, &plan.tag, &plan.commit, paint));
        return Ok(nothing_wrong);
    }
    if poll.verdict() != Verdict::Go {
        out.detail(&format!("\n{}{}", table(&poll, paint), reasons(facts, &poll, paint)));
    }
    out.detail("");
    out.result(&verdict_line(&poll, world.cost(), paint));
    Ok(Exit::Go)
}
