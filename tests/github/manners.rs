//! What is done about each kind of failure, for reads and for writes: the table of `docs/github.md`,
//! row by row. A write is answered for here as far as the adapter goes, which sends it once; when it
//! is sent again is the flight's to decide, after a look.

use crate::github::stub::*;
use serde_json::json;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use tminus::ports::{ForgeRead, ForgeWrite, NewDraft, PortError};

const SECONDARY: &str = "You have exceeded a secondary rate limit. Please wait a few minutes";

/// What became of a request: the pauses that were made, in whole seconds without what is random,
/// how often it was sent, and how it ended.
#[derive(Debug, PartialEq)]
struct Fate {
    waits: Vec<u64>,
    sent: usize,
    end: &'static str,
}

fn fate(waits: &[u64], sent: usize, end: &'static str) -> Fate {
    Fate { waits: waits.to_vec(), sent, end }
}

struct Row {
    signal: &'static str,
    reply: Canned,
    read: Fate,
    write: Fate,
}

fn row(signal: &'static str, reply: Canned, read: Fate, write: Fate) -> Row {
    Row { signal, reply, read, write }
}

fn says(status: u16, message: &str) -> Canned {
    Canned::json(status, &json!({ "message": message })).header("x-github-request-id", "AB:12")
}

fn primary(seconds: i64) -> Canned {
    says(403, "API rate limit exceeded for user ID 1.")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", (NOW + seconds).to_string())
}

/// With half an hour for everything, so that patience is not what ends it.
#[expect(clippy::too_many_lines, reason = "one row a line of the table")]
fn table() -> Vec<Row> {
    let exists = json!({ "message": "Validation Failed", "errors": [
        { "resource": "Release", "code": "already_exists", "field": "tag_name" }] });
    vec![
        row(
            "403 with retry-after",
            says(403, SECONDARY).header("retry-after", "7"),
            fate(&[7, 7], 3, "limited"),
            fate(&[], 1, "limited"),
        ),
        row(
            "429 with retry-after",
            says(429, SECONDARY).header("retry-after", "7"),
            fate(&[7, 7], 3, "limited"),
            fate(&[], 1, "limited"),
        ),
        row(
            "none remaining, whole again in time",
            primary(100),
            fate(&[101, 101], 3, "limited"),
            fate(&[], 1, "limited"),
        ),
        row(
            "none remaining, whole again too late",
            primary(3000),
            fate(&[], 1, "limited"),
            fate(&[], 1, "limited"),
        ),
        row(
            "secondary limit without headers",
            says(403, SECONDARY),
            fate(&[60, 120, 240], 4, "limited"),
            fate(&[], 1, "limited"),
        ),
        row(
            "403 otherwise",
            says(403, "Resource not accessible by integration"),
            fate(&[], 1, "denied"),
            fate(&[], 1, "denied"),
        ),
        row("404", says(404, "Not Found"), fate(&[], 1, "none"), fate(&[], 1, "denied")),
        row("401", says(401, "Bad credentials"), fate(&[], 1, "denied"), fate(&[], 1, "denied")),
        row("409", says(409, "Conflict"), fate(&[], 1, "refused"), fate(&[], 1, "refused")),
        row("410", says(410, "Gone"), fate(&[], 1, "refused"), fate(&[], 1, "refused")),
        row(
            "422 already_exists",
            Canned::json(422, &exists),
            fate(&[], 1, "refused"),
            fate(&[], 1, "refused"),
        ),
        row(
            "422 otherwise",
            says(422, "Invalid"),
            fate(&[], 1, "refused"),
            fate(&[], 1, "refused"),
        ),
        row(
            "500",
            says(500, "oops"),
            fate(&[1, 2, 4, 8], 5, "no answer"),
            fate(&[], 1, "no answer"),
        ),
        row(
            "502 with a web page",
            Canned::text(502, "text/html", "<html>Unicorn!</html>"),
            fate(&[1, 2, 4, 8], 5, "no answer"),
            fate(&[], 1, "no answer"),
        ),
        row(
            "503",
            says(503, "").header("retry-after", "1"),
            fate(&[1, 2, 4, 8], 5, "no answer"),
            fate(&[], 1, "no answer"),
        ),
        row("504", says(504, ""), fate(&[1, 2, 4, 8], 5, "no answer"), fate(&[], 1, "no answer")),
        row(
            "a stranger's page",
            Canned::text(403, "text/html", "<html>please log in</html>"),
            fate(&[], 1, "no answer"),
            fate(&[], 1, "no answer"),
        ),
        row(
            "304 that nobody asked for",
            Canned::text(304, "", ""),
            fate(&[], 1, "no answer"),
            fate(&[], 1, "no answer"),
        ),
    ]
}

