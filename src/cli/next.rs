//! `tminus next`: what blocks a release.

use super::command::{Call, Done, Run};
use super::format::statement_formats;
use super::looked::{ObservedRelease, look};
use super::options::Subject;
use super::world::Network;
use crate::planner::blockers::blockers;
use crate::release::outcome::{Exit, Outcome};
use crate::report::formats::{Format, Media, Reader};
use crate::report::{Ending, next};
use async_trait::async_trait;
use clap::Args;

/// Show what blocks the release, who can resolve it, and how.
#[derive(Debug, Args)]
pub(super) struct Next {
    /// Which commit.
    #[command(flatten)]
    subject: Subject,
    /// Output format.
    #[arg(long, value_parser = statement_formats(), default_value = "text")]
    format: Format,
}

#[async_trait(?Send)]
impl Run for Next {
    async fn run(&self, call: Call<'_>) -> Done {
        let show = async |looked: ObservedRelease<'_>| self.show(&looked, call);
        look("next", call, Network::Online, &self.subject, show).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }
}

impl Next {
    fn show(&self, looked: &ObservedRelease<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let (case, facts, out) = (looked.case(), &looked.facts, call.out);
        let (plan, progress) = match looked.outlined() {
            Ok(both) => both,
            Err(none) => {
                none.tell(facts, out);
                return Ok(none.outcome().exit());
            }
        };
        let found = blockers(&case, &plan, &progress);
        let verdict = found.all.iter().map(|blocker| blocker.verdict).max();
        if self.format.media == Media::Json {
            out.result(&format!("{:#}", next::document(&plan, &found)));
            return Ok(verdict.map_or(Exit::Go, |verdict| verdict.outcome().exit()));
        }
        out.detail(&next::text(&plan, &found, facts, out.paint()));
        let ending = match (&found.stage, verdict) {
            (None, _) => Ending::new(Outcome::Released, plan.tag.to_string()),
            (Some(stage), None) => {
                let said = format!("run `tminus release` to enter or continue stage `{stage}`");
                Ending::new(Outcome::Go, said)
            }
            (Some(_), Some(verdict)) => {
                let said = match found.all.len() {
                    1 => "1 reason".to_owned(),
                    n => format!("{n} reasons"),
                };
                Ending::new(verdict.outcome(), said)
            }
        };
        out.result(&ending.line(out.paint()));
        Ok(ending.outcome.exit())
    }
}
