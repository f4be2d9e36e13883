//! What a survey makes of what the forge tells.

use crate::github::stub::*;
use serde_json::{Value, json};
use tminus::facts::{CheckKind, CheckState, Checks, Conclusion, RequiredCheck, Seen, Unseen};
use tminus::ports::{CommitState, ForgeRead, Survey};

pub(crate) fn reply(repository: &Value, errors: &Value) -> Canned {
    let mut body = json!({ "data": { "repository": repository } });
    if errors.as_array().is_some_and(|errors| !errors.is_empty()) {
        body["errors"] = errors.clone();
    }
    Canned::json(200, &body)
}

pub(crate) fn repository(commit: &Value) -> Value {
    json!({
        "id": "R_1", "commit": commit, "branch": branch_with(&[], &[]), "tag": null,
        "release": null,
    })
}

pub(crate) async fn surveyed(survey: &Survey, canned: Vec<Canned>) -> CommitState {
    let stub = Stub::start().await;
    for canned in canned {
        stub.will(canned);
    }
    let surveyed = stub.github().0.survey(survey).await.unwrap();
    stub.asked();
    surveyed
}

async fn checks(commit: &Value) -> Checks {
    let canned = vec![reply(&repository(commit), &json!([]))];
    surveyed(&only_checks(), canned).await.checks.known().unwrap().clone()
}

pub(crate) fn why<T>(seen: &Seen<T>) -> &str {
    match seen {
        Seen::Known(_) => panic!("it was seen"),
        Seen::Unseen(unseen) => &unseen.why,
    }
}

#[tokio::test]
async fn a_survey_is_one_request() {
    let stub = Stub::start().await;
    let mut run = check_run("CR_1", "build", "COMPLETED", Some("SUCCESS"));
    run["detailsUrl"] = "https://ghe.example/acme/widget/actions/runs/4411/job/106366028112".into();
    let status = json!({
        "__typename": "StatusContext", "id": "SC_1", "context": "legacy", "state": "EXPECTED",
        "createdAt": "2026-01-10T14:00:30Z", "targetUrl": "https://ci.example/runs/9",
        "avatarUrl": "https://avatars.example/in/99?v=4",
        "creator": { "__typename": "Bot", "login": "legacy-ci" },
    });
    let rule = json!({
        "type": "REQUIRED_STATUS_CHECKS",
        "repositoryRuleset": { "name": "main" },
        "parameters": { "requiredStatusChecks": [
            { "context": "build", "integrationId": 15368 }, { "context": "any", "integrationId": null },
        ] },
    });
    let other =
        json!({ "type": "DELETION", "repositoryRuleset": { "name": "main" }, "parameters": null });
    let object = "a".repeat(40);
    stub.will(reply(
        &json!({
            "commit": commit_with(&contexts(&[run, status], 2, None)),
            "branch": branch_with(&[rule, other], &["legacy"]),
            "tag": { "target": { "__typename": "Tag", "oid": object,
                "target": { "__typename": "Commit", "oid": commit().as_str() } } },
            "release": null,
        }),
        &json!([]),
    ));
    let (github, _) = stub.github();
    let surveyed = github.survey(&whole_survey()).await.unwrap();

    let checks = surveyed.checks.known().unwrap();
    assert_eq!((checks.total, checks.runs.len()), (2, 2));
    assert_eq!(checks.since, "2026-01-10T14:00:00Z".parse().ok());
    let [run, status] = checks.runs.as_slice() else { panic!() };
    assert_eq!(run.id, "106366028112");
    assert_eq!((run.app.as_deref(), run.app_id), (Some("github-actions"), Some(15368)));
    assert_eq!((run.workflow.as_deref(), run.event.as_deref()), (Some("ci"), Some("push")));
    assert_eq!((run.run, &run.state), (Some(4411), &CheckState::Finished("success".into())));
    assert_eq!(
        (status.kind, &status.state),
        (CheckKind::Status, &CheckState::Pending("expected".into()))
    );
    assert_eq!((status.app.as_deref(), status.app_id), (Some("legacy-ci"), Some(99)));
    assert_eq!((status.run, status.completed_at), (None, None));

    let required = |name: &str, app_id, rule: &str| RequiredCheck {
        name: name.into(),
        app_id,
        rule: rule.into(),
    };
    assert_eq!(
        surveyed.rules.known().unwrap(),
        &[
            required("legacy", None, "branch protection"),
            required("build", Some(15368), "ruleset `main`"),
            required("any", None, "ruleset `main`"),
        ]
    );
    let (at, peeled) = surveyed.tag.known().unwrap().clone().unwrap();
    assert_eq!((at.as_str(), peeled), (object.as_str(), commit()));
    assert_eq!(surveyed.published, Seen::Known(None));

    let asked = stub.asked();
    assert_eq!(stub.lines(), ["POST /api/graphql"]);
    assert_eq!(asked[0].header("authorization"), [format!("Bearer {TOKEN}")]);
    assert_eq!(asked[0].header("user-agent"), [concat!("tminus/", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(asked[0].header("x-github-api-version"), ["2022-11-28"]);
    assert_eq!(asked[0].json()["variables"]["owner"], "acme");
    assert_eq!(github.meter().total(), 1);
}

#[tokio::test]
async fn a_denied_field_hides_only_its_own_part_and_names_the_permission() {
    let denied = json!([{
        "type": "FORBIDDEN", "message": "Resource not accessible by integration",
        "path": ["repository", "commit", "statusCheckRollup", "contexts", "nodes", 0, "checkSuite", "workflowRun"],
    }]);
    let run = check_run("CR_1", "build", "COMPLETED", Some("SUCCESS"));
    let found = repository(&commit_with(&contexts(&[run], 1, None)));
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &denied)]).await;
    assert_eq!(
        surveyed.checks,
        Seen::Unseen(Unseen {
            why: "the token lacks `actions: read`".into(),
            help: Some("add `actions: read` to the job's `permissions`".into()),
            who: Some(tminus::base::finding::Who::Grantor),
        })
    );
    assert_eq!(surveyed.rules, Seen::Known(vec![]));
    assert_eq!(surveyed.tag, Seen::Known(None));
}

