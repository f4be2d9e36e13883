//! Reserves an environment for the release, and creates its deployment.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::execute::environment::{begin, busy_until, write_record};
use crate::planner::steps::Entering;
use crate::ports::PortError;
use crate::release::environment::{Entry, State};
use async_trait::async_trait;

pub(super) struct Enter;

#[async_trait(?Send)]
impl Perform for Enter {
    const NAME: &'static str = "enter";
    type Arguments = Entering;

    async fn perform(entering: Entering, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let StepContext { write_ports, plan, facts, .. } = act;
        let name = &entering.environment;
        let digest = plan.digest();
        let now = match facts.time.known() {
            Ok(now) => *now,
            Err(unseen) => {
                let (what, why) = ("the time".into(), unseen.why.clone());
                return Err(Failed::NotDone(PortError::NoAnswer { what, why }));
            }
        };
        let stage = plan.stages.iter().find(|stage| stage.name == entering.stage);
        let entry = Entry {
            version: plan.version.clone(),
            tag: plan.tag.clone(),
            commit: plan.commit.clone(),
            plan: digest.clone(),
            stage: entering.stage.clone(),
            at: now,
            by: write_ports.runner.me().name,
            state: State::Entering,
            busy_until: busy_until(stage, now),
            verified: None,
            back_from: None,
        };
        write_record(write_ports, name, facts, |record| match record.of(&digest) {
            Some(_) => record.clone(),
            None => record.enter(entry),
        })
        .await?;
        begin(write_ports, name, facts, entering.url.as_deref()).await?;
        Ok(StepResult::by(EvidenceSource::ByAnswer))
    }
}
