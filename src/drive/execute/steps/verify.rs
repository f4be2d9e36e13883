//! Verification is not performed: the executor takes samples while the step is held.

use super::perform::{Failed, Perform, StepContext, StepResult};
use crate::planner::steps::Verifying;
use crate::ports::PortError;
use async_trait::async_trait;

pub(super) struct Verify;

#[async_trait(?Send)]
impl Perform for Verify {
    const NAME: &'static str = "verify";
    type Arguments = Verifying;

    async fn perform(_: Verifying, _: StepContext<'_>) -> Result<StepResult, Failed> {
        let why = "samples decide it".into();
        Err(Failed::NotDone(PortError::Refused { what: "verify".into(), why }))
    }
}
