//! `tminus done`: mark a task as done.

use super::command::{Call, Done, OnSignal, Run};
use super::statement::{Proposed, Speaker, StatementOptions, unknown};
use super::values::item;
use crate::base::finding::{Finding, Who};
use crate::base::names::ItemId;
use crate::project::manifest::TaskProof;
use crate::release::statement::Says;
use async_trait::async_trait;
use clap::Args;

/// Mark a task of the release as done.
#[derive(Debug, Args)]
pub(super) struct DoneTask {
    /// The ID of the task in the manifest.
    #[arg(value_name = "TASK", value_parser = item)]
    task: ItemId,
    #[command(flatten)]
    options: StatementOptions,
}

#[async_trait(?Send)]
impl Run for DoneTask {
    async fn run(&self, call: Call<'_>) -> Done {
        self.options.make("done", call, |speaker| self.propose(speaker)).await
    }

    fn on_signal(&self) -> OnSignal {
        OnSignal::Report
    }
}

impl DoneTask {
    fn propose(&self, speaker: &Speaker<'_>) -> Proposed {
        let tasks = &speaker.manifest().tasks;
        let Some(task) = tasks.iter().find(|task| task.id.value == self.task) else {
            let known = tasks.iter().map(|task| task.id.value.as_str());
            return Err(unknown("task", self.task.as_str(), known));
        };
        match &task.proof {
            TaskProof::Role(role) => speaker.must_have(role)?,
            TaskProof::Check(check) => {
                let message = format!("the check `{check}` shows whether this task is done");
                return Err(Box::new(Finding::new(message).who(Who::Nobody)));
            }
        }
        Ok(Says::Done { task: self.task.clone() })
    }
}
