//! A command of the user.

use super::judged::Judged;
use crate::drive::observe::environment;
use crate::ports::{PortError, ReadPorts};
use crate::release::plan::Plan;
use crate::release::sample::{RunSample, SampleResult};

pub(super) async fn take(
    read_ports: &ReadPorts<'_>,
    plan: &Plan,
    sample: &RunSample,
) -> Result<Judged, PortError> {
    let ended = read_ports.prober.probe(&sample.command, &environment(plan)).await?;
    // Its output is not recorded, because it may contain secrets and the record is public.
    Ok(match ended.code {
        Some(0) => (SampleResult::Success, "exited with 0".into()),
        Some(1) => (SampleResult::Failure, "exited with 1".into()),
        Some(2) => (SampleResult::Inconclusive, "exited with 2".into()),
        Some(code) => (SampleResult::Error, format!("exited with {code}")),
        None => (SampleResult::Error, "was killed or timed out".into()),
    })
}
