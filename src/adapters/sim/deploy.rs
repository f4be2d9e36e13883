//! Simulated environments, deployments, and the user's own systems.

use super::effect::EffectKind;
use super::faults::FaultKind;
use super::parts::{SimApproval, SimDeployment};
use super::refusal::Refusal;
use super::state::State;
use super::world::World;
use crate::base::names::{EnvironmentName, Sha};
use crate::base::version::Version;
use crate::facts::environment::{Approval, Deployment, DeploymentState, Protection};
use crate::ports::{
    Deployments, DeploymentsChange, Document, DocumentChange, HttpResponse, NewDeployment,
    NewDeploymentStatus, PortError,
};
use crate::release::environment::EnvironmentRecord;
use async_trait::async_trait;
use jiff::Timestamp;
use std::cmp::Ordering;

#[async_trait(?Send)]
impl Deployments for World {
    async fn protection(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Option<Protection>, PortError> {
        let line = format!("read the protection of {environment}");
        self.effect(EffectKind::Protection, line, |state, _| {
            Ok(state.environments.get(environment).cloned())
        })
        .await
    }

    async fn approvals(
        &self,
        environment: &EnvironmentName,
        commit: &Sha,
        since: Timestamp,
    ) -> Result<Vec<Approval>, PortError> {
        let line = format!("read the approvals of {environment}");
        self.effect(EffectKind::Approvals, line, |state, _| {
            let counts = |one: &&SimApproval| {
                one.environment == *environment && one.commit == *commit && one.at >= since
            };
            let found = state.approvals.iter().filter(counts).map(|one| one.approval.clone());
            Ok(found.collect())
        })
        .await
    }

    async fn deployments(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<Deployment>, PortError> {
        let line = format!("list the deployments to {environment}");
        self.effect(EffectKind::Deployments, line, |state, _| {
            let here = |one: &&SimDeployment| one.environment == *environment;
            let found = state.deployments.iter().rev().filter(here);
            Ok(found.map(|one| one.deployment.clone()).take(30).collect())
        })
        .await
    }
}

#[async_trait(?Send)]
impl DeploymentsChange for World {
    async fn create_deployment(&self, new: &NewDeployment) -> Result<Deployment, PortError> {
        let line = format!("deploy {} to {}", new.commit.short(), new.environment);
        self.effect(EffectKind::CreateDeployment, line, |state, _| {
            let twice = state.deployments.iter().any(|one| {
                one.environment == new.environment
                    && one.deployment.mark.as_ref() == Some(&new.mark)
            });
            if twice {
                state.violation(format!("{} has two deployments of one entry", new.environment));
            }
            Ok(state.create_deployment(new))
        })
        .await
    }

    async fn set_deployment(&self, status: &NewDeploymentStatus) -> Result<(), PortError> {
        let line = format!("set deployment {} to {:?}", status.deployment, status.state);
        self.effect(EffectKind::SetDeployment, line, |state, _| state.set_deployment(status)).await
    }
}

impl State {
    /// Protects an environment, which is made if there is none.
    pub fn protect(&mut self, environment: &str, protection: Protection) {
        if let Ok(name) = EnvironmentName::new(environment) {
            self.environments.insert(name, protection);
        }
    }

    /// Makes a deployment; the environment is made on the way, as on GitHub.
    pub fn create_deployment(&mut self, new: &NewDeployment) -> Deployment {
        self.environments.entry(new.environment.clone()).or_default();
        let id = self.id();
        let deployment = Deployment {
            id,
            commit: new.commit.clone(),
            at: self.now,
            by: Some(self.settings.token.login.clone()),
            state: DeploymentState::Queued,
            mark: Some(new.mark.clone()),
            url: None,
        };
        let environment = new.environment.clone();
        self.deployments.push(SimDeployment { environment, deployment: deployment.clone() });
        deployment
    }

    /// Gives a deployment a state.
    ///
    /// # Errors
    /// When there is no such deployment.
    pub fn set_deployment(&mut self, status: &NewDeploymentStatus) -> Result<(), Refusal> {
        let held = self.deployments.iter_mut().find(|one| one.deployment.id == status.deployment);
        let held =
            held.ok_or_else(|| Refusal::invalid("Deployment", "missing", "id", "Not Found"))?;
        held.deployment.state = status.state.clone();
        held.deployment.url.clone_from(&status.log_url);
        Ok(())
    }

    /// The answer of the user's own system.
    pub(super) fn http_response(&self, url: &str) -> HttpResponse {
        let ok = HttpResponse { status: 200, ..HttpResponse::default() };
        match (self.fault_now(), self.responses.get(url)) {
            (Some(FaultKind::Unhealthy), _) => HttpResponse { status: 503, ..ok },
            (_, Some(response)) => response.clone(),
            (_, None) => ok,
        }
    }

    /// Judges a document that a process replaced.
    pub(super) fn document_replaced(
        &mut self,
        process: u32,
        change: &DocumentChange<'_>,
        before: Option<(Sha, String)>,
    ) {
        let Document::Environment(name) = change.which else { return };
        let read = |text: &str| serde_json::from_str::<EnvironmentRecord>(text).ok()?.current;
        let (old, new) = (before.and_then(|(_, text)| read(&text)), read(change.text));
        let Some(new) = new else { return };
        let what = format!("{name} got {}", new.version);
        if self.ledger(&new.tag).lease().is_none_or(|lease| lease.holder.process != process) {
            self.violation(format!("{what} without the lease of {}", new.tag));
        }
        let lower = |old: &Version| old.cmp_precedence(&new.version) == Ordering::Greater;
        if new.back_from.is_none() && old.is_some_and(|old| lower(&old.version)) {
            self.violation(format!("{what}, which is lower, and nobody asked for it"));
        }
    }
}
