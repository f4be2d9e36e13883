//! `tminus status`: the state of a release.

use super::command::{Call, Done, Run};
use super::deliver::workflow;
use super::exit::Exit;
use super::format::StatusFormat;
use super::listener::Listener;
use super::looked::{Looked, look};
use super::options::Subject;
use crate::drive::execute::out_by_others;
use crate::planner::cost::costs;
use crate::release::outcome::Outcome;
use crate::report::{Ending, Report, clean, json, markdown, status};
use async_trait::async_trait;
use clap::Args;

/// Show the progress of a release.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: StatusFormat,
}

#[async_trait(?Send)]
impl Run for Status {
    async fn run(&self, call: Call<'_>) -> Done {
        let show = async |looked: Looked<'_>| self.show(&looked, call);
        look("status", call, &self.subject, show).await
    }

    fn listener(&self) -> Listener {
        self.format.into()
    }
}

impl Status {
    fn show(&self, looked: &Looked<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        let Looked { world, manifest, facts } = looked;
        let (case, pages) = (looked.case(), world.pages());
        let told = |report: &Report<'_>| {
            if self.format == StatusFormat::Github {
                workflow(report, None, None, environment, out);
            }
        };
        let plain = |ending, trouble| Report {
            facts,
            target: case.target().ok(),
            poll: None,
            plan: None,
            trouble,
            ending,
            pages: &pages,
        };
        if let Some((version, tag, commit)) = out_by_others(&case) {
            let said = format!(
                "{version} is released, {tag} at {}; tminus has no record of it",
                commit.short()
            );
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
        match self.format {
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
}
