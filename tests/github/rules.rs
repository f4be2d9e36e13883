//! Rules, tags and releases in a survey, and what was not there to be seen.

use crate::github::stub::*;
use crate::github::surveys::{reply, repository, surveyed, why};
use serde_json::{Value, json};
use tminus::facts::{RequiredCheck, Seen};
use tminus::ports::{ForgeRead, PortError};

#[tokio::test]
async fn parts_that_were_not_requested_are_unseen() {
    let commit = commit_with(&contexts(&[], 0, None));
    let surveyed =
        surveyed(&only_checks(), vec![reply(&json!({ "commit": commit }), &json!([]))]).await;
    assert_eq!(why(&surveyed.rules), "it was not read");
    assert_eq!(why(&surveyed.tag), "it was not read");
    assert_eq!(why(&surveyed.published), "it was not read");
}

#[tokio::test]
async fn a_rule_that_requires_a_workflow_makes_the_rules_unseen() {
    let rule =
        json!({ "type": "WORKFLOWS", "repositoryRuleset": { "name": "org" }, "parameters": {} });
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["branch"] = branch_with(&[rule], &[]);
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(why(&surveyed.rules), "ruleset `org` requires a workflow instead of checks");
}

#[tokio::test]
async fn rules_missing_from_the_response_are_unseen() {
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["branch"]["rules"]["totalCount"] = 3.into();
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(why(&surveyed.rules), "GitHub's response has only 0 of 3 rules");
}

/// An answer about a branch that is not there, and what was told of classic protection.
fn new_branch(protection: &Value, errors: &Value) -> Canned {
    let run = check_run("CR_1", "build", "COMPLETED", Some("SUCCESS"));
    let mut found = repository(&commit_with(&contexts(&[run], 1, None)));
    found["branch"] = Value::Null;
    let data = json!({ "repository": found, "protection": protection });
    Canned::json(200, &json!({ "data": data, "errors": errors }))
}

fn patterns(administers: bool, nodes: &[(&str, &str)]) -> Value {
    let nodes: Vec<_> = nodes
        .iter()
        .map(|(pattern, check)| {
            json!({
                "pattern": pattern, "requiresStatusChecks": true,
                "requiredStatusChecks": [{ "context": check, "app": { "databaseId": 15368 } }],
            })
        })
        .collect();
    json!({
        "viewerCanAdminister": administers,
        "branchProtectionRules": { "totalCount": nodes.len(), "nodes": nodes },
    })
}

#[tokio::test]
async fn rules_are_read_for_a_branch_that_does_not_exist_yet() {
    let stub = Stub::start().await;
    let rules = json!([
        { "type": "deletion", "ruleset_id": 7 },
        { "type": "required_status_checks", "ruleset_id": 7, "ruleset_source": "acme",
          "parameters": { "strict_required_status_checks_policy": false,
            "required_status_checks": [{ "context": "build", "integration_id": 15368 }] } },
    ]);
    stub.will(new_branch(&patterns(true, &[]), &json!([]))).will(Canned::json(200, &rules));
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
async fn classic_protection_patterns_match_as_on_github() {
    for (branch, rules, fits) in [
        ("main", &[("ma*", "a"), ("*", "b"), ("m?in", "c")][..], &["a", "b", "c"][..]),
        ("main", &[("*", "any"), ("main", "exact")], &["exact"]),
        ("release/1.x", &[("release/*", "a"), ("*", "b"), ("**/*", "c")], &["a", "c"]),
        ("release/1/x", &[("release/*", "a"), ("release/**", "b"), ("release/**/*", "c")], &["c"]),
        ("main", &[("{main,next}", "braces"), ("[a-m]ain", "set")], &["set"]),
    ] {
        let stub = Stub::start().await;
        stub.will(new_branch(&patterns(true, rules), &json!([])));
        stub.will(Canned::json(200, &json!([])));
        let branch = tminus::base::names::BranchName::new(branch).ok();
        let survey = tminus::ports::Survey { branch, tag: None, ..only_checks() };
        let surveyed = stub.github().0.survey(&survey).await.unwrap();
        let required = surveyed.rules.known().unwrap();
        let names: Vec<_> = required.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names, fits, "{rules:?}");
        assert!(required.iter().all(|check| check.app_id == Some(15368)));
    }
}

#[tokio::test]
async fn rules_of_a_new_branch_are_unseen_if_its_classic_protection_is_unreadable() {
    let denied = json!([{
        "type": "FORBIDDEN", "message": "Resource not accessible by integration",
        "path": ["protection", "branchProtectionRules"],
    }]);
    let mut cut = patterns(true, &[("*", "build")]);
    cut["branchProtectionRules"]["totalCount"] = 101.into();
    let untold = "`main` does not exist on GitHub yet; reading the branch protection rule that will \
                  apply to it requires `administration: read`";
    for (protection, errors, reason) in [
        (Value::Null, denied, untold),
        // To some who may not see them the list looks empty.
        (patterns(false, &[]), json!([]), untold),
        (cut, json!([]), "GitHub's response has only 1 of 101 protected patterns"),
    ] {
        let surveyed = surveyed(&whole_survey(), vec![new_branch(&protection, &errors)]).await;
        assert_eq!(why(&surveyed.rules), reason);
        assert_eq!(surveyed.checks.known().unwrap().total, 1);
        assert_eq!(surveyed.tag, Seen::Known(None));
    }
}

#[tokio::test]
async fn classic_protection_pins_apps_if_the_token_can_see_them() {
    let run = check_run("CR_1", "build", "COMPLETED", Some("SUCCESS"));
    let mut found = repository(&commit_with(&contexts(&[run], 1, None)));
    found["branch"] = branch_with(&[], &["build", "lint"]);
    let denied = json!([{
        "type": "FORBIDDEN", "message": "Resource not accessible by integration",
        "path": ["repository", "branch", "branchProtectionRule"],
    }]);
    let told = |seen: &Seen<Vec<RequiredCheck>>| -> Vec<(String, Option<i64>)> {
        let required = seen.known().unwrap();
        required.iter().map(|check| (check.name.clone(), check.app_id)).collect()
    };
    let names = surveyed(&whole_survey(), vec![reply(&found, &denied)]).await;
    assert_eq!(told(&names.rules), [("build".into(), None), ("lint".into(), None)]);

    found["branch"]["branchProtectionRule"] = json!({
        "requiresStatusChecks": true,
        "requiredStatusChecks": [
            { "context": "build", "app": { "databaseId": 15368 } }, { "context": "hidden", "app": null },
        ],
    });
    let pinned = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(
        told(&pinned.rules),
        [("build".into(), Some(15368)), ("hidden".into(), None), ("lint".into(), None)]
    );

    found["branch"]["branchProtectionRule"]["requiresStatusChecks"] = false.into();
    found["branch"]["refUpdateRule"] = Value::Null;
    let off = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(told(&off.rules), []);
}

#[tokio::test]
async fn a_published_release_is_read_completely_and_a_draft_is_not_one() {
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
async fn a_tag_that_does_not_point_to_a_commit_is_unseen() {
    let mut found = repository(&commit_with(&contexts(&[], 0, None)));
    found["tag"] = json!({ "target": { "__typename": "Tree", "oid": "b".repeat(40) } });
    let surveyed = surveyed(&whole_survey(), vec![reply(&found, &json!([]))]).await;
    assert_eq!(why(&surveyed.tag), "it points to a tree");
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
