//! Simulated environments, deployments, and the user's own systems.

use super::effect::EffectKind;
use super::faults::FaultKind;
use super::parts::{SimApproval, SimDeployment};
use super::refusal::Refusal;
use super::state::{State, object_id};
use super::world::World;
use crate::base::names::{EnvironmentName, Sha, StageName, TagName};
use crate::base::version::Version;
use crate::facts::environment::{Approval, Deployment, DeploymentState, JobIdentity, Protection};
use crate::planner::steps::verifying;
use crate::ports::{
    Deployments, DeploymentsChange, Document, DocumentChange, HttpResponse, NewDeployment,
    NewDeploymentStatus, PortError,
};
use crate::release::environment::{Entry, EnvironmentRecord, State as EntryState};
use crate::release::sample::SampleSource;
use crate::release::step::sha256;
use async_trait::async_trait;
use jiff::Timestamp;
use std::cmp::Ordering;

#[async_trait(?Send)]
impl Deployments for World {
    fn has_job(&self, job: &JobIdentity) -> bool {
        self.with(|state| state.settings.page.ends_with(&format!("/{}", job.repository)))
    }

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
            let found = state.approvals.iter().filter(counts);
            let found = found.map(|one| Approval { at: Some(one.at), ..one.approval.clone() });
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
    pub(super) fn http_response(&mut self, url: &str) -> HttpResponse {
        let ok = HttpResponse { status: 200, ..HttpResponse::default() };
        let response = match (self.fault_now(), self.responses.get(url)) {
            (Some(FaultKind::Unhealthy), _) => HttpResponse { status: 503, ..ok },
            (_, Some(response)) => response.clone(),
            (_, None) => ok,
        };
        self.record_sample(url, response.status == 200);
        response
    }

    /// Somebody deploys another commit to the first environment, without tminus.
    pub(super) fn deploy_by_hand(&mut self) {
        let Some(environment) = self.environments.keys().next().cloned() else { return };
        let Ok(commit) = object_id("somebody else's commit") else { return };
        let deployment = Deployment {
            id: self.id(),
            commit,
            at: self.now,
            by: Some("bob".into()),
            state: DeploymentState::Success,
            mark: None,
            url: None,
        };
        self.deployments.push(SimDeployment { environment, deployment });
    }

    /// Another release, of a higher version, enters the first environment.
    pub(super) fn enter_by_hand(&mut self) {
        let Some(name) = self.environments.keys().next().cloned() else { return };
        let which = Document::Environment(name);
        let text = self.documents.get(&which).map(|(_, text)| text.as_str());
        let record = text.and_then(|text| serde_json::from_str(text).ok());
        let record: EnvironmentRecord = record.unwrap_or_default();
        let foreign = "somebody else's plan";
        let (Ok(tag), Ok(stage)) = (TagName::new("v9.9.9"), StageName::new("staging")) else {
            return;
        };
        let Ok(commit) = object_id(foreign) else { return };
        let entry = Entry {
            version: Version::new(9, 9, 9),
            tag,
            commit: commit.clone(),
            plan: sha256(foreign.as_bytes()),
            stage,
            at: self.now,
            by: "bob@elsewhere".into(),
            state: EntryState::Deployed,
            busy_until: None,
            verified: None,
            back_from: None,
        };
        let Ok(text) = serde_json::to_string(&record.enter(entry)) else { return };
        self.documents.insert(which, (commit, text));
    }

    /// Remembers what a system answered, to judge by it who may go on.
    fn record_sample(&mut self, url: &str, healthy: bool) {
        let samples = self.memory.samples.entry(url.to_owned()).or_default();
        samples.push((self.now, healthy));
    }

    /// Why a release may not enter a stage yet, by what its systems answered before.
    fn too_early(&self, entry: &Entry) -> Option<String> {
        let ledger = self.ledger(&entry.tag);
        let plan = ledger.plan().filter(|plan| plan.digest() == entry.plan)?;
        let before = plan.stages.iter().take_while(|stage| stage.name != entry.stage);
        let verifications = before.flat_map(|stage| &stage.steps).filter_map(|planned| {
            let verifying = verifying(&planned.step)?;
            Some((verifying.samples, verifying.pace))
        });
        for (samples, pace) in verifications {
            for sample in samples {
                let SampleSource::Http(sample) = sample else { continue };
                let soaked = self.soaked(&sample.url, pace.every_seconds);
                let enough = soaked.is_some_and(|seconds| seconds >= pace.soak_seconds);
                if !enough {
                    return Some(format!("{} is healthy for {soaked:?} s only", sample.url));
                }
            }
        }
        None
    }

    /// For how many seconds a system was healthy since it failed last; `None` if it is not.
    fn soaked(&self, url: &str, every: u64) -> Option<u64> {
        let samples = self.memory.samples.get(url)?;
        let failed = samples.iter().rposition(|(_, healthy)| !healthy);
        let since = samples.get(failed.map_or(0, |at| at + 1)..)?;
        since.first()?;
        let gaps = since.iter().zip(since.iter().skip(1));
        let seconds = gaps.map(|((from, _), (to, _))| to.duration_since(*from).as_secs());
        let counted = seconds.map(i64::unsigned_abs).filter(|gap| *gap <= 3 * every);
        Some(counted.sum())
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
        let enters = new.state == EntryState::Entering && new.back_from.is_none();
        let again = old.as_ref().is_some_and(|old| old.plan == new.plan && old.at == new.at);
        if enters
            && !again
            && let Some(why) = self.too_early(&new)
        {
            self.violation(format!("{what} too early: {why}"));
        }
        let lower = |old: &Version| old.cmp_precedence(&new.version) == Ordering::Greater;
        if new.back_from.is_none() && old.is_some_and(|old| lower(&old.version)) {
            self.violation(format!("{what}, which is lower, and nobody asked for it"));
        }
    }
}
