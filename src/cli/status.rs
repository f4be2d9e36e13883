//! `tminus status`: where a release stands.

use super::command::{Call, Done, Run};
use super::deliver::{print, workflow};
use super::exit::Exit;
use super::format::printed;
use super::listener::Listener;
use super::looked::{Looked, look};
use super::options::Subject;
use crate::drive::execute::out_by_others;
use crate::planner::cost::costs;
use crate::release::outcome::Outcome;
use crate::report::formats::{Format, Kind, Shown};
use crate::report::{Ending, Report, clean, json, status};
use async_trait::async_trait;
use clap::Args;

/// Show how far a release has come.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// Output format.
    #[arg(long, value_parser = printed(Kind::Status), default_value = "text")]
    format: Format,
}

#[async_trait(?Send)]
impl Run for Status {
    async fn run(&self, call: Call<'_>) -> Done {
        let show = async |looked: Looked<'_>| self.show(&looked, call);
        look("status", call, &self.subject, show).await
    }

    fn listener(&self) -> Listener {
        self.format.reader
    }
}

impl Status {
    fn show(&self, looked: &Looked<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        let Looked { world, manifest, facts } = looked;
        let (case, pages) = (looked.case(), world.pages());
        let plain = |ending, trouble| Report {
            facts,
            target: case.target().ok(),
            poll: None,
            plan: None,
            trouble,
            ending,
            pages: &pages,
        };
        let told = |shown: &Shown<'_>| {
            match self.format.reader {
                Listener::Person => {}
                Listener::Program => print(shown, self.format, out)?,
                Listener::Runner => workflow(shown.report, None, None, environment, out),
            }
            anyhow::Ok(())
        };
        let live = self.format.reader != Listener::Program;
        if let Some((version, tag, commit)) = out_by_others(&case) {
            let at = commit.short();
            let said = format!("{version} is released, {tag} at {at}; tminus has no record of it");
            let said = clean(&said).into_owned();
            if live {
                out.result(&said);
            }
            let json = json::nothing(&version, &tag, &commit, Outcome::Released);
            let report = plain(Ending { outcome: Outcome::Released, said }, Vec::new());
            let text = |_| format!("{}\n", report.ending.said);
            told(&Shown { report: &report, json, text: &text })?;
            return Ok(report.ending.outcome.exit_of_status());
        }
        let (plan, progress) = match looked.planned() {
            Ok(both) => both,
            Err(none) => {
                none.tell(facts, out);
                let exit = none.outcome().exit();
                let ending = Ending { outcome: none.outcome(), said: String::new() };
                let report = plain(ending, none.trouble());
                let json = json::flight(&report, exit.code(), &world.stats());
                told(&Shown { report: &report, json, text: &|_| String::new() })?;
                return Ok(exit);
            }
        };
        let ending = status::state(&plan, &progress, facts.ledger.known().ok());
        let report = Report { plan: Some((&plan, &progress)), ..plain(ending, Vec::new()) };
        let text = |paint| status::status(&plan, &progress, facts, paint);
        if live {
            out.result(&text(out.paint()));
        }
        let (costs, outcome) =
            (costs(&plan, &progress, facts, manifest.forge), report.ending.outcome);
        let json = json::plan(&plan, &progress, &costs, None, outcome, &world.stats());
        told(&Shown { report: &report, json, text: &text })?;
        Ok(outcome.exit_of_status())
    }
}
