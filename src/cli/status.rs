//! `tminus status`: where a release stands.

use super::args::{Common, Status, StatusFormat};
use super::environment::Environment;
use super::exit::Exit;
use super::flight::{Looked, look};
use super::out::Out;
use crate::execute::published_by_others;
use crate::render::{Ending, Report, json, markdown, status};

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
        StatusFormat::Text => status::status(&plan, &progress, facts, out.paint()),
        StatusFormat::Json => {
            serde_json::to_string_pretty(&json::plan(&plan, &progress, None, world.cost()))?
        }
        StatusFormat::Markdown => {
            let pages = world.pages();
            let said = status::state(&plan, &progress, facts.ledger.known().ok());
            let report = Report {
                facts,
                target: None,
                poll: None,
                plan: Some((&plan, &progress)),
                trouble: Vec::new(),
                ending: Ending { word: "status", said },
                pages: &pages,
            };
            markdown::markdown(&report, markdown::MOST_SUMMARY)
        }
    });
    Ok(Exit::Go)
}
