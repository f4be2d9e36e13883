//! The output of `next`: what blocks a release, who can resolve it, and how.

use super::finding::Paint;
use crate::base::clean::{self, clean};
use crate::base::moment::{length, short};
use crate::facts::Facts;
use crate::planner::blockers::{Blocker, Blockers};
use crate::release::plan::Plan;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The blockers, for people.
#[must_use]
pub fn text(plan: &Plan, blockers: &Blockers, facts: &Facts, paint: Paint) -> String {
    let head = format!("{} {}", clean::name(&plan.name), plan.version);
    let Some(stage) = &blockers.stage else {
        return format!("{}\n", paint.bold(&format!("{head}: every step is done")));
    };
    let mut text = format!("{}\n", paint.bold(&format!("{head}: the next stage is `{stage}`")));
    for (at, blocker) in blockers.all.iter().enumerate() {
        let (word, finding) = (blocker.verdict.word(), &blocker.finding);
        let gate = blocker.gate.as_ref().map(|gate| format!("[{gate}]")).unwrap_or_default();
        let number = at + 1;
        let word = paint.word(word, 0);
        let _ = writeln!(text, "\n{number:>2}. {word}{gate}: {}", clean(&finding.message));
        let mut line = |name: &str, said: &str| {
            let _ = writeln!(text, "      {name:<5}  {}", clean(said));
        };
        for note in &finding.notes {
            line("", note);
        }
        if let Some(who) = finding.waits_on() {
            line("who", &who);
        }
        if let Some(help) = &finding.help {
            line("how", help);
        }
        if let Some(until) = blocker.until {
            line("until", &format!("at least {}", short(until)));
        }
    }
    if let Some(since) = blockers.since.filter(|_| !blockers.all.is_empty()) {
        let waits = facts.at.duration_since(since).as_secs();
        let waits = length(u64::try_from(waits).unwrap_or(0));
        let _ = writeln!(text, "\nwaiting since {} ({waits})", short(since));
    }
    text
}

/// The same for programs.
#[must_use]
pub fn document(plan: &Plan, blockers: &Blockers) -> Value {
    let blocker = |blocker: &Blocker| {
        let finding = &blocker.finding;
        json!({
            "gate": blocker.gate,
            "verdict": blocker.verdict.to_string(),
            "message": finding.message,
            "notes": finding.notes,
            "who": finding.waits_on(),
            "people": finding.people,
            "how": finding.help,
            "until": blocker.until,
        })
    };
    json!({
        "format": super::json::FORMAT,
        "version": plan.version,
        "tag": plan.tag,
        "stage": blockers.stage,
        "since": blockers.since,
        "blockers": blockers.all.iter().map(blocker).collect::<Vec<_>>(),
    })
}
