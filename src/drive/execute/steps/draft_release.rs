//! Creates the draft.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::observe::{Answered, apply_response};
use crate::planner::steps::Draft;
use crate::ports::NewDraft;
use async_trait::async_trait;

pub(super) struct DraftRelease;

#[async_trait(?Send)]
impl Perform for DraftRelease {
    const NAME: &'static str = "draft-release";
    type Arguments = Draft;

    async fn perform(draft: Draft, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let body = format!("{}\n\n{}", draft.notes, act.plan.marker()).trim_start().to_owned();
        let (tag, commit) = (act.plan.tag.clone(), act.plan.commit.clone());
        let (title, prerelease) = (draft.title, draft.prerelease);
        let new = NewDraft { tag, commit, title, body, prerelease };
        let made = act.write_ports.forge_write()?.create_draft(&new).await?;
        let release = Some(made.id);
        apply_response(Answered::Draft(made), act.facts);
        Ok(StepResult { release, ..StepResult::by(EvidenceSource::ByAnswer) })
    }
}
