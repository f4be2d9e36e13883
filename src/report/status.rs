//! The output of `status`: the state of a release, from its ledger and its actual state.

use super::blocked;
use super::ending::Ending;
use super::finding::Paint;
use super::model::Reason;
use super::plan::{promoted, steps};
use crate::base::clean::{self, clean};
use crate::base::moment::short;
use crate::base::word::Word;
use crate::facts::Facts;
use crate::judge::ruling::Verdict;
use crate::planner::steps::title;
use crate::planner::{Held, Progress, StepState};
use crate::release::ledger::{Entry, Ledger};
use crate::release::outcome::Outcome;
use crate::release::plan::Plan;
use jiff::Timestamp;
use std::fmt::Write as _;

/// How many entries of the ledger are shown.
const SHOWN: usize = 8;

/// The state of a release.
#[must_use]
pub fn status(
    plan: &Plan,
    progress: &Progress,
    (blocking, notes): (&[Reason<'_>], &[Reason<'_>]),
    facts: &Facts,
    paint: Paint,
) -> String {
    let ledger = facts.ledger.known().ok();
    let Ending { outcome, said, .. } = state(plan, progress, ledger);
    let (word, comma) = (outcome.description(), if said.is_empty() { "" } else { ", " });
    let (name, at) = (clean::name(&plan.name), plan.commit.short());
    let head = format!("{name} {} at {at}: {word}{comma}{said}", plan.version);
    let mut text = format!("{}\n", paint.bold(&head));
    if let Some(promoted) = promoted(plan) {
        let _ = writeln!(text, "  {promoted}");
    }
    text.push_str(&blocked::text(blocking, facts.at, paint));
    text.push_str(&blocked::notes(notes, facts.at, paint));
    text.push('\n');
    text.push_str(&steps(plan, progress, (facts, None), None, paint));
    match &facts.ledger {
        crate::facts::Seen::Unseen(unseen) => {
            let _ = writeln!(text, "\n  the ledger cannot be read: {}", clean(&unseen.why));
            if let Some(help) = &unseen.help {
                let _ = writeln!(text, "  = help: {}", clean(help));
            }
        }
        crate::facts::Seen::Known(ledger) => {
            text.push_str(&waived(ledger, paint));
            text.push_str(&record(ledger, facts.at, paint));
        }
    }
    text
}

/// Its state: one of the outcomes in `docs/reports.md`, with a sentence.
#[must_use]
pub fn state(plan: &Plan, progress: &Progress, ledger: Option<&Ledger>) -> Ending {
    let done = plan.steps().filter(|(_, planned)| progress.is_done(&planned.key)).count();
    let all = plan.steps().count();
    let begun = ledger.is_some_and(|ledger| ledger.plan().is_some());
    let steps = steps_done(done, all);
    if done == all {
        Ending::new(Outcome::Released, "")
    } else if ledger.is_none() {
        Ending::new(Outcome::Unknown, format!("{steps}, but the ledger cannot be read"))
    } else if ledger.is_some_and(Ledger::aborted) {
        Ending::new(Outcome::Aborted, "")
    } else if done == 0 && !begun {
        Ending::new(Outcome::NotBegun, "")
    } else if let Some(doubt) = in_doubt(plan, progress) {
        Ending::new(Outcome::Partial, format!("{steps}, {doubt}"))
    } else if let Some(held) = held(plan, progress) {
        let until = held.until.map(|until| format!("until at least {}, ", short(until)));
        Ending::new(Outcome::Hold, format!("{}{steps}", until.unwrap_or_default()))
    } else if progress.is_public(plan) {
        Ending::new(Outcome::Partial, steps)
    } else {
        Ending::new(Outcome::UnderWay, format!("{steps}, nothing public"))
    }
}

/// Why the next step is on hold, if only time or a person is needed.
fn held<'p>(plan: &Plan, progress: &'p Progress) -> Option<&'p Held> {
    let (_, next) = progress.next(plan, None)?;
    match progress.of(&next.key) {
        StepState::Held(held) if held.verdict == Verdict::Hold => Some(held),
        StepState::Held(_) | StepState::Missing | StepState::Done { .. } | StepState::Unseen(_) => {
            None
        }
    }
}

/// Steps that were started and may have taken effect, if any.
#[must_use]
pub fn in_doubt(plan: &Plan, progress: &Progress) -> Option<String> {
    let doubted = plan.steps().filter(|(_, planned)| progress.doubted.contains(&planned.key));
    let names: Vec<String> =
        doubted.map(|(_, planned)| format!("`{}`", clean(&title(plan, planned)))).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} was started and may have taken effect")),
        [..] => Some(format!("{} were started and may have taken effect", names.join(", "))),
    }
}

/// The progress of a plan.
#[must_use]
pub fn steps_done(done: usize, all: usize) -> String {
    let steps = if all == 1 { "step" } else { "steps" };
    format!("{done} of {all} {steps} done")
}

/// The waivers that the release used.
fn waived(ledger: &Ledger, paint: Paint) -> String {
    let mut text = String::new();
    for used in ledger.waived() {
        let (word, grant) = (paint.word(Word::WAIVED, 0), used.grant());
        let said = clean(&used.said);
        let _ = writeln!(text, "\n  {word}[{}]: {}: {said}", used.gate, used.ruling);
        let _ = writeln!(text, "    {}", clean(&grant));
    }
    text
}

fn record(ledger: &Ledger, now: Timestamp, paint: Paint) -> String {
    if ledger.entries.is_empty() {
        return "\n  no ledger yet\n".into();
    }
    let mut text = String::from("\n  ledger\n");
    let hidden = ledger.entries.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let _ = writeln!(text, "    {}", paint.dim(&format!("{hidden} earlier entries")));
    }
    for entry in ledger.entries.iter().skip(hidden) {
        let _ = writeln!(text, "    {}  {}", moment(entry), clean(&entry.line()));
    }
    if let Some(lease) = ledger.lease() {
        let until = short(lease.until);
        let state = if lease.until > now { "until" } else { "expired" };
        let _ = writeln!(text, "  leased by {}, {state} {until}", clean(&lease.holder.name));
        if let Some(run) = &lease.holder.run {
            let _ = writeln!(text, "    {}", clean(&run.url));
        }
    }
    text
}

fn moment(entry: &Entry) -> String {
    short(entry.at)
}
