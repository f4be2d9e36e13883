//! `tminus hold` and `tminus lift`: stop a release, or every release, for a while.

use super::command::{Call, Done, OnSignal, Run};
use super::statement::{RepositorySpeaker, Speaker, StatementOptions, may_have};
use super::values::{moment, stage};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, StageName};
use crate::judge::people::{Statements, repository_holds};
use crate::release::statement::{RepositoryWord, Says};
use async_trait::async_trait;
use clap::Args;
use jiff::Timestamp;

/// Put a release, one of its stages, or every release in the repository on hold.
#[derive(Debug, Args)]
pub(super) struct Hold {
    /// Put only this stage on hold.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    stage: Option<StageName>,
    /// Put every release in the repository on hold.
    #[arg(long, conflicts_with = "stage")]
    repository: bool,
    /// The reason for the hold.
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
    /// Lift the holds on the whole repository.
    #[arg(long, conflicts_with = "stage")]
    repository: bool,
    #[command(flatten)]
    options: StatementOptions,
}

#[async_trait(?Send)]
impl Run for Hold {
    async fn run(&self, call: Call<'_>) -> Done {
        if self.repository {
            let (reason, until) = (self.reason.clone(), self.until);
            let says = RepositoryWord::Hold { reason, until };
            let propose = |_: &RepositorySpeaker<'_>| Ok(says.clone());
            return self.options.make_of_repository("hold", call, propose).await;
        }
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
        if self.repository {
            return self.options.make_of_repository("lift", call, lift_of_repository).await;
        }
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
            return Err(not_theirs(&hold.by.statement.by));
        }
        Ok(Says::Lift { stage: self.stage.clone() })
    }
}

fn lift_of_repository(speaker: &RepositorySpeaker<'_>) -> Result<RepositoryWord, Box<Finding>> {
    let RepositorySpeaker { manifest, holds, by, now } = speaker;
    let standing = repository_holds(holds, &manifest.roles, *now);
    let Some(first) = standing.first() else {
        let finding = Finding::new("the repository is not on hold");
        return Err(Box::new(finding.who(Who::Operator)));
    };
    let own = standing.iter().any(|hold| hold.by == by);
    if !own && !manifest.roles.iter().any(|role| may_have(role, by)) {
        return Err(not_theirs(first.by));
    }
    Ok(RepositoryWord::Lift)
}

fn not_theirs(by: &Person) -> Box<Finding> {
    let message = format!("only {by} or a member of a role can lift the hold");
    Box::new(Finding::new(message).people([by.to_string()]))
}
