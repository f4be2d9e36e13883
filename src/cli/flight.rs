//! What `plan`, `release`, `status` and `abort` share: the plan that holds, and its progress.

use crate::conflict::Conflict;
use crate::facts::Facts;
use crate::ledger::Ledger;
use crate::manifest::Manifest;
use crate::plan::{self, Progress};
use crate::render::Paint;
use crate::render::Sources;
use crate::render::finding;
use crate::step::Plan;
use crate::target::NoTarget;

/// The plan that holds: the sealed one of a release under way, else the one that follows from the
/// facts.
pub(super) fn plan_of(manifest: &Manifest, facts: &Facts) -> Result<Plan, NoTarget> {
    match facts.ledger.known().ok().and_then(Ledger::plan) {
        Some(sealed) => Ok(sealed.clone()),
        None => plan::plan(manifest, facts),
    }
}

/// Conflicts as text, one word before each.
pub(super) fn conflicts(conflicts: &[Conflict], facts: &Facts, paint: Paint) -> String {
    let findings: Vec<_> = conflicts.iter().map(Conflict::finding).collect();
    finding::all("conflict", None, &findings, &Sources::of_facts(facts), paint)
}

/// Whether everything is done and nothing is left to be repaired.
pub(super) fn complete(plan: &Plan, progress: &Progress) -> bool {
    progress.next(plan, None).is_none() && progress.repairs.is_empty()
}
