//! Records that the release is in its environment.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::execute::environment::complete;
use crate::planner::steps::Deploying;
use async_trait::async_trait;

pub(super) struct Deployed;

#[async_trait(?Send)]
impl Perform for Deployed {
    const NAME: &'static str = "deployed";
    type Arguments = Deploying;

    async fn perform(deploying: Deploying, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let StepContext { write_ports, plan, facts, .. } = act;
        let (name, url) = (&deploying.environment, deploying.url.as_deref());
        complete(write_ports, name, facts, &plan.digest(), url).await?;
        Ok(StepResult::by(EvidenceSource::ByAnswer))
    }
}
