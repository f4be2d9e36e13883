//! Functions for any step of a plan or a manifest, regardless of its kind.

use super::kind::{Denial, Kind, Planning, Requests};
use super::registry::STEPS;
use crate::base::clean::clean;
use crate::base::names::StepKey;
use crate::base::source::Spanned;
use crate::facts::{Facts, Unseen};
use crate::judge::gates;
use crate::judge::moving::Moving;
use crate::planner::samples;
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{Forge, Kinds, Manifest, Pattern, StepEntry, Touch};
use crate::release::ledger::Evidence;
use crate::release::plan::Plan;
use crate::release::step::{Asset, Command, Planned, Step};

/// All gates and step kinds, with these forges, for reading a manifest.
#[must_use]
pub fn kinds(forges: Vec<Forge>) -> Kinds {
    let steps = STEPS.iter().filter_map(|kind| kind.written).collect();
    Kinds { gates: gates::shapes(), steps, samples: samples::shapes(), forges }
}

/// The kind of a step; `None` if this version of tminus does not know it.
fn kind(step: &Step) -> Option<&'static Kind> {
    STEPS.iter().find(|kind| kind.name == step.kind())
}

/// The kind of an entry of the manifest.
fn written(entry: &StepEntry) -> Option<&'static Kind> {
    STEPS.iter().find(|kind| kind.written.is_some_and(|shape| shape == entry.kind))
}

fn entries(manifest: &Manifest) -> impl Iterator<Item = &StepEntry> {
    manifest.stages.iter().flat_map(|stage| &stage.steps).map(|step| &step.value)
}

/// The planned steps of an entry in the manifest.
pub(in crate::planner) fn planned(entry: &StepEntry, planning: &Planning<'_>) -> Vec<Planned> {
    written(entry).map_or_else(Vec::new, |kind| (kind.plan)(&entry.settings, planning))
}

/// The state of a step. A step of an unknown kind is unseen.
pub(in crate::planner) fn standing(step: &Step, key: &StepKey, view: &mut View<'_>) -> StepState {
    match kind(step) {
        Some(kind) => (kind.standing)(step, key, view),
        None => StepState::Unseen(Unseen {
            why: format!("this version of tminus does not support the step `{}`", step.kind()),
            help: Some("use the version of tminus that sealed the plan, or a newer one".into()),
            who: None,
        }),
    }
}

/// The number of requests to the forge that a step needs.
pub(in crate::planner) fn requests(step: &Step, requests: Requests) -> usize {
    kind(step).map_or(0, |kind| (kind.requests)(step, requests))
}

/// What a step changes.
#[must_use]
pub fn touched(step: &Step) -> &'static [Touch] {
    kind(step).map_or(&[], |kind| kind.touches)
}

/// Whether a step changes this.
#[must_use]
pub fn touches(step: &Step, touch: Touch) -> bool {
    touched(step).contains(&touch)
}

/// The title of a step in reports.
#[must_use]
pub fn title(plan: &Plan, planned: &Planned) -> String {
    let known = kind(&planned.step).and_then(|kind| (kind.title)(&planned.step, plan));
    known.unwrap_or_else(|| clean(planned.key.as_str()).into_owned())
}

/// The actual state if a step is not done, as a phrase after "but".
pub(in crate::planner) fn absent(plan: &Plan, planned: &Planned) -> String {
    let known = kind(&planned.step).and_then(|kind| (kind.absent)(&planned.step, plan));
    known.unwrap_or_else(|| "it is not done".into())
}

/// Why a step is not done although its state is `Done`.
pub(in crate::planner) fn denied(
    planned: &Planned,
    evidence: &Evidence,
    plan: &Plan,
    facts: &Facts,
) -> Denial {
    let kind = kind(&planned.step);
    kind.map_or(Ok(None), |kind| (kind.denied)(&planned.step, evidence, plan, facts))
}

/// Details of a step that is not done.
#[must_use]
pub fn detail(plan: &Plan, planned: &Planned, facts: &Facts) -> String {
    kind(&planned.step).map_or_else(String::new, |kind| (kind.detail)(&planned.step, plan, facts))
}

/// The time that a step may take in addition to the usual limit, in seconds.
#[must_use]
pub fn seconds(step: &Step) -> u64 {
    kind(step).map_or(0, |kind| (kind.seconds)(step))
}

/// The command that a step runs.
#[must_use]
pub fn command(step: &Step) -> Option<Command> {
    (kind(step)?.command)(step)
}

/// Whether a step comes after all others of its stage with the same reach.
pub(in crate::planner) fn is_last(step: &Step) -> bool {
    kind(step).is_some_and(|kind| kind.last)
}

/// The tag that a step moves, and its range.
#[must_use]
pub fn moved(step: &Step) -> Option<Moving> {
    (kind(step)?.moves)(step)
}

/// Every tag that a plan moves, in its order.
pub fn moving(plan: &Plan) -> impl Iterator<Item = Moving> {
    plan.steps().filter_map(|(_, planned)| moved(&planned.step))
}

/// The asset that a step uploads.
#[must_use]
pub fn asset(step: &Step) -> Option<Asset> {
    (kind(step)?.asset)(step)
}

/// All assets that a plan uploads, in order.
pub fn assets(plan: &Plan) -> impl Iterator<Item = Asset> {
    plan.steps().filter_map(|(_, planned)| asset(&planned.step))
}

/// The files that must be built before a step can be performed, as patterns of the manifest.
#[must_use]
pub fn awaits(step: &Step) -> Vec<String> {
    kind(step).map_or_else(Vec::new, |kind| (kind.awaits)(step))
}

/// The files that a plan waits for. While there are any, the plan is not final and has no digest.
#[must_use]
pub fn pending_checks(plan: &Plan) -> Vec<String> {
    let mut files: Vec<String> =
        plan.steps().flat_map(|(_, planned)| awaits(&planned.step)).collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The notes that a plan publishes, if it has any.
#[must_use]
pub fn notes(plan: &Plan) -> Option<String> {
    plan.steps().find_map(|(_, planned)| (kind(&planned.step)?.notes)(&planned.step))
}

/// Whether a plan has steps on the forge.
#[must_use]
pub fn on_forge(plan: &Plan) -> bool {
    plan.steps().any(|(_, planned)| touched(&planned.step).iter().any(|it| it.on_forge()))
}

/// The files in a step of the manifest.
#[must_use]
pub fn files(entry: &StepEntry) -> &[Spanned<Pattern>] {
    written(entry).map_or(&[], |kind| (kind.files)(&entry.settings))
}

/// The files in the whole manifest.
pub fn all_files(manifest: &Manifest) -> impl Iterator<Item = &Spanned<Pattern>> {
    entries(manifest).flat_map(files)
}

/// Whether a manifest adds a file with the digests of all assets.
pub(in crate::planner) fn sums(manifest: &Manifest) -> bool {
    let sums = |entry: &StepEntry| written(entry).is_some_and(|it| (it.sums)(&entry.settings));
    entries(manifest).any(sums)
}

/// The command in a step of the manifest.
#[must_use]
pub fn runs(entry: &StepEntry) -> Option<&Command> {
    (written(entry)?.runs)(&entry.settings)
}

/// All commands in a manifest.
pub fn commands(manifest: &Manifest) -> impl Iterator<Item = &Command> {
    entries(manifest).filter_map(runs)
}
