//! The differences between two plans, as text.

use super::steps;
use crate::base::names::StepKey;
use crate::release::plan::Plan;
use crate::release::step::Planned;
use std::collections::BTreeMap;

/// The differences between a saved plan and the current plan, one line each.
#[must_use]
pub fn difference(kept: &Plan, now: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let mut field = |name: &str, kept: String, now: String| {
        if kept != now {
            lines.push(format!("{name}: {kept} -> {now}"));
        }
    };
    field("version", kept.version.to_string(), now.version.to_string());
    field("tag", kept.tag.to_string(), now.tag.to_string());
    field("commit", kept.commit.short().into(), now.commit.short().into());
    field("manifest", kept.manifest.short().into(), now.manifest.short().into());
    let previous = |plan: &Plan| plan.previous.as_ref().map_or("none".into(), ToString::to_string);
    field("previous", previous(kept), previous(now));
    let gates = |plan: &Plan| {
        let stages = plan.stages.iter();
        let stages = stages.map(|stage| {
            let at = stage.environment.as_ref().map(|at| format!("@{at}")).unwrap_or_default();
            format!("{}{at}[{}]", stage.name, stage.gates.join(","))
        });
        stages.collect::<Vec<_>>().join(" ")
    };
    field("stages", gates(kept), gates(now));
    let by_key = |plan: &'_ Plan| -> BTreeMap<StepKey, Planned> {
        plan.steps().map(|(_, planned)| (planned.key.clone(), planned.clone())).collect()
    };
    let (old, new) = (by_key(kept), by_key(now));
    lines.extend(old.keys().filter(|key| !new.contains_key(key)).map(|key| format!("- {key}")));
    lines.extend(new.keys().filter(|key| !old.contains_key(key)).map(|key| format!("+ {key}")));
    let changed = new.iter().filter(|(key, step)| old.get(key).is_some_and(|old| old != *step));
    lines.extend(changed.map(|(key, step)| {
        let kept = old.get(key).and_then(|old| steps::asset(&old.step));
        match (kept, steps::asset(&step.step)) {
            (Some(kept), Some(now)) if now.digest != kept.digest => {
                format!("~ {key}: sha256 {} -> {}", kept.digest.short(), now.digest.short())
            }
            _ => format!("~ {key}: its arguments differ"),
        }
    }));
    if lines.is_empty() && kept.digest() != now.digest() {
        lines.push("the order of the steps".into());
    }
    lines
}
