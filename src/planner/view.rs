//! The actual state that steps are compared with. It finds the release on the forge once for all
//! steps.

use super::conflict::Conflict;
use super::standing::{Repair, StepState};
use crate::base::names::StepKey;
use crate::facts::{Facts, Release, Unseen};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;

/// The release on the forge.
pub(super) enum Place<'f> {
    /// It does not exist.
    None,
    /// It could not be read.
    Unseen(Unseen),
    /// A draft that tminus created.
    Draft(&'f Release),
    /// It is public.
    Published(&'f Release),
}

impl Place<'_> {
    pub(super) fn draft(&self) -> StepState {
        match self {
            Self::None => StepState::Missing,
            Self::Unseen(unseen) => StepState::Unseen(unseen.clone()),
            Self::Draft(release) => StepState::Done { evidence: format!("draft {}", release.id) },
            Self::Published(release) => {
                StepState::Done { evidence: format!("release {}", release.id) }
            }
        }
    }

    pub(super) fn published(&self) -> StepState {
        match self {
            Self::None | Self::Draft(_) => StepState::Missing,
            Self::Unseen(unseen) => StepState::Unseen(unseen.clone()),
            Self::Published(release) => StepState::Done { evidence: release.url.clone() },
        }
    }
}

/// The input for computing a step's state. It collects the conflicts and repairs.
pub(super) struct View<'f> {
    pub(super) plan: &'f Plan,
    pub(super) facts: &'f Facts,
    pub(super) place: Place<'f>,
    pub(super) repairs: Vec<Repair>,
    pub(super) conflicts: Vec<Conflict>,
    /// Steps that are done because this release does not need them.
    pub(super) idle: Vec<StepKey>,
}

impl<'f> View<'f> {
    /// Finds the release on the forge, if the plan has one there.
    pub(super) fn new(plan: &'f Plan, facts: &'f Facts, on_forge: bool) -> Self {
        let (repairs, conflicts) = (Vec::new(), Vec::new());
        let idle = Vec::new();
        let mut view = Self { plan, facts, place: Place::None, repairs, conflicts, idle };
        if on_forge {
            view.place = view.find();
        }
        view
    }

    fn find(&mut self) -> Place<'f> {
        let marker = self.plan.marker();
        let drafts = self.facts.drafts.known().map(|drafts| {
            drafts.iter().partition::<Vec<&Release>, _>(|draft| draft.body.contains(&marker))
        });
        match self.facts.published.known() {
            Ok(Some(release)) => {
                let left = drafts.map_or_else(|_| Vec::new(), |(ours, _)| ours);
                let left = left.into_iter().filter(|draft| draft.assets.is_empty());
                self.repairs.extend(
                    left.map(|draft| Repair::RemoveDraft { release: draft.id, kept: release.id }),
                );
                return Place::Published(release);
            }
            Err(unseen) => return Place::Unseen(unseen.clone()),
            Ok(None) => {}
        }
        let (ours, strange) = match drafts {
            Ok(drafts) => drafts,
            Err(unseen) => return Place::Unseen(unseen.clone()),
        };
        self.conflicts.extend(strange.into_iter().map(|draft| Conflict::StrangeDraft {
            id: draft.id,
            url: draft.url.clone(),
            commit: marked_commit(&draft.body),
            wanted: self.plan.commit.clone(),
        }));
        let recorded = self.facts.ledger.known().ok().and_then(Ledger::release);
        let kept = ours.iter().find(|draft| Some(draft.id) == recorded).or_else(|| {
            // The draft with the most assets or, of these, the oldest: the other one is then empty
            // and can be removed.
            ours.iter().max_by_key(|draft| (draft.assets.len(), std::cmp::Reverse(draft.id)))
        });
        let Some(kept) = kept.copied() else { return Place::None };
        for extra in ours.into_iter().filter(|draft| draft.id != kept.id) {
            if extra.assets.is_empty() {
                let repair = Repair::RemoveDraft { release: extra.id, kept: kept.id };
                self.repairs.push(repair);
            } else {
                self.conflicts.push(Conflict::TwoDrafts { kept: kept.id, other: extra.id });
            }
        }
        Place::Draft(kept)
    }
}

fn marked_commit(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<!-- tminus: tag=")?;
    let (_, rest) = rest.split_once(" commit=")?;
    rest.split_once(" -->").map(|(commit, _)| commit.chars().take(40).collect())
}