fn graphql() -> Vec<(&'static str, Canned, Fate)> {
    let error = |kind: Option<&str>, message: &str| {
        Canned::json(
            200,
            &json!({ "data": null, "errors": [{ "type": kind, "message": message }] }),
        )
    };
    vec![
        (
            "200 with RATE_LIMITED",
            error(Some("RATE_LIMITED"), "API rate limit exceeded")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", (NOW + 100).to_string()),
            fate(&[101, 101], 3, "limited"),
        ),
        (
            "200 with a fault",
            error(None, "Something went wrong while executing your query. Include `AB:12`"),
            fate(&[1, 2, 4, 8], 5, "no answer"),
        ),
        (
            "200 with FORBIDDEN",
            error(Some("FORBIDDEN"), "Resource not accessible by integration"),
            fate(&[], 1, "denied"),
        ),
        (
            "200 with NOT_FOUND",
            error(Some("NOT_FOUND"), "Could not resolve to a Repository"),
            fate(&[], 1, "refused"),
        ),
    ]
}

fn draft() -> NewDraft {
    let (title, body) = ("1.1.0".into(), "notes".into());
    NewDraft { tag: tag(), commit: commit(), title, body, prerelease: false }
}

fn end<T>(done: &Result<Option<T>, PortError>) -> &'static str {
    match done {
        Ok(Some(_)) => "done",
        Ok(None) => "none",
        Err(PortError::NoAnswer { .. }) => "no answer",
        Err(PortError::Refused { .. }) => "refused",
        Err(PortError::Limited { .. }) => "limited",
        Err(PortError::Denied { .. }) => "denied",
        Err(PortError::Damaged { .. }) => "damaged",
        Err(PortError::Behind { .. }) => "behind",
    }
}

/// A server that says the same again and again, and a client that has half an hour.
async fn always(
    reply: &Canned,
    times: usize,
) -> (Stub, tminus::adapters::forge::github::GitHub, std::rc::Rc<FakeClock>) {
    let stub = Stub::start().await;
    for _ in 0..times {
        stub.will(reply.clone());
    }
    let (github, clock) = stub.github();
    clock.all.set(Some(Duration::from_secs(1800)));
    (stub, github, clock)
}

/// Compares; what is random of a pause is less than it, or than two seconds.
fn assert_fate<T>(
    who: &str,
    (stub, clock): (&Stub, &FakeClock),
    done: &Result<Option<T>, PortError>,
    expected: &Fate,
) {
    let slept = clock.slept.borrow();
    let fits = |(slept, wait): (&Duration, &u64)| {
        let random = if *wait <= 8 { (*wait).max(2) } else { 2 };
        (*wait..=wait + random).contains(&slept.as_secs())
    };
    let as_told = slept.len() == expected.waits.len()
        && slept.iter().zip(&expected.waits).all(fits)
        && (stub.lines().len(), end(done)) == (expected.sent, expected.end);
    assert!(as_told, "{who}: slept {slept:?}, ended {}; expected {expected:?}", end(done));
}

#[tokio::test]
async fn every_failure_is_handled_as_its_table_row_says() {
    for Row { signal, reply, read, write } in table() {
        let (stub, github, clock) = always(&reply, read.sent).await;
        let done = github.release(9).await;
        assert_fate(&format!("{signal}, read"), (&stub, &clock), &done, &read);

        let (stub, github, clock) = always(&reply, write.sent).await;
        let done = github.create_draft(&draft()).await.map(Some);
        assert_fate(&format!("{signal}, write"), (&stub, &clock), &done, &write);
    }
    for (signal, reply, read) in graphql() {
        let (stub, github, clock) = always(&reply, read.sent).await;
        let done = github.past(&commit()).await.map(Some);
        assert_fate(signal, (&stub, &clock), &done, &read);
    }
}

#[tokio::test]
async fn no_pause_is_started_that_exceeds_the_remaining_time() {
    for (reply, seconds, waits, text) in [
        (
            primary(100),
            60,
            vec![],
            "read the release: rate limit reached, resets at 2027-01-15T08:01:41Z \
             (`API rate limit exceeded for user ID 1.`, request id AB:12)",
        ),
        (
            says(502, "oops"),
            3,
            vec![1],
            "read the release: no usable response: http 502 (application/json; charset=utf-8) \
             `{\"message\":\"oops\"}`, request id AB:12",
        ),
    ] {
        let stub = Stub::start().await;
        (0..=waits.len()).for_each(|_| _ = stub.will(reply.clone()));
        let (github, clock) = stub.github();
        clock.all.set(Some(Duration::from_secs(seconds)));
        let error = github.release(9).await.unwrap_err();
        assert_eq!(error.to_string(), text);
        let slept: Vec<u64> = clock.slept.borrow().iter().map(Duration::as_secs).collect();
        assert_eq!((slept, stub.lines().len()), (waits.clone(), waits.len() + 1));
    }
}

