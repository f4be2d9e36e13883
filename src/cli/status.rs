//! `tminus status`: where a release stands.

use super::args::{Common, Status, StatusFormat};
use super::deliver::workflow;
use super::environment::Environment;
use super::exit::Exit;
use super::looked::{Looked, look};
use super::out::Out;
use crate::drive::execute::out_by_others;
use crate::judge::target;
use crate::planner::cost::costs;
use crate::release::outcome::Outcome;
use crate::report::{Ending, Report, clean, json, markdown, status};

pub(super) async fn run(
    args: &Status,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let looked = look("status", common, environment, &args.subject, out).await?;
    let Looked { world, manifest, facts } = &looked;
    let (target, pages) = (target::of(manifest, facts).ok(), world.pages());
    let told = |report: &Report<'_>| {
        if args.format == StatusFormat::Github {
            workflow(report, None, None, environment, out);
        }
    };
    let plain = |ending, trouble| Report {
        facts,
        target: target.as_ref(),
        poll: None,
        plan: None,
        trouble,
        ending,
        pages: &pages,
    };
    if let Some((version, tag, commit)) = out_by_others(manifest, facts) {
        let said =
            format!("{version} is out, {tag} at {}; tminus has no record of it", commit.short());
        let said = clean(&said).into_owned();
        out.result(&said);
        told(&plain(Ending { outcome: Outcome::Released, said }, Vec::new()));
        return Ok(Exit::Go);
    }
    let (plan, progress) = match looked.planned() {
        Ok(both) => both,
        Err(none) => {
            none.tell(facts, out);
            let outcome = none.outcome();
            told(&plain(Ending { outcome, said: String::new() }, none.trouble()));
            return Ok(outcome.exit());
        }
    };
    let ending = status::state(&plan, &progress, facts.ledger.known().ok());
    let report = Report { plan: Some((&plan, &progress)), ..plain(ending, Vec::new()) };
    match args.format {
        StatusFormat::Text | StatusFormat::Github => {
            out.result(&status::status(&plan, &progress, facts, out.paint()));
        }
        StatusFormat::Json => {
            let costs = costs(&plan, &progress, facts, manifest.forge);
            let (word, stats) = (report.ending.outcome, world.stats());
            let document = json::plan(&plan, &progress, &costs, None, word, &stats);
            out.json(&serde_json::to_string_pretty(&document)?);
        }
        StatusFormat::Markdown => {
            out.document(&markdown::markdown(&report, markdown::MAX_SUMMARY));
        }
    }
    told(&report);
    Ok(report.ending.outcome.exit_of_status())
}
