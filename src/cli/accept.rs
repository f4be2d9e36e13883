//! `tminus accept` and `tminus reject`: accept or reject a scenario.

use super::command::{Call, Done, OnSignal, Run};
use super::statement::{Speaker, StatementOptions, unknown};
use super::values::item;
use crate::base::finding::{Finding, Who};
use crate::base::names::ItemId;
use crate::judge::gates::acceptance;
use crate::release::statement::Says;
use async_trait::async_trait;
use clap::Args;

/// Accept a scenario of the release, as a tester.
#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The ID of the scenario in the manifest.
    #[arg(value_name = "SCENARIO", value_parser = item)]
    scenario: ItemId,
    #[command(flatten)]
    options: StatementOptions,
}

/// Reject a scenario of the release, as a tester; the release stops.
#[derive(Debug, Args)]
pub(super) struct Reject {
    /// The ID of the scenario in the manifest.
    #[arg(value_name = "SCENARIO", value_parser = item)]
    scenario: ItemId,
    /// What does not work.
    #[arg(short, long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    options: StatementOptions,
}

#[async_trait(?Send)]
impl Run for Accept {
    async fn run(&self, call: Call<'_>) -> Done {
        let scenario = self.scenario.clone();
        let propose = |speaker: &Speaker<'_>| {
            known(speaker, &scenario).map(|()| Says::Accept { scenario: scenario.clone() })
        };
        self.options.make("accept", call, propose).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

#[async_trait(?Send)]
impl Run for Reject {
    async fn run(&self, call: Call<'_>) -> Done {
        let (scenario, reason) = (self.scenario.clone(), self.reason.clone());
        let propose = |speaker: &Speaker<'_>| {
            let rejects = Says::Reject { scenario: scenario.clone(), reason: reason.clone() };
            known(speaker, &scenario).map(|()| rejects)
        };
        self.options.make("reject", call, propose).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

/// Rejects a scenario that the manifest does not have, and people who are not testers.
fn known(speaker: &Speaker<'_>, scenario: &ItemId) -> Result<(), Box<Finding>> {
    let Some((role, scenarios)) = acceptance(speaker.manifest()) else {
        let finding = Finding::new("the manifest has no scenarios to accept")
            .help("add the gate `accepted` to it")
            .who(Who::Author);
        return Err(Box::new(finding));
    };
    if !scenarios.contains(scenario) {
        let known = scenarios.iter().map(ItemId::as_str);
        return Err(unknown("scenario", scenario.as_str(), known));
    }
    speaker.must_have(&role)
}
