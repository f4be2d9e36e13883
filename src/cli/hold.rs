//! `tminus hold` and `tminus lift`: stop a release for a while.

use super::command::{Call, Done, OnSignal, Run};
use super::statement::{Speaker, StatementOptions};
use super::values::{moment, stage};
use crate::base::finding::{Finding, Who};
use crate::base::names::StageName;
use crate::judge::people::Statements;
use crate::release::statement::Says;
use async_trait::async_trait;
use clap::Args;
use jiff::Timestamp;

/// Put the release, or one stage of it, on hold.
#[derive(Debug, Args)]
pub(super) struct Hold {
    /// Put only this stage on hold.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    stage: Option<StageName>,
    /// Why the release is put on hold.
    #[arg(short, long, value_name = "TEXT")]
    reason: String,
    /// When the hold ends automatically, such as `2026-12-24T10:00:00Z`.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
    #[command(flatten)]
    options: StatementOptions,
}

/// Lift a hold that you set, or any hold if you have a role.
#[derive(Debug, Args)]
pub(super) struct Lift {
    /// Lift the hold on this stage [default: the hold on the whole release].
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    stage: Option<StageName>,
    #[command(flatten)]
    options: StatementOptions,
}

#[async_trait(?Send)]
impl Run for Hold {
    async fn run(&self, call: Call<'_>) -> Done {
        let propose = |speaker: &Speaker<'_>| {
            if let Some(stage) = &self.stage {
                speaker.must_exist(stage)?;
            }
            let (stage, reason) = (self.stage.clone(), self.reason.clone());
            Ok(Says::Hold { stage, reason, until: self.until })
        };
        self.options.make("hold", call, propose).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

#[async_trait(?Send)]
impl Run for Lift {
    async fn run(&self, call: Call<'_>) -> Done {
        self.options.make("lift", call, |speaker| self.propose(speaker)).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

impl Lift {
    fn propose(&self, speaker: &Speaker<'_>) -> Result<Says, Box<Finding>> {
        let roles = &speaker.manifest().roles;
        let now = speaker.case.facts.at;
        let statements = Statements::new(speaker.case).ok().flatten();
        let holds = statements.map(|said| said.holds(roles, now)).unwrap_or_default();
        let mut holds = holds.into_iter().filter(|hold| hold.stage == self.stage.as_ref());
        let Some(hold) = holds.next() else {
            let what = self.stage.as_ref().map_or_else(
                || "the release is not on hold".to_owned(),
                |stage| format!("the stage `{stage}` is not on hold"),
            );
            return Err(Box::new(Finding::new(what).who(Who::Operator)));
        };
        if hold.by.statement.by != speaker.by && !roles.iter().any(|role| speaker.may_have(role)) {
            let by = &hold.by.statement.by;
            let message = format!("only {by}, or a member of a role, can lift the hold");
            return Err(Box::new(Finding::new(message).people([by.to_string()])));
        }
        Ok(Says::Lift { stage: self.stage.clone() })
    }
}
