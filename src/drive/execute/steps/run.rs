//! Runs a command of the user.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::observe::environment;
use crate::ports::PortError;
use crate::release::step::Command;
use async_trait::async_trait;
use std::time::Duration;

pub(super) struct Run;

#[async_trait(?Send)]
impl Perform for Run {
    const NAME: &'static str = "run";
    type Arguments = Command;

    async fn perform(run: Command, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let timeout = Duration::from_secs(run.timeout_seconds);
        let ended = act.write_ports.runner.run(&run.command, &environment(act.plan), timeout).await;
        let ended = ended.map_err(|error| match error {
            PortError::Refused { .. } => Failed::NotDone(error),
            PortError::NoAnswer { .. }
            | PortError::Damaged { .. }
            | PortError::Limited { .. }
            | PortError::Denied { .. }
            | PortError::Behind { .. } => Failed::MaybeDone(error),
        })?;
        // Its output was shown. It is not recorded, because it may contain secrets and the ledger
        // is public.
        let why = match ended.code {
            Some(0) if run.probe.is_some() => return Ok(StepResult::by(EvidenceSource::ByLook)),
            // The result cannot be checked later: the exit code is the evidence.
            Some(0) => {
                let evident = EvidenceSource::Recorded("exited with 0".into());
                return Ok(StepResult::by(evident));
            }
            Some(code) => format!("exited with {code}"),
            None => "was killed or timed out".into(),
        };
        // A failed command may still have taken effect.
        Err(Failed::MaybeDone(PortError::Refused { what: format!("`{}`", run.name), why }))
    }
}