#[tokio::test]
async fn each_denied_path_names_its_own_permission() {
    for (path, needs) in [
        (
            json!(["repository", "commit", "statusCheckRollup"]),
            "`checks: read` and `statuses: read`",
        ),
        (
            json!(["repository", "commit", "statusCheckRollup", "contexts", "nodes", 3]),
            "`checks: read` or `statuses: read`",
        ),
        (json!(["repository", "commit", "checkSuites"]), "`checks: read`"),
        (json!(["repository", "commit"]), "`contents: read`"),
    ] {
        let errors = json!([{ "type": "FORBIDDEN", "message": "no", "path": path }]);
        let surveyed =
            surveyed(&only_checks(), vec![reply(&repository(&Value::Null), &errors)]).await;
        assert_eq!(why(&surveyed.checks), format!("the token lacks {needs}"));
    }
}

#[tokio::test]
async fn an_error_without_a_path_makes_everything_unseen() {
    let errors = json!([{ "message": "the answer was cut short" }]);
    let found = repository(&commit_with(&contexts(&[], 0, None)));
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &errors)]).await;
    assert_eq!(why(&surveyed.checks), "the answer was cut short");
    assert_eq!(why(&surveyed.rules), "the answer was cut short");
    assert_eq!(why(&surveyed.tag), "the answer was cut short");
    assert_eq!(why(&surveyed.published), "the answer was cut short");
}

#[tokio::test]
async fn an_unknown_check_state_is_kept_unchanged() {
    let nodes = [
        check_run("CR_1", "a", "COMPLETED", Some("EXPLODED")),
        check_run("CR_2", "b", "COMPLETED", None),
        check_run("CR_3", "c", "PONDERING", None),
        json!({ "__typename": "StatusContext", "id": "SC_1", "context": "d", "state": "ODD" }),
    ];
    let checks = checks(&commit_with(&contexts(&nodes, 4, None))).await;
    let states: Vec<_> = checks.runs.iter().map(|check| check.state.clone()).collect();
    assert_eq!(
        states,
        [
            CheckState::Finished("exploded".into()),
            CheckState::Finished("no conclusion".into()),
            CheckState::Pending("pondering".into()),
            CheckState::Finished("odd".into()),
        ]
    );
}

