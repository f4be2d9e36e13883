//! The status of a deployment that another system creates.

use super::judged::Judged;
use crate::facts::environment::{Deployment, DeploymentState};
use crate::ports::{PortError, ReadPorts};
use crate::release::plan::Plan;
use crate::release::sample::{DeploymentSample, SampleResult};

pub(super) async fn take(
    read_ports: &ReadPorts<'_>,
    plan: &Plan,
    sample: &DeploymentSample,
) -> Result<Judged, PortError> {
    let forge = match read_ports.forge {
        Ok(forge) => forge.deployments(),
        Err(why) => return Ok((SampleResult::Error, why.to_owned())),
    };
    let Some(forge) = forge else {
        return Ok((SampleResult::Error, "this forge has no deployments".into()));
    };
    let all = forge.deployments(&sample.environment).await?;
    let theirs = |one: &&Deployment| one.commit == plan.commit && one.mark.is_none();
    let Some(newest) = all.iter().find(theirs) else {
        return Ok((SampleResult::Inconclusive, "there is no deployment yet".into()));
    };
    Ok(match &newest.state {
        DeploymentState::Success => (SampleResult::Success, "success".into()),
        DeploymentState::Failure => (SampleResult::Failure, "failure".into()),
        DeploymentState::Inactive => (SampleResult::Failure, "it was replaced".into()),
        DeploymentState::Abandoned => (SampleResult::Failure, "it was abandoned".into()),
        DeploymentState::Queued | DeploymentState::InProgress | DeploymentState::Waiting => {
            (SampleResult::Inconclusive, "it is in progress".into())
        }
        DeploymentState::Other(word) => (SampleResult::Error, format!("unknown state `{word}`")),
    })
}
