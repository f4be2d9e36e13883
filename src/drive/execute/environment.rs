//! Writes the record of an environment, and the deployments on the forge that correspond to it.

use crate::base::names::{Digest, EnvironmentName};
use crate::facts::environment::{Deployment, DeploymentMark, DeploymentState, Stored};
use crate::facts::{Facts, Seen};
use crate::planner::steps::seconds;
use crate::ports::{
    DeploymentsChange, Document, DocumentChange, NewDeployment, NewDeploymentStatus, PortError,
    WritePorts,
};
use crate::release::environment::{Entry, EnvironmentRecord, State};
use crate::release::ledger::LEASE;
use crate::release::plan::PlannedStage;
use crate::release::step::Step;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// How much longer than a step a reservation of an environment must last.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Replaces the record of an environment, unless another process changed it.
pub(super) async fn write_record(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
    change: impl FnOnce(&EnvironmentRecord) -> EnvironmentRecord,
) -> Result<(), PortError> {
    let unread = || PortError::NoAnswer {
        what: format!("environment `{name}`"),
        why: "its record was not read".into(),
    };
    let state = facts.environments.get_mut(name).ok_or_else(unread)?;
    let Seen::Known(stored) = &mut state.record else { return Err(unread()) };
    let new = change(&stored.value);
    if new == stored.value {
        return Ok(());
    }
    let line = new.line(name);
    replace(write_ports, &Document::Environment(name.clone()), stored, new, &line).await
}

/// Replaces the value of a document.
pub(super) async fn replace<T: Serialize>(
    write_ports: &WritePorts<'_>,
    which: &Document,
    stored: &mut Stored<T>,
    new: T,
    line: &str,
) -> Result<(), PortError> {
    // Plain structs of texts and numbers always have a JSON form.
    let text = serde_json::to_string_pretty(&new).unwrap_or_default() + "\n";
    let now = write_ports.clock.now();
    let change = DocumentChange { which, at: stored.at.as_ref(), text: &text, line, now };
    let at = write_ports.remote.replace_document(&change).await?;
    *stored = Stored { at: Some(at), value: new };
    Ok(())
}

/// Write access to the forge's deployments; `None` if the forge has none.
fn deployments<'a>(write_ports: &WritePorts<'a>) -> Option<&'a dyn DeploymentsChange> {
    write_ports.forge.ok().and_then(|forge| forge.deployments_change())
}

/// This release's deployment among those of an environment.
pub(super) fn ours<'f>(facts: &'f Facts, name: &EnvironmentName) -> Option<&'f Deployment> {
    facts.environments.get(name)?.own_deployment()
}

/// Creates the deployment for the release in the record of an environment, unless it exists, and
/// sets it to in progress.
pub(super) async fn begin(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
    url: Option<&str>,
) -> Result<(), PortError> {
    create(write_ports, name, facts).await?;
    show(write_ports, name, facts, DeploymentState::InProgress, url).await
}

async fn create(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let Some(forge) = deployments(write_ports) else { return Ok(()) };
    if ours(facts, name).is_some() {
        return Ok(());
    }
    let unread = |what: &str| PortError::NoAnswer {
        what: format!("environment `{name}`"),
        why: format!("its {what} not read"),
    };
    let state = facts.environments.get_mut(name).ok_or_else(|| unread("state was"))?;
    let record = state.record.known().map_err(|_| unread("record was"))?;
    let Entry { plan, stage, at: entered, commit, tag, back_from, .. } =
        record.value.current.clone().ok_or_else(|| unread("entry was"))?;
    // If deployments could not be listed, ours may already exist.
    let Seen::Known(Some(all)) = &mut state.deployments else {
        return Err(unread("deployments were"));
    };
    let description = match back_from {
        Some(from) => format!("back to {tag} from {from}"),
        None => format!("{tag} by tminus, stage {stage}"),
    };
    let mark = DeploymentMark { plan, stage, entered };
    let new = NewDeployment { environment: name.clone(), commit, mark, description };
    all.insert(0, forge.create_deployment(&new).await?);
    Ok(())
}

/// Marks the steps of the stage as done. The deployment on the forge is updated first: once the
/// record says that the stage is done, nothing is checked again.
pub(super) async fn complete(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
    plan: &Digest,
    url: Option<&str>,
) -> Result<(), PortError> {
    show(write_ports, name, facts, DeploymentState::Success, url).await?;
    retire(write_ports, name, facts).await?;
    write_record(write_ports, name, facts, |record| {
        record.changed(plan, |entry| {
            entry.state = State::Deployed;
            entry.busy_until = None;
        })
    })
    .await
}

