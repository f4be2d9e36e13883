//! Cancels a release before its point of no return.

use super::effect::Effects;
use super::end::End;
use super::environment::{show, write_record};
use super::record::Record;
use super::release::no_record;
use crate::base::names::{EnvironmentName, Sha};
use crate::facts::Facts;
use crate::facts::environment::DeploymentState;
use crate::planner::steps::touches;
use crate::planner::{Progress, Repair, StepState};
use crate::ports::{PortError, WritePorts};
use crate::project::manifest::Touch;
use crate::release::environment::EnvironmentRecord;
use crate::release::ledger::Event;
use crate::release::outcome::Outcome;
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};
use jiff::SignedDuration;

/// How an attempt to abort ended.
#[derive(Debug)]
pub enum AbortResult {
    /// These items were removed, one line each.
    Removed(Vec<String>),
    /// No release was started.
    Nothing,
    /// The release is finished.
    Finished,
    /// An irreversible step is done, or may be. The release can no longer be cancelled.
    TooLate,
    /// Another runner has the release, or an operation failed.
    Stopped(End),
}

impl AbortResult {
    /// The outcome. If the attempt was stopped, its [`End`] has more details.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Removed(_) => Outcome::Aborted,
            Self::Nothing => Outcome::NothingToAbort,
            Self::Finished | Self::TooLate | Self::Stopped(_) => Outcome::NoGo,
        }
    }
}

/// Removes what tminus created for this release: its draft and its tag.
pub async fn abandon(
    write_ports: &WritePorts<'_>,
    plan: &Plan,
    progress: &Progress,
    facts: &mut Facts,
    take_over: bool,
) -> AbortResult {
    let ledger = match facts.ledger.known() {
        Ok(ledger) => ledger.clone(),
        Err(unseen) => return AbortResult::Stopped(End::NoPlan(no_record(unseen))),
    };
    if ledger.finished() || progress.next(plan, None).is_none() {
        return AbortResult::Finished;
    }
    if progress.reached(plan) == Some(Reach::Irreversible) {
        return AbortResult::TooLate;
    }
    // The protection of environments that the release did not enter is irrelevant here.
    let matters = |planned: &Planned| {
        !touches(&planned.step, Touch::Environment) && !touches(&planned.step, Touch::Samples)
    };
    for (_, planned) in plan.steps().filter(|(_, planned)| matters(planned)) {
        if let StepState::Unseen(unseen) = progress.of(&planned.key) {
            let (step, unseen) = (planned.key.clone(), unseen.clone());
            return AbortResult::Stopped(End::Blind { step, unseen });
        }
    }
    let drafts = own_drafts(plan, progress);
    let tag = own_tag(plan, facts);
    let environments = own_environments(plan, facts);
    let nothing = drafts.is_empty() && tag.is_none() && environments.is_empty();
    if ledger.plan().is_none() && nothing {
        return AbortResult::Nothing;
    }
    let (mut record, _) = match Record::lease(write_ports, &plan.tag, ledger, take_over) {
        Ok(leased) => leased,
        Err(end) => return AbortResult::Stopped(end),
    };
    if let Err(end) = record.push().await {
        return AbortResult::Stopped(end);
    }
    let left = leave(write_ports, environments, facts).await;
    let removed = match left {
        Ok(left) => remove(write_ports, plan, drafts, tag, left).await,
        Err(error) => Err(error),
    };
    let (removed, event) = match removed {
        Ok(removed) => (Ok(removed.clone()), Event::Aborted { removed }),
        Err(error) => {
            let why = format!("abort: {}", error.why());
            (Err(error), Event::Stopped { why })
        }
    };
    record.queue(event, SignedDuration::ZERO);
    match (removed, record.push().await) {
        (Ok(removed), Ok(())) => AbortResult::Removed(removed),
        (Err(error), _) => AbortResult::Stopped(End::Failed { step: None, error }),
        (Ok(_), Err(end)) => AbortResult::Stopped(end),
    }
}

async fn remove(
    write_ports: &WritePorts<'_>,
    plan: &Plan,
    drafts: Vec<u64>,
    tag: Option<Sha>,
    mut removed: Vec<String>,
) -> Result<Vec<String>, PortError> {
    let effects = Effects { write_ports };
    for draft in drafts {
        effects.remove_draft(draft).await?;
        removed.push(format!("draft {draft}"));
    }
    if let Some(object) = tag {
        match write_ports.remote.delete_tag(&plan.tag, &object).await {
            Ok(()) => removed.push(format!("tag {}", plan.tag)),
            // The tag was changed in the meantime, so it is not ours.
            Err(PortError::Behind { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

/// Removes the release's entry from its environments. Anything that its commands deployed stays.
async fn leave(
    write_ports: &WritePorts<'_>,
    environments: Vec<EnvironmentName>,
    facts: &mut Facts,
) -> Result<Vec<String>, PortError> {
    let mut left = Vec::new();
    for name in environments {
        show(write_ports, &name, facts, DeploymentState::Inactive, None).await?;
        write_record(write_ports, &name, facts, EnvironmentRecord::without_current).await?;
        left.push(format!("the reservation of environment {name}"));
    }
    Ok(left)
}

/// The environments that have this release.
fn own_environments(plan: &Plan, facts: &Facts) -> Vec<EnvironmentName> {
    let digest = plan.digest();
    let ours = facts.environments.iter().filter(|(_, state)| {
        state.record.known().is_ok_and(|record| record.value.of(&digest).is_some())
    });
    ours.map(|(name, _)| name.clone()).collect()
}

fn own_drafts(plan: &Plan, progress: &Progress) -> Vec<u64> {
    let marker = plan.marker();
    let draft = progress.release.iter().filter(|r| r.draft && r.body.contains(&marker));
    let extra = progress.repairs.iter().filter_map(|repair| match repair {
        Repair::RemoveDraft { release, .. } => Some(*release),
        Repair::RemoveAsset { .. } => None,
    });
    extra.chain(draft.map(|release| release.id)).collect()
}

/// The tag object, if it is the one that tminus created according to the ledger.
fn own_tag(plan: &Plan, facts: &Facts) -> Option<Sha> {
    let ledger = facts.ledger.known().ok()?;
    let (_, step) = plan.steps().find(|(_, planned)| touches(&planned.step, Touch::Tag))?;
    let ours = ledger.did(&step.key)?.object.as_ref()?;
    let tag = facts.tag.known().ok()?.as_ref()?;
    (tag.object == *ours).then(|| tag.object.clone())
}
