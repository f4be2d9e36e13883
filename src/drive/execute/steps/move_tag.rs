//! Moves a tag in the remote, if it still is where it was last seen.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::judge::moving::Moving;
use crate::ports::{PortError, TagMove};
use async_trait::async_trait;

pub(super) struct MoveTag;

#[async_trait(?Send)]
impl Perform for MoveTag {
    const NAME: &'static str = "move-tag";
    type Arguments = Moving;

    async fn perform(moving: Moving, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let seen = act.facts.moving.known().ok().and_then(|known| known.get(&moving.tag));
        let what = || format!("move tag {}", moving.tag);
        let now = seen.ok_or_else(|| PortError::NoAnswer {
            what: what(),
            why: "where it is now was not read".into(),
        })?;
        let order = TagMove {
            from: now.at.as_ref().map(|at| at.object.clone()),
            to: act.permit.commit().clone(),
            tag: moving.tag,
        };
        act.write_ports.remote.move_tag(&order).await?;
        Ok(StepResult::by(EvidenceSource::ByLook))
    }
}
