//! `tminus status`: where a release stands.

use super::args::{Common, Format, Status};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{Looked, look};
use super::out::Out;
use crate::cost::costs;
use crate::execute::published_by_others;
use crate::render::{json, status};

pub(super) async fn run(
    args: &Status,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let looked = look(common, environment, &args.subject, out).await?;
    let Looked { world, manifest, facts } = &looked;
    if let Some((version, tag, commit)) = published_by_others(manifest, facts) {
        let at = commit.short();
        out.result(&format!("{version} is out, {tag} at {at}; tminus has no record of it"));
        return Ok(Exit::Go);
    }
    let (plan, progress) = match looked.plan(out) {
        Ok(both) => both,
        Err(exit) => return Ok(exit),
    };
    out.result(&match args.format {
        Format::Text => status::status(&plan, &progress, facts, out.paint()),
        Format::Json => {
            let costs = costs(&plan, &progress, facts, manifest.forge);
            let document = json::plan(&plan, &progress, &costs, None, &world.stats());
            serde_json::to_string_pretty(&document)?
        }
    });
    Ok(Exit::Go)
}
