//! Replies that are none, and what is done about them.

use crate::github::stub::*;
use jiff::Timestamp;
use serde_json::json;
use std::time::Duration;
use tminus::adapters::forge::github::Count;
use tminus::ports::{ForgeRead, PortError};

fn empty_survey() -> Canned {
    let commit = commit_with(&contexts(&[], 0, None));
    Canned::json(200, &json!({ "data": { "repository": { "commit": commit } } }))
}

fn until(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[tokio::test]
async fn a_read_is_asked_again_after_a_fault_with_growing_pauses() {
    let stub = Stub::start().await;
    stub.will(Canned::text(502, "text/html", "<html>Unicorn!</html>"))
        .will(Canned::json(503, &json!({})))
        .will(empty_survey());
    let (github, clock) = stub.github();
    github.survey(&only_checks()).await.unwrap();
    let slept = clock.slept.borrow();
    assert_eq!((slept.len(), github.meter().total()), (2, 3));
    assert_eq!(github.meter().counts()["POST /graphql"].retried, 2);
    assert_eq!(github.meter().waited(), slept.iter().sum::<Duration>());
    assert!(slept[0] >= Duration::from_secs(1) && slept[1] >= Duration::from_secs(2), "{slept:?}");
}

#[tokio::test]
async fn a_read_that_keeps_failing_is_abandoned_and_quotes_the_last_response() {
    let stub = Stub::start().await;
    for _ in 0..5 {
        stub.will(
            Canned::text(502, "text/html", "<html>\u{1b}[31mUnicorn!</html>")
                .header("x-github-request-id", "AB:12"),
        );
    }
    let error = stub.github().0.past(&commit()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "read checks on earlier commits: no usable response: \
         http 502 (text/html) `<html>[31mUnicorn!</html>`, request id AB:12"
    );
    assert_eq!(stub.lines().len(), 5);
}

#[tokio::test]
async fn a_proxy_page_is_an_error_and_is_not_retried() {
    let page = format!("<html>{}</html>", "please log in ".repeat(20));
    for status in [200, 403, 407] {
        let stub = Stub::start().await;
        stub.will(Canned::text(status, "text/html; charset=utf-8", &page));
        let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
        let PortError::NoAnswer { why, .. } = error else { panic!("{error}") };
        let start = page.chars().take(79).collect::<String>();
        assert_eq!(why, format!("http {status} (text/html; charset=utf-8) `{start}…`"));
        assert_eq!(stub.lines().len(), 1);
    }
}

#[tokio::test]
async fn truncated_json_is_an_error() {
    let stub = Stub::start().await;
    for _ in 0..5 {
        stub.will(Canned::text(200, "application/json", r#"{"data":{"repository":{"commit""#));
    }
    let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
    let PortError::NoAnswer { why, .. } = error else { panic!("{error}") };
    assert!(why.starts_with("EOF while parsing"), "{why}");
}

#[tokio::test]
async fn an_oversized_response_body_is_an_error() {
    let stub = Stub::start().await;
    for _ in 0..5 {
        stub.will(Canned::text(200, "application/json", &" ".repeat(17 * 1024 * 1024)));
    }
    let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
    let PortError::NoAnswer { why, .. } = error else { panic!("{error}") };
    assert_eq!(why, "the response ended early: length limit exceeded");
}

#[tokio::test]
async fn an_unreachable_server_is_an_error() {
    let mut stub = Stub::start().await;
    stub.base = "http://127.0.0.1:1".into();
    let (github, _) = stub.github();
    let error = github.survey(&only_checks()).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
    assert_eq!(github.meter().total(), 5);
}

#[tokio::test]
async fn a_rate_limit_in_a_200_response_is_recognized() {
    let stub = Stub::start().await;
    let body =
        json!({ "errors": [{ "type": "RATE_LIMITED", "message": "API rate limit exceeded" }] });
    stub.will(
        Canned::json(200, &body)
            .header("x-ratelimit-remaining", "0")
            .header("x-ratelimit-reset", (NOW + 3000).to_string()),
    );
    let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
    let PortError::Limited { until: resets, .. } = error else { panic!("{error}") };
    assert_eq!(resets, until(NOW + 3001));
}

#[tokio::test]
async fn a_short_rate_limit_is_waited_for_and_a_long_one_is_reported() {
    let limited = |seconds: &str| {
        let body = json!({ "message": "You have exceeded a secondary rate limit" });
        Canned::json(403, &body).header("retry-after", seconds)
    };
    let stub = Stub::start().await;
    stub.will(limited("7")).will(empty_survey());
    let (github, clock) = stub.github();
    github.survey(&only_checks()).await.unwrap();
    let slept = clock.slept.borrow()[0];
    assert!((Duration::from_secs(7)..Duration::from_secs(10)).contains(&slept), "{slept:?}");

    let stub = Stub::start().await;
    stub.will(limited("600"));
    let (github, clock) = stub.github();
    let error = github.survey(&only_checks()).await.unwrap_err();
    let PortError::Limited { until: resets, .. } = error else { panic!("{error}") };
    assert_eq!((resets, clock.slept.borrow().len()), (until(NOW + 600), 0));
}

#[tokio::test]
async fn an_error_in_a_200_response_is_retried() {
    let stub = Stub::start().await;
    let fault = json!({ "data": null, "errors": [{
        "message": "Something went wrong while executing your query on 2026-01-10. Please include `AB:12`",
    }] });
    stub.will(Canned::json(200, &fault)).will(empty_survey());
    stub.github().0.survey(&only_checks()).await.unwrap();
    assert_eq!(stub.lines().len(), 2);
}

#[tokio::test]
async fn a_redirected_graphql_query_is_not_followed() {
    for status in [301, 307, 308] {
        let stub = Stub::start().await;
        stub.will(Canned::json(status, &json!({})).header("location", "/api/graphql2"));
        let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
        let PortError::Refused { why, .. } = error else { panic!("{error}") };
        assert_eq!(why, "it moved to `/api/graphql2`; use the repository's new name");
        assert_eq!(stub.lines(), ["POST /api/graphql"]);
    }
}

#[tokio::test]
async fn a_rejected_token_is_denied_and_never_shown() {
    let stub = Stub::start().await;
    stub.will(Canned::json(401, &json!({ "message": "Bad credentials" })));
    let (github, _) = stub.github();
    let error = github.survey(&only_checks()).await.unwrap_err();
    let PortError::Denied { needs, .. } = &error else { panic!("{error}") };
    assert_eq!(needs, "a valid token");
}

#[tokio::test]
async fn the_token_is_in_no_api_error_and_no_debug_output() {
    for canned in [
        Canned::json(401, &json!({})),
        Canned::json(404, &json!({})),
        Canned::json(422, &json!({ "message": "no" })),
        Canned::text(200, "text/html", "no"),
    ] {
        let stub = Stub::start().await;
        stub.will(canned);
        let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    }
    let given = tminus::adapters::forge::github::SettingsInput {
        token: Some(TOKEN.into()),
        repository: Some("acme/widget".into()),
        ..Default::default()
    };
    let settings = tminus::adapters::forge::github::Settings::derive(given.clone()).unwrap();
    assert!(!format!("{given:?} {settings:?}").contains(TOKEN));
}

#[tokio::test]
async fn the_meter_records_the_remaining_rate_limit() {
    let stub = Stub::start().await;
    stub.will(
        empty_survey()
            .header("x-ratelimit-limit", "1000")
            .header("x-ratelimit-remaining", "993")
            .header("x-ratelimit-reset", "1800003600")
            .header("x-ratelimit-resource", "graphql"),
    );
    let (github, _) = stub.github();
    github.survey(&only_checks()).await.unwrap();
    let quota = &github.meter().quotas()["graphql"];
    assert_eq!((quota.resource.as_str(), quota.limit, quota.remaining), ("graphql", 1000, 993));
    assert_eq!(quota.resets, until(1_800_003_600));
    let once = Count { requests: 1, ..Count::default() };
    assert_eq!(github.meter().counts().into_iter().collect::<Vec<_>>(), [("POST /graphql", once)]);
}
