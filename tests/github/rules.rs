//! Rules, tags and releases in a survey, and what was not there to be seen.

use crate::stub::*;
use crate::surveys::{reply, repository, surveyed, why};
use serde_json::{Value, json};
use tminus::facts::{RequiredCheck, Seen};
use tminus::ports::{Look, PortError};

#[tokio::test]
async fn what_was_not_asked_for_is_not_seen() {
    let commit = commit_with(&contexts(&[], 0, None));
    let surveyed =
        surveyed(&only_checks(), vec![reply(&json!({ "commit": commit }), &json!([]))]).await;
    assert_eq!(why(&surveyed.rules), "it was not asked for");
    assert_eq!(why(&surveyed.tag), "it was not asked for");
    assert_eq!(why(&surveyed.published), "it was not asked for");
}

#[tokio::test]
async fn a_rule_that_requires_a_workflow_cannot_be_put_as_checks() {
    let rule =
        json!({ "type": "WORKFLOWS", "repositoryRuleset": { "name": "org" }, "parameters": {} });
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["branch"] = branch_with(&[rule], &[]);
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(why(&surveyed.rules), "ruleset `org` requires a workflow, which names no checks");
}

#[tokio::test]
async fn rules_that_were_not_all_told_are_unseen() {
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["branch"]["rules"]["totalCount"] = 3.into();
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(why(&surveyed.rules), "the forge told 0 of 3 rules");
}

#[tokio::test]
async fn a_branch_that_is_not_there_yet_has_rules_all_the_same() {
    let stub = Stub::start().await;
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["branch"] = Value::Null;
    let rules = json!([
        { "type": "deletion", "ruleset_id": 7 },
        { "type": "required_status_checks", "ruleset_id": 7, "ruleset_source": "acme",
          "parameters": { "strict_required_status_checks_policy": false,
            "required_status_checks": [{ "context": "build", "integration_id": 15368 }] } },
    ]);
    stub.will(reply(&found, &json!([]))).will(Canned::json(200, &rules));
    let surveyed = stub.github().0.survey(&whole_survey()).await.unwrap();
    let required =
        RequiredCheck { name: "build".into(), app_id: Some(15368), rule: "ruleset 7".into() };
    assert_eq!(surveyed.rules, Seen::Known(vec![required]));
    assert_eq!(stub.lines()[1], "GET /api/v3/repos/acme/widget/rules/branches/main?per_page=100");
    assert_eq!(stub.asked()[1].header("user-agent").len(), 1);
    assert_eq!(stub.asked()[1].header("x-github-api-version"), ["2022-11-28"]);
    assert_eq!(stub.asked()[1].header("authorization"), [format!("Bearer {TOKEN}")]);
}

#[tokio::test]
async fn a_published_release_is_read_whole_and_a_draft_is_none() {
    for (answer, published) in [
        (Canned::json(200, &release(9, false)), Some(9)),
        (Canned::json(404, &json!({ "message": "Not Found" })), None),
    ] {
        let mut found = repository(&commit_with(&contexts(&[], 0, None)));
        found["release"] = json!({ "id": "RE_1" });
        let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([])), answer]).await;
        let release = surveyed.published.known().unwrap().as_ref();
        assert_eq!(release.map(|release| release.id), published);
    }
}

#[tokio::test]
async fn a_tag_that_leads_to_no_commit_is_unseen() {
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["tag"] = json!({ "target": { "__typename": "Tree", "oid": "b".repeat(40) } });
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(why(&surveyed.tag), "it leads to a tree");
}

#[tokio::test]
async fn a_repository_that_cannot_be_seen_is_named() {
    let stub = Stub::start().await;
    let errors =
        json!([{ "type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve" }]);
    stub.will(reply(&Value::Null, &errors));
    let error = stub.github().0.survey(&only_checks()).await.unwrap_err();
    let PortError::Refused { why, .. } = error else { panic!("{error}") };
    assert_eq!(why, "repository `acme/widget` was not found, or the token cannot see it");
}
