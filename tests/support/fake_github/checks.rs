//! Checks as GraphQL tells them.

use super::options::Scopes;
use super::wire::time;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tminus::facts::{Check, CheckKind, CheckState, Conclusion};

/// A field that the token does not reach.
pub(crate) fn forbidden() -> Value {
    json!({ "__forbidden": "Resource not accessible by integration" })
}

/// A connection.
pub(crate) fn connection(kind: &str, items: Vec<Value>) -> Value {
    json!({ "__typename": format!("{kind}Connection"), "__items": items })
}

/// The rollup of a commit; null where nothing was reported.
pub(crate) fn rollup(commit: &str, checks: &[Check], scopes: Scopes) -> Value {
    if !scopes.checks && !scopes.statuses {
        return forbidden();
    }
    if checks.is_empty() {
        return Value::Null;
    }
    let mut contexts = connection(
        "StatusCheckRollupContext",
        checks.iter().map(|check| context(check, checks, scopes)).collect(),
    );
    let runs = checks.iter().filter(|check| check.kind == CheckKind::Run).count();
    if let Some(contexts) = contexts.as_object_mut() {
        contexts.insert("checkRunCount".into(), runs.into());
        contexts.insert("statusContextCount".into(), (checks.len() - runs).into());
        contexts.insert("checkRunCountsByState".into(), counts(checks, CheckKind::Run));
        contexts.insert("statusContextCountsByState".into(), counts(checks, CheckKind::Status));
    }
    let bad = |check: &Check| match &check.state {
        CheckState::Pending(_) => false,
        CheckState::Finished(word) => !word.is_not_failure(),
    };
    let pending = |check: &Check| matches!(check.state, CheckState::Pending(_));
    let state = if checks.iter().any(bad) {
        "FAILURE"
    } else if checks.iter().any(pending) {
        "PENDING"
    } else {
        "SUCCESS"
    };
    json!({
        "__typename": "StatusCheckRollup", "id": format!("SCR_{commit}"), "state": state,
        "contexts": contexts,
    })
}

fn counts(checks: &[Check], kind: CheckKind) -> Value {
    let mut counts = BTreeMap::<String, usize>::new();
    for check in checks.iter().filter(|check| check.kind == kind) {
        *counts.entry(word(&check.state)).or_default() += 1;
    }
    let typename = match kind {
        CheckKind::Run => "CheckRunStateCount",
        CheckKind::Status => "StatusContextStateCount",
    };
    let count = |(state, count)| json!({ "__typename": typename, "state": state, "count": count });
    counts.into_iter().map(count).collect()
}

fn word(state: &CheckState) -> String {
    match state {
        CheckState::Pending(doing) => doing.word().to_ascii_uppercase(),
        CheckState::Finished(Conclusion::NotStarted) => "STARTUP_FAILURE".into(),
        CheckState::Finished(ended) => ended.word().to_ascii_uppercase(),
    }
}

fn context(check: &Check, all: &[Check], scopes: Scopes) -> Value {
    match check.kind {
        CheckKind::Run if !scopes.checks => forbidden(),
        CheckKind::Status if !scopes.statuses => forbidden(),
        CheckKind::Run => run(check, all, scopes),
        CheckKind::Status => {
            let creator = match &check.app {
                Some(app) => json!({ "__typename": "Bot", "login": app }),
                None => json!({ "__typename": "User", "login": "octocat" }),
            };
            json!({
                "__typename": "StatusContext", "id": check.id, "context": check.name,
                "state": word(&check.state), "description": null, "targetUrl": check.url,
                "createdAt": check.started_at.map(time), "creator": creator,
                "avatarUrl": check.app_id.map(|app| format!("https://avatars.githubusercontent.com/in/{app}?v=4")),
                "isRequired": false,
            })
        }
    }
}

