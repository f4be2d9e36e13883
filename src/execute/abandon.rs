//! Giving a release up, before its point of no return.

use super::effect::Effects;
use super::outcome::Outcome;
use super::record::Record;
use crate::facts::Facts;
use crate::ledger::{Event, Ledger};
use crate::manifest::Reach;
use crate::plan::{Progress, Repair};
use crate::ports::{Hands, PortError};
use crate::step::{Plan, Step};
use jiff::SignedDuration;

/// How an attempt to give up ended.
#[derive(Debug)]
pub enum Abandoned {
    /// These were removed, a line each.
    Removed(Vec<String>),
    /// Nothing was begun.
    Nothing,
    /// The release came to its end.
    Finished,
    /// Something that cannot be taken back is done, or may be: only forward from here.
    TooLate,
    /// Another runner has the release, or something failed on the way.
    Stopped(Outcome),
}

/// Removes what a release left so far and is ours: its draft, and its tag if we made it.
pub async fn abandon(
    hands: &Hands<'_>,
    plan: &Plan,
    progress: &Progress,
    facts: &Facts,
    take_over: bool,
) -> Abandoned {
    let ledger = facts.ledger.known().cloned().unwrap_or_default();
    if ledger.finished() || progress.next(plan, None).is_none() {
        return Abandoned::Finished;
    }
    if progress.reached(plan) == Some(Reach::Irreversible) || may_be_done(plan, &ledger) {
        return Abandoned::TooLate;
    }
    let drafts = own_drafts(plan, progress);
    let tag = own_tag(plan, facts);
    if ledger.plan().is_none() && drafts.is_empty() && tag.is_none() {
        return Abandoned::Nothing;
    }
    let (mut record, _) = match Record::lease(hands, &plan.tag, ledger, take_over) {
        Ok(leased) => leased,
        Err(outcome) => return Abandoned::Stopped(outcome),
    };
    if let Err(outcome) = record.push().await {
        return Abandoned::Stopped(outcome);
    }
    let effects = Effects { hands, plan };
    let mut removed = Vec::new();
    let failed = |error| Abandoned::Stopped(Outcome::Failed { step: None, error });
    for draft in drafts {
        match effects.remove_draft(draft).await {
            Ok(()) => removed.push(format!("draft {draft}")),
            Err(error) => return failed(error),
        }
    }
    if let Some(object) = tag {
        match hands.remote.delete_tag(&plan.tag, &object).await {
            Ok(()) => removed.push(format!("tag {}", plan.tag)),
            Err(PortError::Behind { .. }) => {}
            Err(error) => return failed(error),
        }
    }
    record.queue(Event::Aborted { removed: removed.clone() }, SignedDuration::ZERO);
    match record.push().await {
        Ok(()) => Abandoned::Removed(removed),
        Err(outcome) => Abandoned::Stopped(outcome),
    }
}

/// Whether an irreversible command was begun of which nothing can be asked.
fn may_be_done(plan: &Plan, ledger: &Ledger) -> bool {
    let doubted = ledger.in_doubt().and_then(|key| plan.steps().find(|(_, step)| step.key == *key));
    doubted.is_some_and(|(_, planned)| {
        let blind = matches!(&planned.step, Step::Run(run) if run.probe.is_none());
        planned.reach == Reach::Irreversible && blind
    })
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

/// The tag object, where the record says that we meant to make the tag and nobody else's stands.
fn own_tag(plan: &Plan, facts: &Facts) -> Option<crate::names::Sha> {
    let ledger = facts.ledger.known().ok()?;
    let (_, step) = plan.steps().find(|(_, planned)| matches!(planned.step, Step::Tag { .. }))?;
    let ours = ledger.did(&step.key).is_some() || ledger.in_doubt() == Some(&step.key);
    let tag = facts.tag.known().ok()?.as_ref()?;
    (ours && tag.annotated() && tag.commit == plan.commit).then(|| tag.object.clone())
}