#[tokio::test]
async fn a_status_created_by_a_user_is_not_attributed_to_an_app() {
    let status = json!({
        "__typename": "StatusContext", "id": "SC_1", "context": "build", "state": "SUCCESS",
        "avatarUrl": "https://avatars.example/u/7/in/15368",
        "creator": { "__typename": "User", "login": "github-actions" },
    });
    let checks = checks(&commit_with(&contexts(&[status], 1, None))).await;
    assert_eq!((checks.runs[0].app.as_deref(), checks.runs[0].app_id), (None, None));
}

#[tokio::test]
async fn a_check_run_of_an_unknown_kind_counts_only_toward_the_total() {
    let nodes = [
        check_run("CR_1", "a", "COMPLETED", Some("SUCCESS")),
        json!({ "__typename": "SomethingNew", "id": "X" }),
        Value::Null,
    ];
    let checks = checks(&commit_with(&contexts(&nodes, 3, None))).await;
    assert_eq!((checks.total, checks.runs.len()), (3, 1));
}

#[tokio::test]
async fn more_than_a_hundred_checks_are_read_page_by_page() {
    let many = |from: usize, to: usize| -> Vec<Value> {
        let one =
            |n| check_run(&format!("CR_{n}"), &format!("job {n}"), "COMPLETED", Some("SUCCESS"));
        (from..to).map(one).collect()
    };
    let stub = Stub::start().await;
    let more = |nodes: &[Value], next| json!({ "commit": { "__typename": "Commit", "statusCheckRollup": { "contexts": contexts(nodes, 250, next) } } });
    stub.will(reply(
        &repository(&commit_with(&contexts(&many(0, 100), 250, Some("c100")))),
        &json!([]),
    ))
    // The list moved while it was read: one check comes twice.
    .will(reply(&more(&many(99, 199), Some("c200")), &json!([])))
    .will(reply(&more(&many(199, 250), None), &json!([])));
    let (github, _) = stub.github();
    let surveyed = github.survey(&only_checks()).await.unwrap();
    let checks = surveyed.checks.known().unwrap();
    assert_eq!((checks.total, checks.runs.len()), (250, 250));
    let asked = stub.asked();
    let after: Vec<_> =
        asked.iter().map(|asked| asked.json()["variables"]["contexts"].clone()).collect();
    assert_eq!(after, [Value::Null, json!("c100"), json!("c200")]);
    assert_eq!(asked[1].json()["variables"]["hasSuites"], false);
}

#[tokio::test]
async fn an_endless_list_is_abandoned_and_shown_as_truncated() {
    let page = |n: usize| {
        let node = check_run(&format!("CR_{n}"), "a", "COMPLETED", Some("SUCCESS"));
        commit_with(&contexts(&[node], 9999, Some("more")))
    };
    let canned = (0..10).map(|n| reply(&repository(&page(n)), &json!([]))).collect();
    let surveyed = surveyed(&only_checks(), canned).await;
    let checks = surveyed.checks.known().unwrap();
    assert_eq!((checks.total, checks.runs.len()), (9999, 10));
}

#[tokio::test]
async fn a_workflow_that_could_not_start_is_a_failed_check() {
    let with = |name: &str, at: &str, status: &str, conclusion: Option<&str>, runs: usize| {
        let mut suite = suite(name);
        suite["id"] = format!("CS_{name}_{at}").into();
        suite["createdAt"] = at.into();
        suite["status"] = status.into();
        suite["conclusion"] = json!(conclusion);
        suite["checkRuns"] = json!({ "totalCount": runs });
        suite
    };
    let (early, late) = ("2026-01-10T14:00:00Z", "2026-01-10T15:00:00Z");
    let mut idle_app = with("x", early, "QUEUED", None, 0);
    idle_app["workflowRun"] = Value::Null;
    let mut commit = commit_with(&contexts(&[], 0, None));
    let nodes = [
        with("broken", late, "COMPLETED", Some("STARTUP_FAILURE"), 0),
        with("fixed", early, "COMPLETED", Some("STARTUP_FAILURE"), 0),
        with("fixed", late, "COMPLETED", Some("SUCCESS"), 3),
        with("queued", late, "QUEUED", None, 0),
        with("cancelled", late, "COMPLETED", Some("CANCELLED"), 0),
        idle_app,
    ];
    commit["checkSuites"] = suites(&nodes, 6, None);
    let checks = checks(&commit).await;
    let seen: Vec<_> = checks.runs.iter().map(|run| (run.name.as_str(), &run.state)).collect();
    let broken = CheckState::Finished(Conclusion::NotStarted);
    assert_eq!(seen, [("broken", &broken), ("queued", &CheckState::Pending("queued".into()))]);
    assert_eq!((checks.total, checks.since), (2, late.parse().ok()));
}

