//! `tminus status`: where a release stands.

use super::args::{Common, Format, Status};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{conflicts, no_plan};
use super::out::Out;
use super::world::{Network, World};
use crate::execute::{plan_of, published_by_others};
use crate::observe::{Depth, Observed, observe};
use crate::plan::progress;
use crate::render::{json, status};

pub(super) async fn run(
    args: &Status,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let world = World::new(common, environment, Network::Online, out)?;
    let order = world.order(&args.subject, Depth::Plan)?;
    let Observed { manifest, facts, .. } = observe(&world.eyes(), &order).await?;
    let paint = out.paint();
    if let Some((version, tag, commit)) = published_by_others(&manifest, &facts) {
        out.result(&format!(
            "{version} is out, {tag} at {}; tminus has no record of it",
            commit.short()
        ));
        return Ok(Exit::Go);
    }
    let plan = match plan_of(&manifest, &facts) {
        Ok(plan) => plan,
        Err(none) => {
            out.error(&no_plan(&none, &facts, paint));
            return Ok(none.ruling().verdict().into());
        }
    };
    match progress(&plan, &facts) {
        Ok(progress) if args.format == Format::Json => {
            let document = json::plan(&plan, &progress, None, world.cost());
            out.result(&serde_json::to_string_pretty(&document)?);
            Ok(Exit::Go)
        }
        Ok(progress) => {
            out.result(&status::status(&plan, &progress, &facts, paint));
            Ok(Exit::Go)
        }
        Err(found) => {
            out.error(&conflicts(&found, &facts, paint));
            Ok(Exit::NoGo)
        }
    }
}
