//! Surveys that are more than the forge can bear at once.

use crate::github::stub::*;
use crate::github::surveys::{reply, repository, surveyed, why};
use serde_json::{Value, json};
use tminus::facts::Seen;
use tminus::ports::{ForgeRead, PortError};

fn too_slow() -> Canned {
    Canned::text(504, "text/html", "<html>Unicorn!</html>")
}

fn limits() -> Canned {
    let message = "Resource limits for this query exceeded.";
    let body = json!({ "data": { "repository": { "commit": null } }, "errors": [
        { "type": "RESOURCE_LIMITS_EXCEEDED", "message": message, "path": ["repository", "commit"] },
    ] });
    Canned::json(200, &body)
}

fn alone(key: &str, value: &Value) -> Canned {
    reply(&json!({ "id": "R_1", key: value }), &json!([]))
}

fn one_check() -> Value {
    commit_with(&contexts(&[check_run("CR_1", "a", "COMPLETED", Some("SUCCESS"))], 1, None))
}

#[tokio::test]
async fn a_survey_that_is_too_large_is_split_into_partial_queries() {
    for fault in [too_slow, limits] {
        let stub = Stub::start().await;
        stub.will(fault())
            .will(fault())
            .will(alone("commit", &one_check()))
            .will(alone("branch", &branch_with(&[], &["build"])))
            .will(alone("tag", &Value::Null))
            .will(alone("release", &Value::Null));
        let (github, clock) = stub.github();
        let surveyed = github.survey(&whole_survey()).await.unwrap();
        assert_eq!(surveyed.checks.known().unwrap().total, 1);
        assert_eq!(surveyed.rules.known().unwrap()[0].name, "build");
        assert_eq!((surveyed.tag, surveyed.published), (Seen::Known(None), Seen::Known(None)));
        let asked: Vec<_> = stub.asked().iter().map(|asked| wanted(&asked.json())).collect();
        let all = "100: hasBranch hasChecks hasRelease hasTag";
        assert_eq!(
            asked,
            [all, all, "25: hasChecks", "25: hasBranch", "25: hasTag", "25: hasRelease"]
        );
        assert_eq!(clock.slept.borrow().len(), 1);
    }
}

/// The page size, and which parts were asked for.
fn wanted(body: &Value) -> String {
    let variables = body["variables"].as_object().unwrap();
    let on = variables.iter().filter(|(_, value)| **value == true).map(|(name, _)| name.as_str());
    let mut on: Vec<_> = on.collect();
    on.sort_unstable();
    format!("{}: {}", variables["page"], on.join(" "))
}

#[tokio::test]
async fn only_the_part_that_still_fails_is_unseen() {
    let canned = vec![
        too_slow(),
        too_slow(),
        alone("commit", &one_check()),
        too_slow(),
        too_slow(),
        alone("tag", &Value::Null),
        Canned::text(200, "text/html", "please log in"),
    ];
    let surveyed = surveyed(&whole_survey(), canned).await;
    assert_eq!(surveyed.checks.known().unwrap().total, 1);
    assert_eq!(why(&surveyed.rules), "http 504 (text/html) `<html>Unicorn!</html>`");
    assert_eq!(surveyed.tag, Seen::Known(None));
    assert_eq!(why(&surveyed.published), "http 200 (text/html) `please log in`");
}

#[tokio::test]
async fn pages_stay_small_after_large_ones_failed() {
    let many = |from: usize, to: usize| -> Vec<Value> {
        (from..to)
            .map(|n| check_run(&format!("CR_{n}"), "job", "COMPLETED", Some("SUCCESS")))
            .collect()
    };
    let more = json!({ "commit": { "__typename": "Commit",
        "statusCheckRollup": { "contexts": contexts(&many(25, 40), 40, None) } } });
    let stub = Stub::start().await;
    stub.will(too_slow())
        .will(too_slow())
        .will(alone("commit", &commit_with(&contexts(&many(0, 25), 40, Some("c25")))))
        .will(reply(&more, &json!([])));
    let surveyed = stub.github().0.survey(&only_checks()).await.unwrap();
    assert_eq!(surveyed.checks.known().unwrap().runs.len(), 40);
    assert_eq!(stub.asked()[3].json()["variables"]["page"], 25);
}

#[tokio::test]
async fn a_rate_limit_between_partial_queries_stops_the_survey() {
    let stub = Stub::start().await;
    let limited = json!({ "errors": [{ "type": "RATE_LIMITED", "message": "API rate limit" }] });
    let limited = Canned::json(200, &limited)
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", (NOW + 3000).to_string());
    stub.will(too_slow()).will(too_slow()).will(alone("commit", &one_check())).will(limited);
    let error = stub.github().0.survey(&whole_survey()).await.unwrap_err();
    assert!(matches!(error, PortError::Limited { .. }), "{error}");
}

#[tokio::test]
async fn an_error_in_one_partial_query_does_not_affect_the_others() {
    let errors = json!([{ "message": "the answer was cut short" }]);
    let canned = vec![
        too_slow(),
        too_slow(),
        alone("commit", &one_check()),
        reply(&json!({ "branch": null }), &errors),
        alone("tag", &Value::Null),
        alone("release", &Value::Null),
    ];
    let surveyed = surveyed(&whole_survey(), canned).await;
    assert_eq!(surveyed.checks.known().unwrap().total, 1);
    assert_eq!(why(&surveyed.rules), "the answer was cut short");
}

#[tokio::test]
async fn suites_are_read_page_by_page_too() {
    let many = |from: usize, to: usize| -> Vec<Value> {
        let one = |n: usize| {
            let mut suite = suite(&format!("w{n}"));
            suite["status"] = "QUEUED".into();
            suite["conclusion"] = Value::Null;
            suite["checkRuns"] = json!({ "totalCount": 0 });
            suite
        };
        (from..to).map(one).collect()
    };
    let mut first = commit_with(&contexts(&[], 0, None));
    first["checkSuites"] = suites(&many(0, 100), 120, Some("s100"));
    let more = |next| {
        json!({ "commit": { "__typename": "Commit",
            "checkSuites": suites(&many(100, 120), 120, next) } })
    };
    let stub = Stub::start().await;
    stub.will(reply(&repository(&first), &json!([]))).will(reply(&more(None), &json!([])));
    let seen = stub.github().0.survey(&only_checks()).await.unwrap();
    let checks = seen.checks.known().unwrap();
    assert_eq!((checks.total, checks.runs.len()), (120, 120));
    let variables = stub.asked()[1].json()["variables"].clone();
    assert_eq!((&variables["suites"], &variables["hasContexts"]), (&json!("s100"), &json!(false)));

    // A list that never ends is given up, and shows as truncated.
    first["checkSuites"]["totalCount"] = 5000.into();
    let mut canned = vec![reply(&repository(&first), &json!([]))];
    canned.extend((1..10).map(|_| reply(&more(Some("more")), &json!([]))));
    let surveyed = surveyed(&only_checks(), canned).await;
    let checks = surveyed.checks.known().unwrap();
    assert_eq!((checks.total, checks.runs.len()), (5000, 120));
}