#[tokio::test]
async fn check_suites_missing_from_the_response_count_as_unseen() {
    let mut commit = commit_with(&contexts(&[], 0, None));
    commit["checkSuites"] = suites(&[], 101, None);
    assert_eq!(checks(&commit).await.total, 101);
}

#[tokio::test]
async fn a_queued_rerun_is_newer_than_the_run_it_repeats() {
    let mut rerun = check_run("CR_2", "a", "QUEUED", None);
    rerun["startedAt"] = Value::Null;
    let old = check_run("CR_1", "a", "COMPLETED", Some("SUCCESS"));
    let checks = checks(&commit_with(&contexts(&[old, rerun], 2, None))).await;
    assert!(checks.runs[1].started_at > checks.runs[0].started_at);
}

#[tokio::test]
async fn an_unpushed_commit_is_not_treated_as_one_without_checks() {
    let surveyed =
        surveyed(&only_checks(), vec![reply(&repository(&Value::Null), &json!([]))]).await;
    let missing = Seen::unseen_help("commit 3f2a91c is not on GitHub", "push it first");
    assert_eq!(surveyed.checks, missing);
}

#[tokio::test]
async fn a_commit_without_any_check_has_none() {
    let commit = json!({ "__typename": "Commit", "statusCheckRollup": null, "checkSuites": null });
    let checks = checks(&commit).await;
    assert_eq!((checks.total, checks.runs.len(), checks.since), (0, 0, None));
}

#[tokio::test]
async fn a_check_run_that_waits_for_a_deployment_names_its_environment() {
    let mut waits = check_run("CR_1", "deploy", "WAITING", None);
    waits["pendingDeploymentRequest"] = json!({ "environment": { "name": "production" } });
    let runs = checks(&commit_with(&contexts(&[waits.clone()], 1, None))).await.runs;
    assert_eq!(runs[0].environment.as_deref(), Some("production"));

    // One that may not be told is not told, and nothing else is lost.
    waits["pendingDeploymentRequest"] = Value::Null;
    let denied = json!([{
        "type": "FORBIDDEN", "message": "Resource not accessible by integration",
        "path": ["repository", "commit", "statusCheckRollup", "contexts", "nodes", 0,
            "pendingDeploymentRequest", "environment"],
    }]);
    let found = repository(&commit_with(&contexts(&[waits], 1, None)));
    let surveyed = surveyed(&only_checks(), vec![reply(&found, &denied)]).await;
    assert_eq!(surveyed.checks.known().unwrap().runs[0].environment, None);
}

#[tokio::test]
async fn a_canceled_suite_does_not_hide_one_that_failed_to_start() {
    let with = |at: &str, conclusion: &str| {
        let mut suite = suite("ci");
        suite["id"] = format!("CS_{at}").into();
        suite["createdAt"] = at.into();
        suite["status"] = "COMPLETED".into();
        suite["conclusion"] = conclusion.into();
        suite["checkRuns"] = json!({ "totalCount": 0 });
        suite
    };
    for later in ["SKIPPED", "CANCELLED"] {
        let mut commit = commit_with(&contexts(&[], 0, None));
        let nodes =
            [with("2026-01-10T14:00:00Z", "STARTUP_FAILURE"), with("2026-01-10T15:00:00Z", later)];
        commit["checkSuites"] = suites(&nodes, 2, None);
        let runs = checks(&commit).await.runs;
        assert_eq!(runs[0].state, CheckState::Finished(Conclusion::NotStarted), "{later}");
    }
    let mut commit = commit_with(&contexts(&[], 0, None));
    commit["checkSuites"] = suites(&[with("2026-01-10T14:00:00Z", "EXPLODED")], 1, None);
    let runs = checks(&commit).await.runs;
    assert_eq!(runs[0].state, CheckState::Finished("exploded".into()));
}
