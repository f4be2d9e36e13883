//! `tminus approve`: say that a stage may be entered.

use super::command::{Call, Done, OnSignal, Run};
use super::statement::{Proposed, Speaker, StatementOptions};
use super::values::{role, stage};
use crate::base::names::{RoleName, StageName};
use crate::judge::gates::stage_to_approve;
use crate::release::statement::Says;
use async_trait::async_trait;
use clap::Args;

/// Approve the release, as a member of a role.
#[derive(Debug, Args)]
pub(super) struct Approve {
    /// The role to approve as [default: all of your roles].
    #[arg(value_name = "ROLE", value_parser = role)]
    role: Option<RoleName>,
    /// The stage to approve [default: the next one that waits for approvals].
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    stage: Option<StageName>,
    #[command(flatten)]
    options: StatementOptions,
}

#[async_trait(?Send)]
impl Run for Approve {
    async fn run(&self, call: Call<'_>) -> Done {
        self.options.make("approve", call, |speaker| self.propose(speaker)).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

impl Approve {
    fn propose(&self, speaker: &Speaker<'_>) -> Proposed {
        match &self.role {
            Some(role) => speaker.must_have(role)?,
            None => speaker.must_have_a_role()?,
        }
        if let Some(stage) = &self.stage {
            speaker.must_exist(stage)?;
        }
        let next = || stage_to_approve(speaker.case, speaker.next.as_ref());
        let stage = self.stage.clone().or_else(next);
        Ok(Says::Approve { role: self.role.clone(), stage })
    }
}
