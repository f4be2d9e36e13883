//! Heartbeats during long operations.
//!
//! The lease needs none: the entry that starts a step extends it by the time that the step may take, so
//! it holds even if the network is gone meanwhile. Deployments do: GitHub abandons one that is silent
//! for half an hour.

use super::environment::status;
use crate::base::names::EnvironmentName;
use crate::facts::Facts;
use crate::facts::environment::DeploymentState;
use crate::ports::{Clock, DeploymentsChange, NewDeploymentStatus, WritePorts};
use jiff::SignedDuration;
use std::pin::pin;

/// How long a deployment in progress may be silent.
pub(super) const BEAT: SignedDuration = SignedDuration::from_mins(10);

/// Reports the deployment to an environment as in progress.
pub(super) struct Heartbeat<'a> {
    clock: &'a dyn Clock,
    deployment: Option<(&'a dyn DeploymentsChange, NewDeploymentStatus)>,
}

impl<'a> Heartbeat<'a> {
    /// That of the release's deployment to an environment, if it is in progress.
    pub(super) fn of(
        write_ports: &WritePorts<'a>,
        facts: &Facts,
        name: Option<&EnvironmentName>,
    ) -> Self {
        let clock = write_ports.clock;
        let forge = write_ports.forge.ok().and_then(|forge| forge.deployments_change());
        let state = DeploymentState::InProgress;
        let ours = name.and_then(|name| facts.environments.get(name)?.own_deployment());
        let ours = ours.filter(|ours| ours.state == state);
        let status =
            ours.zip(name).map(|(ours, name)| status(write_ports, name, ours.id, state, None));
        Self { clock, deployment: forge.zip(status) }
    }

    /// Repeats the report until `work` is done. The release does not depend on whether it succeeds.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let Some((forge, status)) = &self.deployment else { return work.await };
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.clock.lapse(BEAT.unsigned_abs()) => {}
            }
            let mut beat = pin!(forge.set_deployment(status));
            tokio::select! {
                biased;
                done = &mut work => {
                    // A state that arrived late would hide the next one.
                    let _sent = beat.await;
                    return done;
                }
                _sent = &mut beat => {}
            }
        }
    }
}
