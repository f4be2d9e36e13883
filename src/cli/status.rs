//! `tminus status`: the state of a release.

use super::command::{Call, Done, Run};
use super::deliver::{print, show};
use super::format::printed;
use super::looked::{MissingPlan, ObservedRelease, look};
use super::options::Subject;
use super::world::Network;
use crate::drive::execute::{no_record, released_without_tminus};
use crate::drive::observe::all_environments;
use crate::facts::Unseen;
use crate::judge::target::NoTarget;
use crate::planner::blockers::blockers;
use crate::planner::cost::costs;
use crate::release::outcome::{Exit, Outcome};
use crate::release::signature::LedgerProof;
use crate::report::audit::Audited;
use crate::report::formats::{Format, Media, Reader};
use crate::report::{Ending, Kind, NothingToDo, Report, clean, environments, json, status};
use async_trait::async_trait;
use clap::Args;

/// Show the progress of a release.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// The commit to use.
    #[command(flatten)]
    subject: Subject,
    /// Show what is deployed to each environment instead.
    #[arg(long)]
    environments: bool,
    /// Verify the ledger: its chain, plan, leases and signatures, and that each recorded step is
    /// actually done.
    #[arg(long, conflicts_with = "environments")]
    verify: bool,
    /// Output format.
    #[arg(long, value_parser = printed(Kind::Status), default_value = "text")]
    format: Format,
}

#[async_trait(?Send)]
impl Run for Status {
    async fn run(&self, call: Call<'_>) -> Done {
        let show = async |mut looked: ObservedRelease<'_>| {
            if self.verify {
                return self.show_verified(&looked, call).await;
            }
            if self.environments {
                let ports = looked.world.read_ports();
                all_environments(&ports, &looked.manifest, &mut looked.facts).await;
                return self.show_environments(&looked, call);
            }
            self.show(&looked, call)
        };
        look("status", call, Network::Online, (&self.subject, None), show).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }
}

impl Status {
    /// Shows what is in each environment. Drift is shown, and does not change the exit code.
    fn show_environments(
        &self,
        looked: &ObservedRelease<'_>,
        call: Call<'_>,
    ) -> anyhow::Result<Exit> {
        let (facts, out) = (&looked.facts, call.out);
        match self.format.reader {
            Reader::Program => {
                let all = environments::document(facts);
                let document = serde_json::json!({ "format": json::FORMAT, "environments": all });
                print(self.format.media, &format!("{document:#}\n"), out);
            }
            Reader::Person | Reader::Runner => {
                out.result(environments::text(facts, out.paint()).trim_end());
            }
        }
        let unseen = facts.environments.values().any(|state| state.record.known().is_err());
        Ok(if unseen { Exit::Unknown } else { Exit::Go })
    }

    /// Verifies the ledger.
    async fn show_verified(
        &self,
        looked: &ObservedRelease<'_>,
        call: Call<'_>,
    ) -> anyhow::Result<Exit> {
        let (facts, case) = (&looked.facts, looked.case());
        let none = |none: NoTarget| {
            let none = MissingPlan::NoTarget(none);
            none.tell(facts, call.out);
            let (pages, ending) = (looked.world.pages(), Ending::new(none.outcome(), ""));
            let report = Report {
                trouble: none.trouble(),
                stats: looked.world.stats(),
                ..Report::new(Kind::Status, &case, &pages, ending)
            };
            show(&report, self.format, &[], call.environment, call.out)?;
            Ok(none.outcome().exit())
        };
        let tag = match case.target() {
            Ok(target) => &target.tag,
            Err(why) => return none(why.clone()),
        };
        let ledger = match facts.ledger.known() {
            Ok(ledger) => ledger,
            Err(unseen) => return none(no_record(unseen)),
        };
        let proof = match looked.world.remote() {
            Some(remote) => remote.proof(tag, ledger).await,
            None => Ok(LedgerProof::default()),
        };
        let proof = match proof {
            Ok(proof) => proof,
            Err(error) => {
                let (why, help, who) = (error.why(), error.help(), error.who());
                return none(no_record(&Unseen { why, help, who }));
            }
        };
        let audited = Audited::new(tag, ledger, facts, &proof);
        match self.format.media {
            Media::Json => {
                print(self.format.media, &format!("{:#}\n", audited.document()), call.out);
            }
            Media::Text | Media::Document | Media::Xml => {
                call.out.result(audited.text(call.out.paint()).trim_end());
            }
        }
        Ok(audited.outcome().exit())
    }

    fn show(&self, looked: &ObservedRelease<'_>, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { environment, out, .. } = call;
        let ObservedRelease { world, manifest, facts } = looked;
        let (case, pages) = (looked.case(), world.pages());
        let report = |ending| Report {
            stats: world.stats(),
            ..Report::new(Kind::Status, &case, &pages, ending)
        };
        let shown = |report: Report<'_>| show(&report, self.format, &[], environment, out);
        if let Some((version, tag, commit)) = released_without_tminus(&case) {
            let said = format!("{version} is released, {tag} at {}", commit.short());
            let said = format!("{said}; tminus has no ledger for it");
            let ending = Ending::new(Outcome::Released, clean(&said));
            let idle = Some(NothingToDo::Out { version, tag, commit });
            shown(Report { idle, ..report(ending) })?;
            return Ok(Outcome::Released.exit_of_status());
        }
        let (plan, progress) = match looked.outlined() {
            Ok(both) => both,
            Err(none) => {
                none.tell(facts, out);
                let ending = Ending::new(none.outcome(), "");
                shown(Report { trouble: none.trouble(), ..report(ending) })?;
                return Ok(none.outcome().exit());
            }
        };
        let ending = status::state(&plan, &progress, facts.ledger.known().ok());
        let outcome = ending.outcome;
        let costs = costs(&plan, &progress, facts, manifest);
        let over = matches!(outcome, Outcome::Released | Outcome::Aborted);
        let blockers = (!over).then(|| blockers(&case, &plan, &progress));
        shown(Report { plan: Some((&plan, &progress)), costs, blockers, ..report(ending) })?;
        Ok(outcome.exit_of_status())
    }
}