#[tokio::test]
async fn no_request_is_sent_after_the_timeout() {
    let stub = Stub::start().await;
    let (github, clock) = stub.github();
    clock.all.set(Some(Duration::ZERO));
    let error = github.create_draft(&draft()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "create the draft release: no usable response: \
         no response from `127.0.0.1` in time"
    );
    assert_eq!((stub.lines().len(), github.meter().total()), (0, 0));
}

#[tokio::test]
async fn many_writes_are_sent_one_second_apart_and_few_without_delay() {
    let stub = Stub::start().await;
    (0..18).for_each(|_| _ = stub.will(Canned::text(204, "", "")));
    let (github, clock) = stub.github();
    for asset in 0..15 {
        github.delete_asset(asset).await.unwrap();
    }
    assert_eq!(clock.slept.borrow().len(), 0);
    for asset in 15..18 {
        github.delete_asset(asset).await.unwrap();
    }
    assert_eq!(*clock.slept.borrow(), [Duration::from_secs(1); 3]);
}

#[tokio::test]
async fn unchanged_responses_are_requested_by_etag_and_cost_nothing() {
    let stub = Stub::start().await;
    stub.will(Canned::json(200, &release(9, true)).header("etag", "W/\"a\""))
        .will(Canned::text(304, "", ""))
        .will(Canned::json(200, &release(9, false)).header("etag", "W/\"b\""))
        .will(Canned::text(304, "", ""))
        .will(Canned::json(200, &json!([])))
        .will(Canned::json(404, &json!({})))
        .will(Canned::json(201, &release(10, true)).header("etag", "W/\"c\""));
    let (github, _) = stub.github();
    for draft in [true, true, false, false] {
        assert_eq!(github.release(9).await.unwrap().unwrap().draft, draft);
    }
    assert!(github.releases(&tag()).await.unwrap().is_empty());
    assert_eq!(github.release(9).await.unwrap(), None, "what is gone does not come back");
    github.create_draft(&super::manners::draft()).await.unwrap();
    let asked = stub.asked();
    let tags: Vec<_> = asked.iter().map(|asked| asked.header("if-none-match")).collect();
    let (none, a, b) = (vec![], vec!["W/\"a\""], vec!["W/\"b\""]);
    assert_eq!(tags, [none.clone(), a.clone(), a, b.clone(), none.clone(), b, none]);
    let count = github.meter().counts()["GET /repos/{}/releases/{}"];
    assert_eq!((count.requests, count.not_modified, count.retried), (5, 2, 0));
}

#[tokio::test]
async fn a_truncated_response_is_not_cached() {
    let stub = Stub::start().await;
    let half = r#"{"id":9,"tag_na"#;
    stub.will(Canned::text(200, "application/json", half).header("etag", "\"a\""))
        .will(Canned::json(200, &release(9, true)).header("etag", "\"a\""));
    stub.github().0.release(9).await.unwrap().unwrap();
    assert!(stub.asked()[1].header("if-none-match").is_empty());
}

#[tokio::test]
async fn a_rate_limit_without_a_reset_doubles_the_wait_of_a_write() {
    let stub = Stub::start().await;
    let limit = || says(403, "You have exceeded a secondary rate limit.");
    (0..3).for_each(|_| _ = stub.will(limit()));
    stub.will(Canned::json(201, &release(9, true))).will(limit());
    let (github, _) = stub.github();
    let mut waits = Vec::new();
    for _ in 0..5 {
        waits.push(match github.create_draft(&draft()).await {
            Err(PortError::Limited { until, .. }) => until.as_second() - NOW,
            Ok(_) => 0,
            Err(other) => panic!("{other}"),
        });
    }
    assert_eq!(waits, [60, 120, 240, 0, 60]);
}

#[tokio::test]
async fn a_long_wait_prints_its_reason() {
    let cases = [
        (
            says(502, "no"),
            5,
            "http 502 (application/json; charset=utf-8) `{\"message\":\"no\"}`, request id AB:12",
        ),
        (primary(6), 3, "rate limit reached"),
    ];
    for (reply, times, why) in cases {
        let stub = Stub::start().await;
        (0..times).for_each(|_| _ = stub.will(reply.clone()));
        let said = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&said);
        let github = stub.github().0;
        let github = github.telling(Rc::new(move |line| heard.borrow_mut().push(line.to_owned())));
        github.release(9).await.unwrap_err();
        assert_eq!(stub.asked().len(), times);
        assert!(said.borrow().len() > 1);
        let told = format!("cannot read the release: {why}; trying again in ");
        assert!(said.borrow().iter().all(|line| line.starts_with(&told)), "{said:?}");
    }
}
