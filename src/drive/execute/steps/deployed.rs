//! Records that the release stands in its environment.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::execute::environment::{retire, show, write_record};
use crate::facts::environment::DeploymentState;
use crate::planner::steps::Deploying;
use crate::release::environment::State;
use async_trait::async_trait;

pub(super) struct Deployed;

#[async_trait(?Send)]
impl Perform for Deployed {
    const NAME: &'static str = "deployed";
    type Arguments = Deploying;

    async fn perform(deploying: Deploying, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let StepContext { write_ports, plan, facts, .. } = act;
        let digest = plan.digest();
        let (name, url) = (&deploying.environment, deploying.url.as_deref());
        // The forge first: once the record says so, nothing is looked at again.
        show(write_ports, name, facts, DeploymentState::Success, url).await?;
        retire(write_ports, name, facts).await?;
        write_record(write_ports, name, facts, |record| {
            record.changed(&digest, |entry| {
                entry.state = State::Deployed;
                entry.busy_until = None;
            })
        })
        .await?;
        Ok(StepResult::by(EvidenceSource::ByAnswer))
    }
}
