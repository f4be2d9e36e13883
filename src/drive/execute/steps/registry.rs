//! The list of all kinds of steps that can be performed.

use super::deployed::Deployed;
use super::draft_release::DraftRelease;
use super::enter::Enter;
use super::move_tag::MoveTag;
use super::perform::{Failed, Performer, StepContext, StepResult, refused};
use super::publish_release::PublishRelease;
use super::run::Run;
use super::tag::Tag;
use super::upload::Upload;
use super::verify::Verify;
use crate::release::step::Step;

/// All implementations.
pub(super) static PERFORMERS: &[Performer] = &[
    Performer::of::<DraftRelease>(),
    Performer::of::<Upload>(),
    Performer::of::<Tag>(),
    Performer::of::<PublishRelease>(),
    Performer::of::<MoveTag>(),
    Performer::of::<Run>(),
    Performer::of::<Enter>(),
    Performer::of::<Deployed>(),
    Performer::of::<Verify>(),
];

/// Performs a step of any kind.
pub(in crate::drive::execute) async fn perform(
    step: &Step,
    act: StepContext<'_>,
) -> Result<StepResult, Failed> {
    match PERFORMERS.iter().find(|performer| performer.name == step.kind()) {
        Some(performer) => (performer.perform)(step, act).await,
        None => Err(refused(step, "this version of tminus does not support this step".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::PERFORMERS;
    use crate::planner::steps::STEPS;

    #[test]
    fn every_step_kind_that_can_be_planned_can_be_performed() {
        let planned: Vec<&str> = STEPS.iter().map(|kind| kind.name).collect();
        let performed: Vec<&str> = PERFORMERS.iter().map(|performer| performer.name).collect();
        assert_eq!(planned, performed);
    }
}
