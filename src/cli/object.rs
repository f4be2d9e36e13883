//! `tminus object`: object to a release, or withdraw the objection.

use super::command::{Call, Done, OnSignal, Run};
use super::statement::{Proposed, Speaker, StatementOptions};
use crate::release::statement::Says;
use async_trait::async_trait;
use clap::Args;

/// Object to the release; it stops until you withdraw the objection.
#[derive(Debug, Args)]
#[command(
    override_usage = "tminus object [OPTIONS] --reason <TEXT>\n       tminus object [OPTIONS] --withdraw"
)]
pub(super) struct Object {
    /// Why the release must stop; required unless you pass `--withdraw`.
    #[arg(short, long, value_name = "TEXT", required_unless_present = "withdraw")]
    reason: Option<String>,
    /// Withdraw your objection.
    #[arg(long, conflicts_with = "reason")]
    withdraw: bool,
    #[command(flatten)]
    options: StatementOptions,
}

#[async_trait(?Send)]
impl Run for Object {
    async fn run(&self, call: Call<'_>) -> Done {
        self.options.make("object", call, |speaker| self.propose(speaker)).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

impl Object {
    fn propose(&self, speaker: &Speaker<'_>) -> Proposed {
        speaker.must_have_a_role()?;
        Ok(match &self.reason {
            Some(reason) => Says::Object { reason: reason.clone() },
            None => Says::WithdrawObjection,
        })
    }
}
