//! When and on top of what a commit came to its branch.

use crate::github::stub::*;
use crate::github::surveys::{reply, repository, why};
use serde_json::{Value, json};
use tminus::base::names::Sha;
use tminus::facts::{Push, Seen};
use tminus::ports::{CommitState, ForgeRead, Survey};

fn with_push() -> Survey {
    Survey { push: true, tag: None, ..whole_survey() }
}

fn reported() -> Value {
    let run = check_run("CR_1", "build", "COMPLETED", Some("SUCCESS"));
    repository(&commit_with(&contexts(&[run], 1, None)))
}

fn entry(before: char, after: &str, at: &str) -> Value {
    json!({
        "id": 1, "node_id": "PSH_1", "before": before.to_string().repeat(40), "after": after,
        "ref": "refs/heads/main", "timestamp": at, "activity_type": "push", "actor": null,
    })
}

async fn survey(survey: &Survey, canned: Vec<Canned>) -> (CommitState, Vec<String>) {
    let stub = Stub::start().await;
    for canned in canned {
        stub.will(canned);
    }
    let surveyed = stub.github().0.survey(survey).await.unwrap();
    (surveyed, stub.lines())
}

async fn pushed(activity: Canned) -> Seen<Option<Push>> {
    survey(&with_push(), vec![reply(&reported(), &json!([])), activity]).await.0.push
}

#[tokio::test]
async fn the_newest_push_that_left_the_branch_at_the_commit_is_returned() {
    let other = "d".repeat(40);
    let entries = json!([
        entry('c', &other, "2026-01-10T16:00:00Z"),
        entry('b', commit().as_str(), "2026-01-10T15:00:00Z"),
        entry('a', commit().as_str(), "2026-01-10T14:00:00Z"),
    ]);
    let canned = vec![reply(&reported(), &json!([])), Canned::json(200, &entries)];
    let (surveyed, lines) = survey(&with_push(), canned).await;
    let before = Sha::new("b".repeat(40)).ok();
    let push = Push { at: "2026-01-10T15:00:00Z".parse().unwrap(), before };
    assert_eq!(surveyed.push, Seen::Known(Some(push)));
    assert_eq!(
        lines[1],
        "GET /api/v3/repos/acme/widget/activity?ref=refs%2Fheads%2Fmain&per_page=100"
    );
}

#[tokio::test]
async fn a_push_that_made_the_branch_has_nothing_before_it() {
    let entries = json!([entry('0', commit().as_str(), "2026-01-10T15:00:00Z")]);
    let push = pushed(Canned::json(200, &entries)).await;
    assert_eq!(push.known().unwrap().as_ref().unwrap().before, None);
}

#[tokio::test]
async fn a_commit_pushed_together_with_a_later_one_has_no_push_of_its_own() {
    let entries = json!([entry('a', &"d".repeat(40), "2026-01-10T15:00:00Z")]);
    assert_eq!(pushed(Canned::json(200, &entries)).await, Seen::Known(None));
    let next = "</repositories/5/activity?after=x>; rel=\"next\"";
    let cut = pushed(Canned::json(200, &entries).header("link", next)).await;
    assert_eq!(why(&cut), "it is not among the newest 100 changes of `main`");
}

#[tokio::test]
async fn unreadable_pushes_are_unseen_without_affecting_other_parts() {
    let denied = Canned::json(403, &json!({ "message": "Resource not accessible by integration" }))
        .header("x-accepted-github-permissions", "contents=read");
    let canned = vec![reply(&reported(), &json!([])), denied];
    let (surveyed, _) = survey(&with_push(), canned).await;
    assert_eq!(
        why(&surveyed.push),
        "the token lacks `contents: read` (`Resource not accessible by integration`)"
    );
    assert_eq!(surveyed.checks.known().unwrap().total, 1);
}

#[tokio::test]
async fn the_push_is_requested_if_no_check_reported() {
    let nothing = repository(&commit_with(&contexts(&[], 0, None)));
    let entries = json!([entry('a', commit().as_str(), "2026-01-10T15:00:00Z")]);
    let unasked = Survey { push: false, ..with_push() };
    let canned = vec![reply(&nothing, &json!([])), Canned::json(200, &entries)];
    let (surveyed, _) = survey(&unasked, canned).await;
    assert!(surveyed.push.known().unwrap().is_some());

    let (surveyed, lines) = survey(&unasked, vec![reply(&reported(), &json!([]))]).await;
    assert_eq!((why(&surveyed.push), lines.len()), ("it was not read", 1));

    // A suite tells since when CI knows of the commit.
    let mut waits = nothing.clone();
    waits["commit"]["checkSuites"] = suites(&[suite("ci")], 1, None);
    let (_, lines) = survey(&unasked, vec![reply(&waits, &json!([]))]).await;
    assert_eq!(lines.len(), 1);

    let (_, lines) = survey(&only_checks(), vec![reply(&nothing, &json!([]))]).await;
    assert_eq!(lines.len(), 1, "without a branch there is no push");
}

#[tokio::test]
async fn a_missing_branch_has_no_push() {
    let mut found = reported();
    found["branch"] = Value::Null;
    let (surveyed, lines) = survey(&with_push(), vec![reply(&found, &json!([]))]).await;
    assert_eq!((surveyed.push, lines.len()), (Seen::Known(None), 1));
}
