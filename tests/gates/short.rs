//! Checks in few words.
//!
//! `"9001 ci / build: success"` in `checks.known.runs` is the check `build` of the workflow `ci` with
//! this id, as GitHub Actions reports it for a push in run 4411; one that has begun began at 13:52, one
//! that is finished ended at 13:58. `{ "check": "…", "run": 4420, "url": null }` is the same with other
//! keys, and without those that are null. `total` counts the checks unless it is stated.

use serde_json::{Value, json};

/// Words of a check that is not finished.
const PENDING: [&str; 6] = ["expected", "in_progress", "pending", "queued", "requested", "waiting"];

/// Writes the checks of a case out.
pub(crate) fn expand(case: &mut Value) {
    let Some(checks) = case.pointer_mut("/checks/known").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(runs) = checks.get_mut("runs").and_then(Value::as_array_mut) else { return };
    runs.iter_mut().for_each(|run| *run = expanded(run));
    let total = runs.len();
    checks.entry("total").or_insert_with(|| total.into());
}

fn expanded(run: &Value) -> Value {
    let text = run.as_str().or_else(|| run.get("check")?.as_str());
    let Some(text) = text else { return run.clone() };
    let parts = text.split_once(' ').and_then(|(id, rest)| {
        let (check, state) = rest.rsplit_once(": ")?;
        let (workflow, name) = check.split_once(" / ")?;
        Some((id, workflow, name, state))
    });
    let (id, workflow, name, state) = parts.unwrap_or_else(|| panic!("no check: {text}"));
    let is_pending = PENDING.contains(&state);
    let number = run.get("run").cloned().unwrap_or_else(|| 4411.into());
    let mut check = json!({
        "kind": "run",
        "id": id,
        "name": name,
        "app": "github-actions",
        "app_id": 15368,
        "workflow": workflow,
        "event": "push",
        "run": 4411,
        "state": { (if is_pending { "pending" } else { "finished" }): state },
        "url": format!("https://github.com/acme/widget/actions/runs/{number}/job/{id}"),
    });
    if !is_pending || state == "in_progress" {
        check["started_at"] = "2026-01-10T13:52:00Z".into();
    }
    if !is_pending {
        check["completed_at"] = "2026-01-10T13:58:00Z".into();
    }
    if let Some(check) = check.as_object_mut() {
        for (key, value) in run.as_object().into_iter().flatten().filter(|(key, _)| *key != "check")
        {
            check.insert(key.clone(), value.clone());
        }
        check.retain(|_, value| !value.is_null());
    }
    check
}
