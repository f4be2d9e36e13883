//! The output of `next`: what blocks a release, who can resolve it, and how.

use super::blocked;
use super::finding::Paint;
use super::model::Reason;
use crate::base::clean;
use crate::facts::Facts;
use crate::planner::blockers::Blockers;
use crate::release::plan::Plan;
use serde_json::{Value, json};

/// The blockers, for people.
#[must_use]
pub fn text(plan: &Plan, blockers: &Blockers, facts: &Facts, paint: Paint) -> String {
    let head = format!("{} {}", clean::name(&plan.name), plan.version);
    let Some(stage) = &blockers.stage else {
        return format!("{}\n", paint.bold(&format!("{head}: every step is done")));
    };
    let mut text = format!("{}\n", paint.bold(&format!("{head}: the next stage is `{stage}`")));
    let reasons: Vec<Reason<'_>> = blockers.all.iter().map(Reason::of).collect();
    text.push_str(&blocked::text(&reasons, facts.at, paint));
    if !reasons.is_empty() {
        text.push('\n');
    }
    text
}

/// The same for programs.
#[must_use]
pub fn document(plan: &Plan, blockers: &Blockers) -> Value {
    let reasons: Vec<Reason<'_>> = blockers.all.iter().map(Reason::of).collect();
    json!({
        "format": super::json::FORMAT,
        "version": plan.version,
        "tag": plan.tag,
        "stage": blockers.stage,
        "since": blockers.since,
        "blockers": blocked::document(&reasons),
    })
}
