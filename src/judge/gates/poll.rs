//! Runs the gates of a manifest.

use super::gate::{Gate, ManifestEntry, Need, Occasion};
use super::registry::GATES;
use crate::judge::case::Case;
use crate::judge::ruling::{Answer, Poll, Ruling, Verdict};
use crate::project::manifest::{Manifest, Mode};

/// Which gates to ask.
#[derive(Debug, Clone, Default)]
pub struct GateSelection {
    /// Only these, by ID; if empty, all.
    pub only: Vec<String>,
    /// Besides, gates that run only because a stage names them.
    pub also: Vec<String>,
    /// Skip gates that need the forge.
    pub offline: bool,
    /// What they are asked for.
    pub occasion: Occasion,
}

impl GateSelection {
    /// Every gate that a release needs.
    #[must_use]
    pub fn release() -> Self {
        Self { occasion: Occasion::Release, ..Self::default() }
    }
}

/// Evaluates every gate that the manifest enables. Gates that it does not name keep their default.
#[must_use]
pub fn poll(case: &Case<'_>, asking: &GateSelection) -> Poll {
    let asked = GATES.iter().filter(|gate| wanted(gate, asking));
    let answers = asked.filter_map(|gate| answer(gate, case, asking)).collect();
    Poll { commit: case.facts.commit.sha.clone(), answers }
}

/// Evaluates the gates that the manifest applies to rollbacks as well (`back: true`).
#[must_use]
pub fn poll_back(case: &Case<'_>) -> Poll {
    let entries = case.manifest.gates.iter().flatten().filter(|entry| entry.back);
    let only: Vec<String> = entries.map(|entry| entry.id.value.clone()).collect();
    if only.is_empty() {
        return Poll { commit: case.facts.commit.sha.clone(), answers: Vec::new() };
    }
    poll(case, &GateSelection { only, ..GateSelection::release() })
}

/// The facts that are needed by the gates that a manifest may enable.
#[must_use]
pub fn needs(manifest: &Manifest, asking: &GateSelection) -> Vec<Need> {
    let on = |gate: &&Gate| {
        let entry = gate.entry(manifest);
        wanted(gate, asking)
            && runs_on_occasion(gate, manifest, asking)
            && entry.is_none_or(|entry| entry.mode != Mode::Off)
    };
    let mut needs: Vec<Need> =
        GATES.iter().filter(on).flat_map(|gate| gate.needs(manifest)).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn wanted(gate: &Gate, asking: &GateSelection) -> bool {
    asking.only.is_empty() || asking.only.iter().any(|id| id == gate.id)
}

/// Whether it is asked at this occasion; one that is asked for by name always is.
fn runs_on_occasion(gate: &Gate, manifest: &Manifest, asking: &GateSelection) -> bool {
    let named = match gate.entry(manifest) {
        Some(_) => ManifestEntry::Named,
        None => ManifestEntry::Unnamed,
    };
    !asking.only.is_empty()
        || asking.also.iter().any(|id| id == gate.id)
        || gate.is_asked(asking.occasion, named)
}

fn answer(gate: &Gate, case: &Case<'_>, asking: &GateSelection) -> Option<Answer> {
    let manifest = case.manifest;
    let entry = gate.entry(manifest);
    if !runs_on_occasion(gate, manifest, asking) {
        return None;
    }
    let named =
        entry.is_some() || !asking.only.is_empty() || asking.also.iter().any(|id| id == gate.id);
    if !named && !(gate.by_default)(case) {
        return None;
    }
    let mode = entry.map_or(Mode::On, |entry| entry.mode);
    if let Some(not_asked) = later(gate, case).filter(|_| asking.only.is_empty()) {
        // It does not keep a release from starting.
        let shown = asking.occasion != Occasion::Release && mode != Mode::Off;
        return shown.then(|| Answer {
            gate: gate.id.into(),
            mode,
            ruling: None,
            not_asked: Some(not_asked),
        });
    }
    let remote = gate.needs(manifest).into_iter().any(Need::is_remote);
    let not_asked = (asking.offline && remote && mode != Mode::Off)
        .then(|| "requires the network, but `--offline` is set".to_owned());
    let asked = mode != Mode::Off && not_asked.is_none();
    let ruling = asked.then(|| overruled(manifest, gate.id, gate.rule(case)));
    // Between releases no version is due; whoever plans one must give it.
    let between = asking.occasion != Occasion::Release && !case.facts.request.expect_release;
    let idle = case.target().err().filter(|none| between && none.waits());
    let (ruling, not_asked) = match idle {
        Some(none) if ruling == Some(none.ruling()) => {
            (None, Some("no version is set or given yet".to_owned()))
        }
        Some(_) | None => (ruling, not_asked),
    };
    Some(Answer { gate: gate.id.into(), mode, ruling, not_asked })
}

/// Why a gate is not asked yet, if only a later stage depends on it.
fn later(gate: &Gate, case: &Case<'_>) -> Option<String> {
    let stage = (gate.before)(case).filter(|stage| !case.has_reached(stage))?;
    Some(format!("runs before stage `{stage}`"))
}

/// In a rehearsal, a go in place of what a gate says.
fn overruled(manifest: &Manifest, gate: &str, ruling: Ruling) -> Ruling {
    if ruling.verdict() == Verdict::Go || !manifest.overruled.iter().any(|id| id == gate) {
        return ruling;
    }
    let verdict = ruling.verdict();
    Ruling::go(format!("overruled in this rehearsal; {verdict}: {}", ruling.summary()))
}

/// The gates to evaluate again while a release waits, if every gate on hold is waiting for checks.
/// `None` if the verdict is not hold, or if something else holds.
#[must_use]
pub fn held_by_checks(poll: &Poll, manifest: &Manifest) -> Option<GateSelection> {
    let asking = |only| GateSelection { only, ..GateSelection::release() };
    let holds = |answer: &&Answer| {
        let verdict = answer.ruling.as_ref().map(Ruling::verdict);
        answer.mode == Mode::On && verdict == Some(Verdict::Hold)
    };
    let for_checks = |answer: &Answer| {
        needs(manifest, &asking(vec![answer.gate.clone()])).contains(&Need::Checks)
    };
    let only = poll.answers.iter().map(|answer| answer.gate.clone()).collect();
    let held = poll.verdict() == Verdict::Hold;
    (held && poll.answers.iter().filter(holds).all(for_checks)).then(|| asking(only))
}
