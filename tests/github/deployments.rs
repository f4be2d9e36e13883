//! Environments and deployments: what is sent, how often, and what is made of odd replies.

use crate::github::stub::*;
use serde_json::{Value, json};
use tminus::adapters::forge::github::GitHub;
use tminus::base::names::{Digest, EnvironmentName, StageName};
use tminus::facts::environment::{
    AllowedRefs, Deployment, DeploymentMark, DeploymentState, Protection,
};
use tminus::ports::{
    Deployments, DeploymentsChange as _, ForgeRead as _, NewDeployment, NewDeploymentStatus,
    PortError,
};

const REPO: &str = "/api/v3/repos/acme/widget";

fn place(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

fn new() -> NewDeployment {
    let mark = DeploymentMark {
        plan: Digest::new(format!("sha256:{}", "7".repeat(64))).unwrap(),
        stage: StageName::new("stable").unwrap(),
        entered: jiff::Timestamp::from_second(NOW).unwrap(),
    };
    let description = "widget 1.1.0".into();
    NewDeployment { environment: place("production"), commit: commit(), mark, description }
}

fn status(state: DeploymentState) -> NewDeploymentStatus {
    NewDeploymentStatus {
        deployment: 4_442_074_271,
        environment: place("production"),
        state,
        description: "widget 1.1.0".into(),
        log_url: None,
        environment_url: Some("https://example.com/".into()),
    }
}

async fn listed(github: &GitHub) -> Result<Vec<Deployment>, PortError> {
    Deployments::deployments(github, &place("production")).await
}

fn deployment(id: u64) -> Value {
    json!({
        "id": id, "node_id": format!("DE_{id}"), "sha": commit().as_str(), "ref": "main",
        "environment": "production", "payload": "{\"run\":7}",
        "creator": { "login": "deploy-bot[bot]" }, "created_at": "2027-01-15T07:00:00Z",
    })
}

fn environment(more: &Value) -> Value {
    let mut body = json!({
        "id": 1, "name": "production", "protection_rules": [], "deployment_branch_policy": null,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn rules(apps: &[(&str, bool)]) -> Value {
    let rule =
        |(slug, enabled): &(&str, bool)| json!({ "enabled": enabled, "app": { "slug": slug } });
    let all: Vec<_> = apps.iter().map(rule).collect();
    json!({ "total_count": all.len(), "custom_deployment_protection_rules": all })
}

#[tokio::test]
async fn a_deployment_names_the_full_commit_and_disables_github_defaults() {
    let stub = Stub::start().await;
    stub.will(Canned::json(201, &deployment(4_442_074_271)));
    let made = stub.github().0.create_deployment(&new()).await.unwrap();
    assert_eq!((made.id, made.state), (4_442_074_271, DeploymentState::Queued));
    assert_eq!(stub.lines(), [format!("POST {REPO}/deployments")]);
    let expected = json!({
        "ref": commit().as_str(), "environment": "production", "description": "widget 1.1.0",
        "payload": { "tminus": {
            "plan": "7".repeat(64), "stage": "stable", "entered": "2027-01-15T08:00:00Z",
        } },
        "auto_merge": false, "required_contexts": [], "transient_environment": false,
    });
    assert_eq!(stub.asked()[0].json(), expected);
}

#[tokio::test]
async fn a_deployment_request_is_not_repeated_after_a_lost_response() {
    for canned in [
        Canned::json(502, &json!({})),
        Canned::text(504, "text/html", "<html>"),
        Canned::text(201, "application/json", "{\"id\":9,"),
        Canned::json(201, &json!({ "id": 9 })),
    ] {
        let stub = Stub::start().await;
        stub.will(canned.clone()).will(canned);
        let (github, clock) = stub.github();
        let error = github.create_deployment(&new()).await.unwrap_err();
        assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
        if let Err(error) = github.set_deployment(&status(DeploymentState::Success)).await {
            assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
        }
        assert_eq!((stub.lines().len(), clock.slept.borrow().len()), (2, 0));
    }
}

#[tokio::test]
async fn a_deployment_that_github_did_not_create_is_reported_with_its_message() {
    let conflict = "Conflict: Commit status checks failed for main.";
    for (status, message, expected) in [
        (
            202,
            "Auto-merged main into topic on deployment.",
            "GitHub created no deployment: `Auto-merged main into topic on deployment.`",
        ),
        (409, conflict, conflict),
        (422, "No ref found for: main", "No ref found for: main"),
    ] {
        let stub = Stub::start().await;
        stub.will(Canned::json(status, &json!({ "message": message })));
        let error = stub.github().0.create_deployment(&new()).await.unwrap_err();
        let expected = format!("create the deployment to `production`: refused: {expected}");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_deployment_of_another_commit_is_an_unusable_response() {
    let stub = Stub::start().await;
    let mut other = deployment(9);
    other["sha"] = json!("b".repeat(40));
    stub.will(Canned::json(201, &other));
    let error = stub.github().0.create_deployment(&new()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "create the deployment to `production`: no usable response: GitHub created deployment 9 of \
         bbbbbbb to `production`"
    );
}

#[tokio::test]
async fn setting_a_deployment_state_leaves_older_deployments_unchanged() {
    let stub = Stub::start().await;
    stub.will(Canned::json(201, &json!({ "id": 1 })));
    stub.github().0.set_deployment(&status(DeploymentState::InProgress)).await.unwrap();
    assert_eq!(stub.lines(), [format!("POST {REPO}/deployments/4442074271/statuses")]);
    let expected = json!({
        "state": "in_progress", "description": "widget 1.1.0", "auto_inactive": false,
        "environment_url": "https://example.com/",
    });
    assert_eq!(stub.asked()[0].json(), expected);
}

#[tokio::test]
async fn a_deployment_state_reserved_for_github_is_not_sent() {
    let stub = Stub::start().await;
    for state in
        [DeploymentState::Abandoned, DeploymentState::Waiting, DeploymentState::Other("x".into())]
    {
        let error = stub.github().0.set_deployment(&status(state)).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
    }
    assert_eq!(stub.lines().len(), 0);
}

#[tokio::test]
async fn deployments_are_listed_with_two_requests() {
    let stub = Stub::start().await;
    let nodes = json!([
        { "__typename": "Deployment", "state": "ACTIVE",
          "latestStatus": { "state": "SUCCESS", "logUrl": "https://example.com/7" } },
        null,
    ]);
    let missing = json!([{ "type": "NOT_FOUND", "path": ["nodes", 1], "message": "no node" }]);
    let states =
        json!({ "data": { "repository": { "id": "R_1" }, "nodes": nodes }, "errors": missing });
    stub.will(Canned::json(200, &json!([deployment(4_442_074_271), deployment(7)])))
        .will(Canned::json(200, &states));
    let all = listed(&stub.github().0).await.unwrap();
    let all: Vec<_> = all.into_iter().map(|one| (one.id, one.state, one.url)).collect();
    assert_eq!(
        all,
        [
            (4_442_074_271, DeploymentState::Success, Some("https://example.com/7".into())),
            (7, DeploymentState::Other("unknown".into()), None),
        ],
        "one that GraphQL does not find yet is listed"
    );
    assert_eq!(
        stub.lines(),
        [
            format!("GET {REPO}/deployments?environment=production&per_page=30"),
            "POST /api/graphql".into(),
        ]
    );
    assert_eq!(stub.asked()[1].json()["variables"]["ids"], json!(["DE_4442074271", "DE_7"]));
}

#[tokio::test]
async fn unreadable_deployment_states_are_an_error() {
    let data = json!({ "repository": { "id": "R_1" }, "nodes": [] });
    let denied = json!([{
        "type": "FORBIDDEN", "path": ["nodes", 0],
        "message": "Resource not accessible by integration",
    }]);
    let odd = json!([{ "type": "ODD", "message": "odd" }]);
    for (reply, expected) in [
        (json!({ "data": data }), "no usable response: GitHub returned 0 of 1 states"),
        (json!({ "data": data, "errors": odd }), "no usable response: odd"),
        (
            json!({ "data": data, "errors": denied }),
            "permission denied: the token lacks `deployments: read` (Resource not accessible by \
             integration)",
        ),
    ] {
        let stub = Stub::start().await;
        stub.will(Canned::json(200, &json!([deployment(7)]))).will(Canned::json(200, &reply));
        let error = listed(&stub.github().0).await.unwrap_err();
        assert_eq!(error.to_string(), format!("list the deployments to `production`: {expected}"));
    }
}

#[tokio::test]
async fn a_protection_rule_of_an_unknown_type_counts_as_an_app() {
    let stub = Stub::start().await;
    let one = environment(&json!({
        "protection_rules": [{ "type": "quorum" }, { "type": "wait_timer", "wait_timer": 5 }],
    }));
    stub.will(Canned::json(200, &one))
        .will(Canned::json(200, &rules(&[("change-board", true), ("switched-off", false)])));
    let read = stub.github().0.protection(&place("production")).await.unwrap();
    let apps = vec!["quorum".into(), "change-board".into()];
    assert_eq!(read, Some(Protection { wait_minutes: 5, apps, ..Protection::default() }));
}

#[tokio::test]
async fn an_unrecognized_protection_rule_is_an_error() {
    let reviewers = |all: Value| json!({ "protection_rules": [{ "type": "required_reviewers", "reviewers": all }] });
    let policy = |protected: bool, custom: bool| {
        let policy = json!({ "protected_branches": protected, "custom_branch_policies": custom });
        json!({ "deployment_branch_policy": policy })
    };
    for more in [
        json!({ "name": "staging" }),
        json!({ "protection_rules": [{ "type": "wait_timer" }] }),
        json!({ "protection_rules": [{ "type": "branch_policy" }] }),
        json!({ "protection_rules": "none" }),
        reviewers(json!(null)),
        reviewers(json!([])),
        reviewers(json!([{ "type": "Robot", "reviewer": { "login": "r2" } }])),
        reviewers(json!([{ "type": "User", "reviewer": null }])),
        policy(false, false),
        policy(true, true),
    ] {
        let stub = Stub::start().await;
        for _ in 0..5 {
            stub.will(Canned::json(200, &environment(&more)));
            stub.will(Canned::json(200, &rules(&[])));
        }
        let error = stub.github().0.protection(&place("production")).await.unwrap_err();
        assert!(matches!(error, PortError::NoAnswer { .. }), "{more}: {error}");
    }
    let stub = Stub::start().await;
    stub.will(Canned::json(200, &environment(&json!({})))).will(Canned::json(
        200,
        &json!({ "total_count": 1, "custom_deployment_protection_rules": [] }),
    ));
    let error = stub.github().0.protection(&place("production")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "read the protection of `production`: no usable response: GitHub's response has more rules \
         than it lists"
    );
}

#[tokio::test]
async fn an_environment_name_of_dots_is_rejected_before_any_request() {
    let stub = Stub::start().await;
    for name in [".", ".."] {
        let error = stub.github().0.protection(&place(name)).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
    }
    assert_eq!(stub.lines().len(), 0);
}

#[tokio::test]
async fn a_denied_read_names_the_missing_permission() {
    let denied = json!({ "message": "Resource not accessible by integration" });
    let needs = |error: PortError| {
        let PortError::Denied { needs, .. } = error else { panic!("{error}") };
        needs
    };
    let stub = Stub::start().await;
    for _ in 0..3 {
        stub.will(Canned::json(403, &denied));
    }
    let (github, place) = (stub.github().0, place("production"));
    let protection = github.protection(&place).await.unwrap_err();
    let since = jiff::Timestamp::from_second(NOW).unwrap();
    let approvals = github.approvals(&place, &commit(), since).await.unwrap_err();
    let deployments = listed(&github).await.unwrap_err();
    let all = [protection, approvals, deployments].map(needs);
    assert_eq!(all, ["actions: read", "actions: read", "deployments: read"]);
}

#[tokio::test]
async fn patterns_that_are_neither_branches_nor_tags_allow_nothing() {
    let stub = Stub::start().await;
    let policy = json!({ "protected_branches": false, "custom_branch_policies": true });
    let patterns = json!({ "total_count": 2, "branch_policies": [
        { "name": "main" }, { "name": "x", "type": "comet" },
    ] });
    stub.will(Canned::json(200, &environment(&json!({ "deployment_branch_policy": policy }))))
        .will(Canned::json(200, &rules(&[])))
        .will(Canned::json(200, &patterns));
    let read = stub.github().0.protection(&place("production")).await.unwrap().unwrap();
    let AllowedRefs::Patterns(patterns) = read.refs else { panic!("{:?}", read.refs) };
    assert_eq!(
        patterns.iter().map(|one| (&*one.name, one.tag)).collect::<Vec<_>>(),
        [("main", false)]
    );
}

#[tokio::test]
async fn approvals_are_read_for_at_most_ten_runs() {
    let stub = Stub::start().await;
    let run = |id: u64| {
        json!({
            "id": id, "head_sha": commit().as_str(), "created_at": "2027-01-15T08:00:00Z",
            "html_url": null, "triggering_actor": { "login": "grace" },
        })
    };
    let foreign =
        json!({ "id": 99, "head_sha": "b".repeat(40), "created_at": "2027-01-15T08:00:00Z" });
    let old =
        json!({ "id": 98, "head_sha": commit().as_str(), "created_at": "2027-01-15T07:59:59Z" });
    let runs: Vec<Value> = [foreign, old].into_iter().chain((1..=14).map(run)).collect();
    stub.will(Canned::json(200, &json!({ "total_count": 16, "workflow_runs": runs })));
    let review = |state: &str, place: &str| json!({ "state": state, "user": { "login": "ada" }, "environments": [{ "name": place }] });
    stub.will(Canned::json(
        200,
        &json!([review("rejected", "production"), review("approved", "staging")]),
    ))
    .will(Canned::json(404, &json!({ "message": "Not Found" })))
    .will(Canned::json(200, &json!([review("approved", "Production")])));
    for _ in 3..10 {
        stub.will(Canned::json(200, &json!([])));
    }
    let since = jiff::Timestamp::from_second(NOW).unwrap();
    let read = stub.github().0.approvals(&place("production"), &commit(), since).await.unwrap();
    let told: Vec<_> =
        read.iter().map(|one| (&*one.by, one.run, one.started_by.as_deref())).collect();
    assert_eq!(told, [("ada", 3, Some("grace"))]);
    let lines = stub.lines();
    let created = "%3E%3D2027-01-15T08%3A00%3A00Z";
    let first =
        format!("GET {REPO}/actions/runs?head_sha={}&created={created}&per_page=10", commit());
    assert_eq!(
        (lines.len(), &lines[0], &lines[10]),
        (11, &first, &format!("GET {REPO}/actions/runs/10/approvals"))
    );
}

#[tokio::test]
async fn the_server_time_is_that_of_the_newest_response() {
    let stub = Stub::start().await;
    let (github, _) = stub.github();
    assert_eq!(github.server_time(), None);
    let none = json!([]);
    stub.will(Canned::json(200, &none).header("date", "Fri, 15 Jan 2027 09:30:00 GMT"))
        .will(Canned::json(200, &none).header("date", "soon"))
        .will(
            Canned::text(502, "text/html", "<html>")
                .header("date", "Sat, 16 Jan 2027 09:30:00 GMT"),
        )
        .will(Canned::json(200, &none).header("date", "Fri, 15 Jan 2027 09:30:02 GMT"));
    for expected in ["2027-01-15T09:30:00Z", "2027-01-15T09:30:00Z", "2027-01-15T09:30:02Z"] {
        listed(&github).await.unwrap();
        assert_eq!(github.server_time().unwrap().to_string(), expected);
    }
}
