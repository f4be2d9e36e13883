//! Uploads one file to the draft.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::observe::{Answered, apply_response};
use crate::planner::steps::Sent;
use async_trait::async_trait;

pub(super) struct Upload;

#[async_trait(?Send)]
impl Perform for Upload {
    const NAME: &'static str = "upload";
    type Arguments = Sent;

    async fn perform(sent: Sent, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let draft = act.draft()?;
        let release = draft.id;
        let asset = act.write_ports.forge_write()?.upload(draft, &sent.asset).await?;
        apply_response(Answered::Asset { release, asset }, act.facts);
        Ok(StepResult::by(EvidenceSource::ByAnswer))
    }
}
