//! Runs the gates of a manifest.

use super::gate::{Gate, ManifestEntry, Need, Occasion, Rule as _};
use super::registry::{GATES, find};
use super::tasks_done::TasksDone;
use super::waive::{Remarks, waive};
use crate::judge::case::Case;
use crate::judge::ruling::{Answer, Poll, Ruling, Verdict};
use crate::project::manifest::{Manifest, Mode, Task, TaskProof};

/// Which gates to run.
#[derive(Debug, Clone, Default)]
pub struct GateSelection {
    /// Only these, by ID; if empty, all.
    pub only: Vec<String>,
    /// Besides, gates that run only because a stage names them.
    pub also: Vec<String>,
    /// Skip gates that need the forge.
    pub offline: bool,
    /// The occasion.
    pub occasion: Occasion,
}

impl GateSelection {
    /// All gates, for a release.
    #[must_use]
    pub fn release() -> Self {
        Self { occasion: Occasion::Release, ..Self::default() }
    }
}

/// Evaluates every gate that the manifest enables. Gates that it does not name keep their default.
#[must_use]
pub fn poll(case: &Case<'_>, selection: &GateSelection) -> Poll {
    let asked = GATES.iter().filter(|gate| wanted(gate, selection));
    let answers = asked.filter_map(|gate| answer(gate, case, selection));
    let mut answers: Vec<Answer> = answers.collect();
    let Remarks { faults, notes } = waive(case, &mut answers);
    let commit = case.facts.commit.sha.clone();
    Poll { commit, answers, waiver_faults: faults, waiver_notes: notes }
}

/// Runs the gates that the manifest also applies to rollbacks (`back: true`).
#[must_use]
pub fn poll_back(case: &Case<'_>) -> Poll {
    let entries = case.manifest.gates.iter().flatten().filter(|entry| entry.back);
    let only: Vec<String> = entries.map(|entry| entry.id.value.clone()).collect();
    if only.is_empty() {
        let commit = case.facts.commit.sha.clone();
        let (waiver_faults, waiver_notes) = (Vec::new(), Vec::new());
        return Poll { commit, answers: Vec::new(), waiver_faults, waiver_notes };
    }
    poll(case, &GateSelection { only, ..GateSelection::release() })
}