fn run(check: &Check, all: &[Check], scopes: Scopes) -> Value {
    let (status, conclusion) = told(&check.state);
    let waits = check.environment.as_ref().map(|name| {
        let environment = json!({ "__typename": "Environment", "id": "EN_1", "name": name });
        json!({
            "__typename": "DeploymentRequest", "environment": environment, "waitTimer": 0,
            "currentUserCanApprove": false,
        })
    });
    let same: Vec<_> = all.iter().filter(|one| suite_of(one) == suite_of(check)).collect();
    json!({
        "__typename": "CheckRun", "id": check.id, "databaseId": check.run, "name": check.name,
        "status": status, "conclusion": conclusion, "startedAt": check.started_at.map(time),
        "completedAt": check.completed_at.map(time), "detailsUrl": check.url, "url": check.url,
        "externalId": "", "isRequired": false, "checkSuite": suite(&same, scopes),
        "pendingDeploymentRequest": waits,
    })
}

fn told(state: &CheckState) -> (String, Option<String>) {
    match state {
        CheckState::Pending(_) => (word(state), None),
        CheckState::Finished(_) => ("COMPLETED".into(), Some(word(state))),
    }
}

/// Runs of one workflow run share a suite.
fn suite_of(check: &Check) -> (CheckKind, Option<u64>, Option<&str>) {
    (check.kind, check.run, check.app.as_deref())
}

/// The suites of a commit.
pub(crate) fn suites(checks: &[Check], scopes: Scopes) -> Value {
    if !scopes.checks {
        return forbidden();
    }
    let mut groups = BTreeMap::<_, Vec<&Check>>::new();
    for check in checks.iter().filter(|check| check.kind == CheckKind::Run) {
        groups.entry(suite_of(check)).or_default().push(check);
    }
    connection("CheckSuite", groups.values().map(|group| suite(group, scopes)).collect())
}

fn suite(group: &[&Check], scopes: Scopes) -> Value {
    let Some(first) = group.first() else { return Value::Null };
    let pending = group.iter().find(|check| matches!(check.state, CheckState::Pending(_)));
    let bad = group.iter().find(|check| match &check.state {
        CheckState::Pending(_) => false,
        CheckState::Finished(ended) => !ended.is_not_failure(),
    });
    let (status, conclusion) = told(&pending.or(bad).unwrap_or(first).state);
    let number = first.run.unwrap_or_default();
    let run_url = format!("https://github.com/acme/widget/actions/runs/{number}");
    let workflow_run = match (&first.workflow, scopes.actions) {
        (None, _) => Value::Null,
        (Some(_), false) => forbidden(),
        (Some(workflow), true) => json!({
            "__typename": "WorkflowRun", "id": format!("WFR_{number}"), "databaseId": number,
            "runNumber": 1, "event": first.event, "url": run_url,
            "workflow": {
                "__typename": "Workflow", "id": "W_1", "databaseId": 1, "name": workflow,
                "state": "ACTIVE", "resourcePath": "/acme/widget/actions/workflows/ci.yml",
            },
        }),
    };
    let runs: Vec<_> = group
        .iter()
        .map(|check| {
            let (status, conclusion) = told(&check.state);
            json!({
                "__typename": "CheckRun", "id": check.id, "databaseId": check.run,
                "name": check.name, "status": status, "conclusion": conclusion,
                "startedAt": check.started_at.map(time),
                "completedAt": check.completed_at.map(time), "detailsUrl": check.url,
            })
        })
        .collect();
    let created = group.iter().filter_map(|check| check.started_at).min();
    let updated = group.iter().filter_map(|check| check.completed_at.or(check.started_at)).max();
    json!({
        "__typename": "CheckSuite", "id": format!("CS_{number}"), "databaseId": number,
        "status": status, "conclusion": conclusion,
        "createdAt": created.map(time), "updatedAt": updated.map(time), "url": run_url,
        "app": {
            "__typename": "App", "id": "A_1", "databaseId": first.app_id, "slug": first.app,
            "name": first.app,
        },
        "workflowRun": workflow_run, "checkRuns": connection("CheckRun", runs),
    })
}
