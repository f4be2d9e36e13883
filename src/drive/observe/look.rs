//! Collects all facts, in order.

use super::assets::assets;
use super::environments::environments;
use super::files::calendars_elsewhere;
use super::forge::{merged, releases};
use super::holds::holds;
use super::local::{BoundRelease, Observer};
use super::manifest::read_manifest;
use super::merge::{brought, fetch_branch_head, rule_changes};
use super::moving::locks;
use super::notes::notes;
use super::past::past;
use super::people::people;
use super::probe::probes;
use super::promotion::{Found, candidate, choose};
use super::refs::{Refs, refs};
use super::request::{ObserveError, ObserveRequest, Observed, Scope};
use super::rights::rights;
use crate::base::names::Sha;
use crate::facts::{Facts, RuleChange, Seen};
use crate::judge::case::Case;
use crate::judge::gates::Need;
use crate::planner;
use crate::ports::{Head, ReadPorts};
use crate::project::manifest::Manifest;
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;

/// Reads everything that the request needs.
///
/// # Errors
/// When there is no commit, no manifest, or the manifest is invalid.
pub async fn observe(
    read_ports: &ReadPorts<'_>,
    order: &ObserveRequest,
) -> Result<Observed, ObserveError> {
    let head = read_ports.repository.head()?.ok_or(ObserveError::NoCommits)?;
    let chosen = choose(read_ports, order, &head).await?;
    let order = chosen.as_ref().map_or(order, |chosen| &chosen.order);
    let mut fetched = Vec::new();
    let commit = match (&order.merging, &order.commit) {
        (Some(merging), _) => {
            for sha in [&merging.result, &merging.onto] {
                if fetch_branch_head(read_ports, sha).await {
                    fetched.push(format!("{} with its files", sha.short()));
                }
            }
            merging.result.clone()
        }
        (None, Some(revision)) => read_ports.repository.resolve(revision)?,
        (None, None) => head.commit.clone(),
    };
    // Errors in the commit itself are reported before the network is used.
    read_manifest(read_ports, order, &commit)?;
    read_ports.repository.commit(&commit)?;
    let refs = refs(read_ports, order).await;
    let first = Observer { read_ports, order, head: &head, refs: &refs, fetched };
    let (observer, manifest, mut facts) = first.local(commit, None).await?;
    let judged = manifest.source.clone();
    let pin = match (&order.depth, &order.commit) {
        (Scope::Plan, None) => pin(&facts),
        (Scope::Plan | Scope::Check(_), _) => None,
    };
    let (mut observer, mut manifest) = (observer, manifest);
    if let Some((sha, why)) = pin
        && sha != facts.commit.sha
    {
        let pinned = BoundRelease { why, ledger: facts.ledger.clone(), manifest: judged };
        (observer, manifest, facts) = observer.local(sha, Some(pinned)).await?;
    }
    if manifest.forge.has_releases() && manifest.forge.name != order.forge {
        let (wants, connected) = (manifest.forge.name, order.forge);
        return Err(ObserveError::OtherForge { wants, connected });
    }
    if observer.needs(&manifest).contains(&Need::Rights) {
        // These two reads do not depend on each other.
        let before = facts.clone();
        let rights = rights(read_ports, &manifest, &before);
        let (rights, ()) = tokio::join!(rights, observer.forge(&manifest, &mut facts));
        facts.rights = rights;
    } else {
        observer.forge(&manifest, &mut facts).await;
    }
    facts.calendars = calendars_elsewhere(read_ports, &manifest).await;
    if observer.needs(&manifest).contains(&Need::Merged) {
        facts.merged = merged(read_ports, &manifest, &facts).await;
    }
    if matches!(order.depth, Scope::Plan) || observer.needs(&manifest).contains(&Need::Rights) {
        locks(read_ports, &manifest, &mut facts).await;
    }
    if matches!(order.depth, Scope::Plan) {
        let from = chosen.as_ref().and_then(|chosen| chosen.from.as_ref());
        planned(read_ports, &head, &manifest, (&refs, from), &mut facts).await;
    }
    // After the environments, whose reviewers may approve.
    if observer.needs(&manifest).contains(&Need::People) {
        Box::pin(people(read_ports, &manifest, &mut facts)).await;
        if let Refs::Remote(listed) = &refs {
            Box::pin(holds(read_ports, &manifest, listed.as_deref(), &mut facts)).await;
        }
    }
    if matches!(order.depth, Scope::Plan) {
        past(read_ports, &manifest, &refs, &mut facts).await;
    }
    let fetched = observer.fetched;
    beside(read_ports, order, &manifest, &mut facts).await;
    Ok(Observed { manifest, facts, fetched })
}

/// Reads what a plan and its progress need: notes, files, and the state of each step.
async fn planned(
    read_ports: &ReadPorts<'_>,
    head: &Head,
    manifest: &Manifest,
    (refs, from): (&Refs, Option<&Found>),
    facts: &mut Facts,
) {
    if manifest.forge.has_releases()
        && let Ok(target) = Case::new(manifest, facts).target().cloned()
    {
        releases(read_ports, &target.tag, facts).await;
    }
    notes(read_ports, manifest, facts).await;
    match from {
        Some(from) => {
            let found = candidate(read_ports, manifest, refs, from).await;
            facts.candidate = Some(Box::new(found));
        }
        None => assets(read_ports.repository, head, manifest, facts),
    }
    let plan = plan_to_observe(manifest, facts);
    if let Some(plan) = &plan {
        probes(read_ports, plan, facts).await;
        environments(read_ports, manifest, plan, facts).await;
    }
}

/// The plan whose steps are observed: the sealed plan or, if there is none, the plan that follows
/// from the facts.
fn plan_to_observe(manifest: &Manifest, facts: &Facts) -> Option<Plan> {
    let sealed = facts.ledger.known().ok().and_then(Ledger::plan).cloned();
    sealed.or_else(|| planner::outline(&Case::new(manifest, facts)).ok())
}

/// Evaluates the same merge with its own manifest, to report what would change.
async fn beside(
    read_ports: &ReadPorts<'_>,
    order: &ObserveRequest,
    manifest: &Manifest,
    facts: &mut Facts,
) {
    let (Some(source), None, Scope::Check(selection)) =
        (brought(facts), &order.manifest, &order.depth)
    else {
        return;
    };
    let other = ObserveRequest { manifest: Some(source), ..order.clone() };
    let rules = match Box::pin(observe(read_ports, &other)).await {
        Ok(seen) => rule_changes(&Case::new(manifest, facts), &seen.case(), selection),
        Err(_) => vec![RuleChange {
            gate: "all gates".into(),
            now: "as above".into(),
            then: "could not be evaluated".into(),
        }],
    };
    if let Some(Seen::Known(Some(changed))) = facts.merge.as_mut().map(|merge| &mut merge.manifest)
    {
        changed.rules = rules;
    }
}

/// The commit that an unfinished release is bound to.
fn pin(facts: &Facts) -> Option<(Sha, String)> {
    let ledger = facts.ledger.known().ok();
    if let Some(plan) = ledger.and_then(Ledger::plan) {
        return Some((
            plan.commit.clone(),
            format!("the release of {} was started from this commit", plan.tag),
        ));
    }
    // If there is no ledger, the version was released without tminus. If the ledger cannot be read,
    // only the tag is known.
    let tag = facts.tag.known().ok()?.as_ref().filter(|tag| tag.ancestor && ledger.is_none())?;
    Some((tag.commit.clone(), "this commit has the tag of this version".into()))
}
