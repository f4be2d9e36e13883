//! Writes the record of an environment, and the deployments that show it on the forge.

use crate::base::names::EnvironmentName;
use crate::facts::environment::{Deployment, DeploymentState, Stored};
use crate::facts::{Facts, Seen};
use crate::ports::{
    DeploymentsChange, Document, DocumentChange, NewDeploymentStatus, PortError, WritePorts,
};
use crate::release::environment::EnvironmentRecord;
use serde::Serialize;

/// Replaces the record of an environment, if nobody else did.
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

/// Replaces a document by a new value.
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

/// Deployments of the forge, to write them; `None` if it has none.
pub(super) fn deployments<'a>(write_ports: &WritePorts<'a>) -> Option<&'a dyn DeploymentsChange> {
    write_ports.forge.ok().and_then(|forge| forge.deployments_change())
}

/// This release's deployment among those of an environment.
pub(super) fn ours<'f>(facts: &'f Facts, name: &EnvironmentName) -> Option<&'f Deployment> {
    let state = facts.environments.get(name)?;
    let entry = state.record.known().ok()?.value.current.as_ref()?;
    let all = state.deployments.known().ok()?.as_ref()?;
    all.iter().find(|one| {
        one.mark.as_ref().is_some_and(|mark| mark.plan == entry.plan && mark.entered == entry.at)
    })
}

/// Gives the release's deployment a state, and keeps it in the facts. Nothing happens if it has that
/// state, or the forge has no deployments.
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

/// Marks what this release replaced as inactive: every successful deployment but its own.
pub(super) async fn retire(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let Some(forge) = deployments(write_ports) else { return Ok(()) };
    let Some(own) = ours(facts, name).map(|ours| ours.id) else { return Ok(()) };
    let all = facts.environments.get(name).and_then(|state| state.deployments.known().ok());
    let replaced = |one: &&Deployment| one.id != own && one.state == DeploymentState::Success;
    let old: Vec<u64> =
        all.into_iter().flatten().flatten().filter(replaced).map(|one| one.id).collect();
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
    let description = match &state {
        DeploymentState::Success => "deployed by tminus",
        DeploymentState::InProgress => "tminus is performing the steps of the stage",
        DeploymentState::Failure => "a step failed, or the verification did",
        DeploymentState::Inactive => "replaced by another release",
        DeploymentState::Queued
        | DeploymentState::Abandoned
        | DeploymentState::Waiting
        | DeploymentState::Other(_) => "",
    };
    let status = NewDeploymentStatus {
        deployment,
        environment: name.clone(),
        state,
        description: description.into(),
        log_url: write_ports.runner.me().run.map(|run| run.url),
        environment_url: url.map(str::to_owned),
    };
    forge.set_deployment(&status).await
}

fn remember(facts: &mut Facts, name: &EnvironmentName, id: u64, state: DeploymentState) {
    let Some(environment) = facts.environments.get_mut(name) else { return };
    let Seen::Known(Some(all)) = &mut environment.deployments else { return };
    if let Some(one) = all.iter_mut().find(|one| one.id == id) {
        one.state = state;
    }
}
