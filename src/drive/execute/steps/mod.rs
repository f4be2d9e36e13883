//! How each kind of step is performed: one file for each kind, with the same name as in the
//! planner.

mod perform;
mod draft_release;
mod upload;
mod tag;
mod publish_release;
mod move_tag;
mod run;
mod enter;
mod deployed;
mod verify;
mod registry;

pub(super) use perform::{EvidenceSource, Failed, StepContext, StepResult};
pub(super) use registry::perform;