/// Keeps the place in an environment for as long as a step may take. A release that is resumed later
/// entered long ago.
pub(super) async fn keep_place(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
    stage: &PlannedStage,
    step: &Step,
    plan: &Digest,
) -> Result<(), PortError> {
    let Ok(now) = facts.time.known().copied() else { return Ok(()) };
    let ends = now.checked_add(MARGIN.saturating_add(takes(step))).unwrap_or(Timestamp::MAX);
    let record = facts.environments.get(name).and_then(|state| state.record.known().ok());
    let short = record.and_then(|record| record.value.of(plan)).is_some_and(|entry| {
        entry.state == State::Entering && entry.busy_until.is_none_or(|until| until < ends)
    });
    if !short {
        return Ok(());
    }
    let until = busy_until(Some(stage), now);
    write_record(write_ports, name, facts, |record| {
        record.changed(plan, |entry| entry.busy_until = until)
    })
    .await
}

/// How long a step may take, in addition to the time that every step may take.
pub(super) fn takes(step: &Step) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds(step)).unwrap_or(i64::MAX / 4))
}

/// How long a release that enters an environment now may keep it busy: the lease, and the time that
/// the steps of the stage may take.
pub(super) fn busy_until(stage: Option<&PlannedStage>, now: Timestamp) -> Option<Timestamp> {
    let steps = stage.into_iter().flat_map(|stage| &stage.steps);
    let takes = steps.fold(0, |sum: u64, planned| sum.saturating_add(seconds(&planned.step)));
    let takes = SignedDuration::from_secs(i64::try_from(takes).unwrap_or(i64::MAX / 4));
    now.checked_add(LEASE.saturating_add(takes)).ok()
}

/// Sets the state of the release's deployment, and stores it in the facts. Does nothing if it
/// already has that state, or if the forge has no deployments.
pub(super) async fn show(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
    state: DeploymentState,
    url: Option<&str>,
) -> Result<(), PortError> {
    let Some(forge) = deployments(write_ports) else { return Ok(()) };
    let Some(ours) = ours(facts, name) else { return Ok(()) };
    let (id, before) = (ours.id, ours.state.clone());
    if before == state && state != DeploymentState::InProgress {
        return Ok(());
    }
    set(write_ports, forge, name, id, state.clone(), url).await?;
    remember(facts, name, id, state);
    Ok(())
}

/// Marks the deployments that this release replaced as inactive: all successful ones except its
/// own.
async fn retire(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let Some(forge) = deployments(write_ports) else { return Ok(()) };
    let Some(own) = ours(facts, name) else { return Ok(()) };
    let Some(plan) = own.mark.as_ref().map(|mark| mark.plan.clone()) else { return Ok(()) };
    let Some(state) = facts.environments.get(name) else { return Ok(()) };
    let old: Vec<u64> = state.replaced_by(&plan).map(|one| one.id).collect();
    for id in old {
        set(write_ports, forge, name, id, DeploymentState::Inactive, None).await?;
        remember(facts, name, id, DeploymentState::Inactive);
    }
    Ok(())
}

async fn set(
    write_ports: &WritePorts<'_>,
    forge: &dyn DeploymentsChange,
    name: &EnvironmentName,
    deployment: u64,
    state: DeploymentState,
    url: Option<&str>,
) -> Result<(), PortError> {
    forge.set_deployment(&status(write_ports, name, deployment, state, url)).await
}

/// A state of a deployment, with its texts.
pub(super) fn status(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    deployment: u64,
    state: DeploymentState,
    url: Option<&str>,
) -> NewDeploymentStatus {
    let description = match &state {
        DeploymentState::Success => "deployed by tminus",
        DeploymentState::InProgress => "tminus is performing the steps of the stage",
        DeploymentState::Failure => "a step or the verification failed",
        DeploymentState::Inactive => "replaced by another release",
        DeploymentState::Queued
        | DeploymentState::Abandoned
        | DeploymentState::Waiting
        | DeploymentState::Other(_) => "",
    };
    NewDeploymentStatus {
        deployment,
        environment: name.clone(),
        state,
        description: description.into(),
        log_url: write_ports.runner.me().run.map(|run| run.url),
        environment_url: url.map(str::to_owned),
    }
}

fn remember(facts: &mut Facts, name: &EnvironmentName, id: u64, state: DeploymentState) {
    let Some(environment) = facts.environments.get_mut(name) else { return };
    let Seen::Known(Some(all)) = &mut environment.deployments else { return };
    if let Some(one) = all.iter_mut().find(|one| one.id == id) {
        one.state = state;
    }
}