/// The facts that the enabled gates of a manifest need.
#[must_use]
pub fn needs(manifest: &Manifest, selection: &GateSelection) -> Vec<Need> {
    let on = |gate: &&Gate| {
        let entry = gate.entry(manifest);
        wanted(gate, selection)
            && runs_on_occasion(gate, manifest, selection)
            && entry.is_none_or(|entry| entry.mode != Mode::Off)
    };
    let mut needs: Vec<Need> =
        GATES.iter().filter(on).flat_map(|gate| gate.needs(manifest)).collect();
    let checked = |task: &Task| matches!(task.proof, TaskProof::Check(_));
    let asked = GATES.iter().filter(on).any(|gate| gate.id == TasksDone::ID);
    if asked && manifest.tasks.iter().any(checked) {
        needs.push(Need::Checks);
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn wanted(gate: &Gate, selection: &GateSelection) -> bool {
    selection.only.is_empty() || selection.only.iter().any(|id| id == gate.id)
}

/// Whether a gate runs on this occasion. A gate that was selected by name always runs.
fn runs_on_occasion(gate: &Gate, manifest: &Manifest, selection: &GateSelection) -> bool {
    let named = match gate.entry(manifest) {
        Some(_) => ManifestEntry::Named,
        None => ManifestEntry::Unnamed,
    };
    let asked =
        gate.is_asked(selection.occasion, named) && gate.allows(manifest, selection.occasion);
    let also = selection.also.iter().any(|id| id == gate.id);
    !selection.only.is_empty() || also || asked
}

fn answer(gate: &Gate, case: &Case<'_>, selection: &GateSelection) -> Option<Answer> {
    let manifest = case.manifest;
    let entry = gate.entry(manifest);
    if !runs_on_occasion(gate, manifest, selection) {
        return None;
    }
    let named = entry.is_some()
        || !selection.only.is_empty()
        || selection.also.iter().any(|id| id == gate.id);
    if !named && !(gate.by_default)(case) {
        return None;
    }
    let mode = entry.map_or(Mode::On, |entry| entry.mode);
    if let Some(not_asked) = later(gate, case).filter(|_| selection.only.is_empty()) {
        // It does not keep a release from starting.
        let shown = selection.occasion != Occasion::Release && mode != Mode::Off;
        return shown.then(|| Answer {
            gate: gate.id.into(),
            mode,
            ruling: None,
            not_asked: Some(not_asked),
            notes: Vec::new(),
            waived: Vec::new(),
            is_waived: false,
        });
    }
    let remote = gate.needs(manifest).into_iter().any(Need::is_remote);
    let not_asked = (selection.offline && remote && mode != Mode::Off)
        .then(|| "requires the network, but `--offline` is set".to_owned());
    let asked = mode != Mode::Off && not_asked.is_none();
    let ruling = asked.then(|| overruled(manifest, gate.id, gate.rule(case)));
    // Between releases, no version is due. To plan a release, pass the version.
    let between = selection.occasion != Occasion::Release && !case.facts.request.expect_release;
    let idle = case.target().err().filter(|none| between && none.waits());
    let (ruling, not_asked) = match idle {
        Some(none) if ruling == Some(none.ruling()) => {
            (None, Some("no version is set or passed yet".to_owned()))
        }
        Some(_) | None => (ruling, not_asked),
    };
    let notes = if ruling.is_some() { gate.notes(case) } else { Vec::new() };
    Some(Answer {
        gate: gate.id.into(),
        mode,
        ruling,
        not_asked,
        notes,
        waived: Vec::new(),
        is_waived: false,
    })
}

/// Why a gate does not run yet, if only a later stage depends on it.
fn later(gate: &Gate, case: &Case<'_>) -> Option<String> {
    let stage = (gate.before)(case).filter(|stage| !case.has_reached(stage))?;
    Some(format!("runs before stage `{stage}`"))
}

/// In a rehearsal with `--anyway`, replaces the ruling of a gate by a go.
fn overruled(manifest: &Manifest, gate: &str, ruling: Ruling) -> Ruling {
    if ruling.verdict() == Verdict::Go || !manifest.overruled.iter().any(|id| id == gate) {
        return ruling;
    }
    let verdict = ruling.verdict();
    Ruling::go(format!("overridden in this rehearsal; {verdict}: {}", ruling.summary()))
}

/// The gates to evaluate again while a release waits, if every gate on hold is waiting for checks.
/// `None` if the verdict is not hold, or if something else holds.
#[must_use]
pub fn held_by_checks(poll: &Poll, manifest: &Manifest) -> Option<GateSelection> {
    let selection = |only| GateSelection { only, ..GateSelection::release() };
    let holds =
        |answer: &&Answer| answer.mode == Mode::On && answer.counts_as() == Some(Verdict::Hold);
    let for_checks = |answer: &Answer| {
        needs(manifest, &selection(vec![answer.gate.clone()])).contains(&Need::Checks)
    };
    let only = poll.answers.iter().map(|answer| answer.gate.clone()).collect();
    let held = poll.verdict() == Verdict::Hold;
    (held && poll.answers.iter().filter(holds).all(for_checks)).then(|| selection(only))
}

/// Whether the verdict is hold, and everything that holds ends by itself at a known time.
#[must_use]
pub fn held_by_schedule(poll: &Poll) -> bool {
    let holds = |answer: &&Answer| {
        let verdict = answer.ruling.as_ref().map(Ruling::verdict);
        answer.mode == Mode::On && verdict == Some(Verdict::Hold)
    };
    let by_itself = |answer: &Answer| find(&answer.gate).is_some_and(|gate| gate.ends_by_itself);
    poll.verdict() == Verdict::Hold && poll.answers.iter().filter(holds).all(by_itself)
}
