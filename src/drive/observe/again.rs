//! Reads the state again during a release.

use super::branch::branch_head_again;
use super::environments::{environments, refresh_environment, time};
use super::forge::{releases, sort_releases};
use super::holds::holds_again;
use super::line::version_tags;
use super::moving::{locks, moving_again};
use super::probe::{probe, probes};
use super::unseen::{from_port, unseen};
use super::waivers::waivers_again;
use crate::base::names::StepKey;
use crate::facts::{Facts, Release, RemoteAsset, Seen, TagAt};
use crate::judge::target;
use crate::planner::steps::{moving, on_forge, touches};
use crate::ports::{PortError, ReadPorts, RefAt};
use crate::project::manifest::{Manifest, Touch};
use crate::release::plan::Plan;

/// The response of the forge to a step. It shows the step's effect, so no further request is needed. As
/// always, [`progress`](crate::planner::progress) decides whether the effect is the intended one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// The draft that was created.
    Draft(Release),
    /// The asset that was uploaded to a draft.
    Asset {
        /// The draft.
        release: u64,
        /// The asset on the forge.
        asset: RemoteAsset,
    },
}

/// Stores the data of a response. If drafts could not be read, they stay unseen.
pub fn apply_response(answered: Answered, facts: &mut Facts) {
    let Seen::Known(drafts) = &mut facts.drafts else { return };
    match answered {
        Answered::Draft(draft) => {
            drafts.retain(|known| known.id != draft.id);
            drafts.push(draft);
        }
        Answered::Asset { release, asset } => {
            let draft = drafts.iter_mut().find(|known| known.id == release);
            let Some(Release { assets, .. }) = draft else { return };
            assets.retain(|known| known.name != asset.name);
            assets.push(asset);
        }
    }
}

fn release_again(id: u64, found: Result<Option<Release>, PortError>, facts: &mut Facts) {
    match found {
        Ok(found) => {
            let mut others: Vec<_> = facts.drafts.known().cloned().unwrap_or_default();
            others.retain(|draft| draft.id != id);
            others.extend(found);
            facts.published = Seen::Known(None);
            sort_releases(others, facts);
        }
        Err(error) => {
            facts.drafts = from_port(&error);
            facts.published = from_port(&error);
        }
    }
}

/// Reads what may have changed: the tag, the release by its number, and the probe of the `run`
/// step. Without a number, the releases are listed.
pub async fn refresh_step(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    plan: &Plan,
    facts: &mut Facts,
    release: Option<u64>,
    touched: Option<&StepKey>,
) {
    facts.at = read_ports.clock.now();
    time(read_ports, facts);
    let forge = read_ports.forge.ok().filter(|_| on_forge(plan));
    let refs = async {
        if let Some(remote) = read_ports.remote { Some(remote.refs().await) } else { None }
    };
    let by_number = async {
        match (forge, release) {
            (Some(forge), Some(id)) => Some((id, forge.release(id).await)),
            (_, _) => None,
        }
    };
    let (refs, by_number) = tokio::join!(refs, by_number);
    if let Some(refs) = refs {
        Box::pin(holds_again(read_ports, manifest, refs.as_deref(), facts)).await;
        facts.tag = match refs {
            Ok(refs) => {
                branch_head_again(read_ports, &refs, facts).await;
                waivers_again(read_ports, &refs, facts).await;
                // Another release line may have released in the meantime, and that determines which
                // release is the latest.
                if let Seen::Known(history) = &mut facts.history {
                    let names = target::names(manifest, &facts.files);
                    history.tags = version_tags(manifest, &names, &refs).versions;
                    history.tags.retain(|tag| tag.tag != plan.tag);
                }
                let tags = moving(plan).map(|moving| moving.tag);
                let repository = read_ports.repository;
                facts.moving = moving_again(repository, tags, &refs, &plan.commit, &facts.moving);
                tag_now(read_ports, plan, &refs)
            }
            Err(error) => {
                if moving(plan).next().is_some() {
                    facts.moving = from_port(&error);
                }
                from_port(&error)
            }
        };
    }
    if moving(plan).next().is_some() {
        locks(read_ports, manifest, facts).await;
    }
    match by_number {
        Some((id, found)) => release_again(id, found, facts),
        // Without its number, the release is found by listing the releases.
        None if forge.is_some() => releases(read_ports, &plan.tag, facts).await,
        None => {}
    }
    for (_, planned) in plan.steps() {
        if Some(&planned.key) == touched
            && let Some(seen) = probe(read_ports, plan, &planned.step).await
        {
            facts.probes.insert(planned.key.clone(), seen);
        }
    }
    let touched = plan.steps().find(|(_, planned)| Some(&planned.key) == touched);
    if let Some((stage, planned)) = touched
        && touches(&planned.step, Touch::Environment)
        && let Some(name) = &stage.environment
    {
        refresh_environment(read_ports, name, facts).await;
    }
}

/// Reads everything that another runner may have changed: the ledger, the tag, the release, and
/// every command that has a probe.
pub async fn refresh_all(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    plan: &Plan,
    facts: &mut Facts,
) {
    if let Some(remote) = read_ports.remote {
        facts.ledger = match remote.ledger(&plan.tag).await {
            Ok(ledger) => Seen::Known(ledger),
            Err(error) => from_port(&error),
        };
    }
    refresh_step(read_ports, manifest, plan, facts, None, None).await;
    if let (true, Seen::Unseen(unseen)) = (on_forge(plan), &facts.drafts) {
        facts.published = Seen::Unseen(unseen.clone());
    }
    probes(read_ports, plan, facts).await;
    environments(read_ports, manifest, plan, facts).await;
}

fn tag_now(read_ports: &ReadPorts<'_>, plan: &Plan, refs: &[RefAt]) -> Seen<Option<TagAt>> {
    let name = format!("refs/tags/{}", plan.tag);
    let Some(found) = refs.iter().find(|at| at.name == name) else { return Seen::Known(None) };
    let (object, commit) = (found.object.clone(), found.commit.clone());
    match read_ports.repository.is_ancestor(&commit, &plan.commit) {
        Ok(ancestor) => Seen::Known(Some(TagAt { object, commit, ancestor, carries: None })),
        Err(error) => unseen(error),
    }
}
