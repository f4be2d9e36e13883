//! Creates the tag in the remote.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::planner::steps::Tagged;
use crate::ports::NewTag;
use async_trait::async_trait;

pub(super) struct Tag;

#[async_trait(?Send)]
impl Perform for Tag {
    const NAME: &'static str = "tag";
    type Arguments = Tagged;

    async fn perform(tagged: Tagged, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let tag = NewTag {
            tag: act.plan.tag.clone(),
            commit: act.permit.commit().clone(),
            message: tagged.message,
            sign: tagged.sign,
            at: act.write_ports.clock.now(),
        };
        let object = Some(act.write_ports.remote.create_tag(&tag).await?);
        Ok(StepResult { object, ..StepResult::by(EvidenceSource::ByLook) })
    }
}
