//! Compares a plan with the actual state, step by step. Resuming needs nothing else: read, compare,
//! perform what is missing.

use super::conflict::Conflict;
use super::replaced::replaced;
use super::standing::{Progress, StepState};
use super::steps;
use super::view::{Place, View};
use crate::facts::{Facts, Release};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use crate::release::step::{Asset, Reach, Step};

/// Compares a plan with the actual state.
///
/// # Errors
/// When something exists but differs from the plan; it must not be overwritten.
pub fn progress(plan: &Plan, facts: &Facts) -> Result<Progress, Vec<Conflict>> {
    let mut view = View::new(plan, facts, steps::on_forge(plan));
    let mut progress = Progress::default();
    for (_, planned) in plan.steps() {
        let standing = steps::standing(&planned.step, &planned.key, &mut view);
        progress.standings.insert(planned.key.clone(), standing);
    }
    progress.idle = std::mem::take(&mut view.idle);
    replaced(plan, facts, &mut progress);
    uncertain_steps(plan, facts, &mut progress);
    if let Place::Published(release) = &view.place {
        view.conflicts.extend(unpublished_assets(plan, release));
    }
    if let Place::Draft(release) | Place::Published(release) = view.place {
        progress.release = Some(release.clone());
    }
    progress.repairs = view.repairs;
    if view.conflicts.is_empty() { Ok(progress) } else { Err(view.conflicts) }
}

/// A started step is in doubt until its effect, or the absence of its effect, is visible. For a
/// command without a probe, the absence is never visible.
fn uncertain_steps(plan: &Plan, facts: &Facts, progress: &mut Progress) {
    let begun = facts.ledger.known().map_or_else(|_| Vec::new(), Ledger::in_doubt);
    for (_, planned) in plan.steps().filter(|(_, planned)| begun.contains(&&planned.key)) {
        let doubted = match progress.of(&planned.key) {
            StepState::Done { .. } => false,
            StepState::Missing => is_unobservable(&planned.step),
            StepState::Held(_) | StepState::Unseen(_) => true,
        };
        if doubted && planned.reach > Reach::Private {
            progress.doubted.push(planned.key.clone());
        }
    }
}

fn is_unobservable(step: &Step) -> bool {
    steps::command(step).is_some_and(|command| command.probe.is_none())
}

/// A published release that lacks assets cannot be completed.
fn unpublished_assets(plan: &Plan, release: &Release) -> Option<Conflict> {
    let missing = |asset: &Asset| {
        let there = release.assets.iter().find(|there| there.name == asset.name);
        there.is_none_or(|there| !there.uploaded)
    };
    let missing: Vec<String> =
        steps::assets(plan).filter(missing).map(|asset| asset.name).collect();
    let url = release.url.clone();
    (!missing.is_empty()).then_some(Conflict::PublishedIncomplete { url, missing })
}
