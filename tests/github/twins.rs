//! Commits with the same content, and who may speak for them.

use crate::github::stub::*;
use crate::github::surveys::{reply, surveyed, why};
use serde_json::{Value, json};
use tminus::facts::{CheckState, Checks, Seen};
use tminus::ports::{ForgeRead, Survey};

fn oid(digit: char) -> String {
    digit.to_string().repeat(40)
}

fn with_twins() -> Survey {
    Survey { same_tree: true, ..only_checks() }
}

/// A pull request that was merged as the commit, with one green check on its head.
fn pull(head: &str) -> Value {
    let run = check_run("CR_9", "build", "COMPLETED", Some("SUCCESS"));
    let mut commit = commit_with(&contexts(&[run], 1, None));
    commit["oid"] = head.into();
    commit["repository"] = json!({ "id": "R_1" });
    commit["tree"] = json!({ "oid": oid('7') });
    json!({
        "merged": true, "mergeCommit": { "oid": commit_id() },
        "commits": { "nodes": [{ "commit": commit }] },
    })
}

fn commit_id() -> String {
    commit().to_string()
}

fn found(pulls: &[Value], total: usize) -> Value {
    json!({
        "id": "R_1",
        "commit": commit_with(&contexts(&[check_run("CR_1", "x", "COMPLETED", Some("SUCCESS"))], 1, None)),
        "twins": {
            "__typename": "Commit", "tree": { "oid": oid('7') },
            "associatedPullRequests": { "totalCount": total, "nodes": pulls },
        },
    })
}

async fn same_tree(pulls: &[Value]) -> Seen<Vec<Checks>> {
    let canned = vec![reply(&found(pulls, pulls.len()), &json!([]))];
    surveyed(&with_twins(), canned).await.same_tree
}

#[tokio::test]
async fn the_head_of_the_merged_pull_request_is_a_duplicate_of_the_commit() {
    let same_tree = same_tree(&[pull(&oid('b'))]).await;
    let [twin] = same_tree.known().unwrap().as_slice() else { panic!("{same_tree:?}") };
    assert_eq!((twin.commit.as_str(), twin.total), (oid('b').as_str(), 1));
    assert_eq!(twin.runs[0].state, CheckState::Finished("success".into()));
}

#[tokio::test]
async fn a_commit_that_is_not_equivalent_is_not_a_duplicate() {
    let head = "/commits/nodes/0/commit";
    let cases: [(&str, String, Value); 6] = [
        ("another tree", format!("{head}/tree/oid"), json!(oid('8'))),
        ("the commit itself", format!("{head}/oid"), json!(commit_id())),
        ("a fork's commit", format!("{head}/repository/id"), json!("R_fork")),
        ("not merged", "/merged".into(), json!(false)),
        ("merged as another commit", "/mergeCommit/oid".into(), json!(oid('9'))),
        ("no commits told", "/commits/nodes".into(), json!([])),
    ];
    for (case, place, value) in cases {
        let mut pull = pull(&oid('b'));
        *pull.pointer_mut(&place).unwrap() = value;
        assert_eq!(same_tree(&[pull]).await, Seen::Known(Vec::new()), "{case}");
    }
}

#[tokio::test]
async fn two_pull_requests_with_the_same_head_are_one_duplicate() {
    let same_tree = same_tree(&[pull(&oid('b')), pull(&oid('b')), pull(&oid('c'))]).await;
    let told: Vec<_> = same_tree.known().unwrap().iter().map(|twin| twin.commit.as_str()).collect();
    assert_eq!(told, [oid('b'), oid('c')]);
}

#[tokio::test]
async fn pull_requests_missing_from_the_response_leave_duplicates_unseen() {
    let canned = vec![reply(&found(&[pull(&oid('b'))], 6), &json!([]))];
    let surveyed = surveyed(&with_twins(), canned).await;
    assert_eq!(why(&surveyed.same_tree), "GitHub's response has only 1 of 6 pull requests");
}

#[tokio::test]
async fn denied_duplicates_name_their_permission_without_hiding_the_checks() {
    let pulls = ["repository", "twins", "associatedPullRequests"];
    let below = |more: &[Value]| {
        let mut path: Vec<Value> = pulls.iter().map(|&step| step.into()).collect();
        path.extend(["nodes".into(), 0.into(), "commits".into(), "nodes".into(), 0.into()]);
        path.push("commit".into());
        path.extend_from_slice(more);
        Value::Array(path)
    };
    for (path, needs) in [
        (json!(pulls), "`pull-requests: read`"),
        (below(&["statusCheckRollup".into()]), "`checks: read` and `statuses: read`"),
        (below(&["checkSuites".into()]), "`checks: read`"),
        (
            below(&["checkSuites".into(), "nodes".into(), 0.into(), "workflowRun".into()]),
            "`actions: read`",
        ),
    ] {
        let errors = json!([{
            "type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": path,
        }]);
        let mut found = found(&[], 0);
        found["twins"]["associatedPullRequests"] = Value::Null;
        let surveyed = surveyed(&with_twins(), vec![reply(&found, &errors)]).await;
        assert_eq!(why(&surveyed.same_tree), format!("the token lacks {needs}"));
        assert_eq!(surveyed.checks.known().unwrap().total, 1);
    }
}

#[tokio::test]
async fn a_duplicate_with_many_checks_is_read_page_by_page() {
    let many = |from: usize, to: usize| -> Vec<Value> {
        (from..to)
            .map(|n| check_run(&format!("T_{n}"), "job", "COMPLETED", Some("SUCCESS")))
            .collect()
    };
    let mut pull = pull(&oid('b'));
    pull["commits"]["nodes"][0]["commit"]["statusCheckRollup"]["contexts"] =
        contexts(&many(0, 100), 130, Some("c100"));
    let more = json!({ "commit": { "__typename": "Commit",
        "statusCheckRollup": { "contexts": contexts(&many(100, 130), 130, None) } } });
    let stub = Stub::start().await;
    stub.will(reply(&found(&[pull], 1), &json!([]))).will(reply(&more, &json!([])));
    let surveyed = stub.github().0.survey(&with_twins()).await.unwrap();
    let same_tree = surveyed.same_tree.known().unwrap();
    assert_eq!((same_tree[0].total, same_tree[0].runs.len()), (130, 130));
    assert_eq!(stub.asked()[1].json()["variables"]["commit"], oid('b'));
}

#[tokio::test]
async fn duplicates_are_not_read_unless_requested() {
    let stub = Stub::start().await;
    stub.will(reply(&found(&[], 0), &json!([])));
    let surveyed = stub.github().0.survey(&only_checks()).await.unwrap();
    assert_eq!(why(&surveyed.same_tree), "it was not read");
    assert_eq!(stub.asked()[0].json()["variables"]["hasTwins"], false);
}
