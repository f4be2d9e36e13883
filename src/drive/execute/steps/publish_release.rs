//! Publishes the draft.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::planner::steps::Publish;
use crate::ports::Publication;
use async_trait::async_trait;

pub(super) struct PublishRelease;

#[async_trait(?Send)]
impl Perform for PublishRelease {
    const NAME: &'static str = "publish-release";
    type Arguments = Publish;

    async fn perform(publish: Publish, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let publication = Publication {
            release: act.draft()?.id,
            tag: act.plan.tag.clone(),
            commit: act.permit.commit().clone(),
            latest: publish.is_latest(act.plan, act.facts),
            prerelease: !act.plan.version.is_final(),
        };
        act.write_ports.forge_write()?.publish(&publication).await?;
        Ok(StepResult::by(EvidenceSource::ByLook))
    }
}
