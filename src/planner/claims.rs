//! Checks that each step that a ledger records as done is done.

use super::audit::{EntryFinding, written};
use super::conflict::Conflict;
use super::standing::StepState;
use super::steps;
use super::view::View;
use crate::base::finding::Finding;
use crate::facts::{Facts, Unseen};
use crate::judge::ruling::Verdict;
use crate::project::manifest::Touch;
use crate::release::ledger::{Entry, Event, Evidence, Ledger};
use crate::release::step::Planned;

/// What a ledger claims, compared with the actual state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// How many steps it records as done.
    pub count: usize,
    /// Steps that are not done.
    pub wrong: Vec<EntryFinding>,
    /// Steps whose state could not be read.
    pub unseen: Vec<EntryFinding>,
}

/// The result of checking one claim.
enum Claim {
    True,
    /// The claim is wrong; contains the actual state.
    Wrong(String),
    Unseen(Unseen),
}

/// Compares every step that the ledger records as done with the actual state.
#[must_use]
pub fn claims(ledger: &Ledger, facts: &Facts) -> Claims {
    let mut claims = Claims::default();
    let Some(plan) = ledger.plan() else { return claims };
    let mut view = View::new(plan, facts, steps::on_forge(plan));
    for (_, planned) in plan.steps() {
        let Some((number, entry, evidence)) = claim_of(ledger, planned) else { continue };
        claims.count += 1;
        let title = steps::title(plan, planned);
        let told = format!("the ledger says that `{title}` was done {}", written(entry));
        match claim(planned, evidence, &mut view) {
            Claim::True => {}
            Claim::Wrong(but) => {
                let mut found = EntryFinding::new(ledger, number, &format!("{told}, but {but}"));
                found.finding.notes.extend(found.finding.help.take());
                let help = "find out who changed it; `tminus release` performs missing steps again";
                found.finding.help = Some(help.into());
                claims.wrong.push(found);
            }
            Claim::Unseen(unseen) => {
                let claim_of = format!("{told}, but this cannot be checked: {}", unseen.why);
                let mut found = EntryFinding::new(ledger, number, &claim_of);
                found.finding.help = unseen.help.clone();
                found.finding.who = unseen.who.or(found.finding.who);
                claims.unseen.push(found);
            }
        }
    }
    claims.wrong.sort_by_key(|found| found.entry);
    claims.unseen.sort_by_key(|found| found.entry);
    claims
}

/// The newest entry that records a step as done.
fn claim_of<'l>(ledger: &'l Ledger, planned: &Planned) -> Option<(usize, &'l Entry, &'l Evidence)> {
    ledger.numbered().rev().find_map(|(number, entry)| {
        let Event::Did { step, evidence } = &entry.event else { return None };
        (*step == planned.key).then_some((number, entry, evidence))
    })
}

fn claim(planned: &Planned, evidence: &Evidence, view: &mut View<'_>) -> Claim {
    let before = view.conflicts.len();
    let state = steps::standing(&planned.step, &planned.key, view);
    let mut found = view.conflicts.get(before..).unwrap_or(&[]).iter();
    // The ledger itself records the rollback.
    let other = found.find(|conflict| !matches!(conflict, Conflict::RolledBack { .. }));
    if let Some(conflict) = other {
        return Claim::Wrong(conflict.finding().message);
    }
    if view.conflicts.len() > before {
        return Claim::True;
    }
    match state {
        StepState::Done { .. } => match steps::denied(planned, evidence, view.plan, view.facts) {
            Ok(None) => Claim::True,
            Ok(Some(but)) => Claim::Wrong(but),
            Err(unseen) => Claim::Unseen(unseen),
        },
        StepState::Missing => Claim::Wrong(steps::absent(view.plan, planned)),
        StepState::Unseen(unseen) => Claim::Unseen(unseen),
        StepState::Held(held) if held.verdict == Verdict::Unknown => {
            let Finding { message, help, who, .. } = held.finding;
            Claim::Unseen(Unseen { why: message, help, who })
        }
        // A claim about earlier samples is true even if later samples differ.
        StepState::Held(_) if steps::touches(&planned.step, Touch::Samples) => Claim::True,
        StepState::Held(held) => Claim::Wrong(held.finding.message),
    }
}
