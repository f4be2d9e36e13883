//! What the token may do, out of replies good and odd.

use crate::github::stub::*;
use crate::github::surveys::why;
use serde_json::{Value, json};
use tminus::base::names::{Sha, TagName};
use tminus::facts::Seen;
use tminus::facts::rights::{Permission, Rights, TokenKind, Workflows};
use tminus::ports::{ForgeRead, PermissionQuery, PermissionScope, PortError};

fn inquiry(extent: PermissionScope) -> PermissionQuery {
    PermissionQuery {
        moving: Vec::new(),
        tag: TagName::new("v1.1.0").unwrap(),
        commit: Sha::new("a".repeat(40)).unwrap(),
        previous: TagName::new("v1.0.0").ok(),
        environments: Vec::new(),
        extent,
    }
}

fn found(login: &str, rulesets: &[Value]) -> Value {
    let tree = json!({ "oid": "f".repeat(40) });
    json!({ "data": {
        "viewer": { "login": login },
        "repository": {
            "commit": { "oid": "a".repeat(40) }, "ours": tree, "theirs": tree,
            "rulesets": { "totalCount": rulesets.len(), "nodes": rulesets },
        },
    } })
}

fn ruleset(enforcement: &str) -> Value {
    json!({
        "databaseId": 7, "name": "tags", "enforcement": enforcement,
        "conditions": { "refName": { "include": ["~ALL"], "exclude": [] } },
        "rules": { "totalCount": 1, "nodes": [{ "type": "CREATION", "parameters": null }] },
    })
}

fn notes() -> Canned {
    Canned::json(200, &json!({ "name": "v1.1.0", "body": "" }))
}

async fn asked(
    extent: PermissionScope,
    canned: Vec<Canned>,
) -> (Result<Rights, PortError>, Vec<String>) {
    let stub = Stub::start().await;
    for one in canned {
        stub.will(one);
    }
    let rights = stub.github().0.rights(&inquiry(extent)).await;
    (rights, stub.lines())
}

#[tokio::test]
async fn the_rights_of_a_workflow_token_are_read_with_two_requests() {
    let first = Canned::json(200, &found("github-actions[bot]", &[ruleset("ACTIVE")]));
    let (rights, lines) = asked(PermissionScope::Whole, vec![first, notes()]).await;
    let rights = rights.unwrap();
    assert_eq!(rights.token.known().unwrap().kind, TokenKind::Job);
    assert_eq!(rights.releases, Seen::Known(Permission::Granted));
    assert_eq!(rights.tag_rules.known().unwrap()[0].bypass, Seen::Known(false));
    assert_eq!(rights.workflows, Seen::Known(Workflows::Same));
    assert_eq!(why(&rights.immutable), "only administrators can read it");
    let notes = "POST /api/v3/repos/acme/widget/releases/generate-notes";
    assert_eq!(lines, ["POST /api/graphql", notes]);
}

#[tokio::test]
async fn unreadable_environments_are_unseen_with_the_missing_permission() {
    let mut first = found("github-actions[bot]", &[]);
    first["data"]["repository"]["environments"] = Value::Null;
    first["errors"] = json!([{ "type": "FORBIDDEN", "path": ["repository", "environments"],
        "message": "Resource not accessible by integration" }]);
    let stub = Stub::start().await;
    stub.will(Canned::json(200, &first));
    stub.will(notes());
    let inquiry = PermissionQuery {
        moving: Vec::new(),
        environments: vec!["production".into()],
        ..inquiry(PermissionScope::Whole)
    };
    let rights = stub.github().0.rights(&inquiry).await.unwrap();
    assert_eq!(why(&rights.environments), "the token lacks `actions: read`");
}

#[tokio::test]
async fn a_personal_token_is_checked_for_bypasses_and_immutable_releases() {
    let first = Canned::json(200, &found("ada", &[ruleset("ACTIVE"), ruleset("EVALUATE")]));
    let first = first.header("x-oauth-scopes", "repo, workflow");
    let bypass = Canned::json(200, &json!({ "id": 7, "current_user_can_bypass": "always" }));
    let on = Canned::json(200, &json!({ "enabled": true, "enforced_by_owner": false }));
    let (rights, lines) = asked(PermissionScope::Whole, vec![first, bypass, notes(), on]).await;
    let rights = rights.unwrap();
    let scopes = vec!["repo".to_owned(), "workflow".to_owned()];
    assert_eq!(rights.token.known().unwrap().kind, TokenKind::Classic { scopes });
    let rules = rights.tag_rules.known().unwrap();
    assert_eq!((rules.len(), &rules[0].bypass), (1, &Seen::Known(true)));
    assert_eq!(rights.immutable, Seen::Known(true));
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[1], "GET /api/v3/repos/acme/widget/rulesets/7");
    assert_eq!(lines[3], "GET /api/v3/repos/acme/widget/immutable-releases");
}

#[tokio::test]
async fn reading_the_rights_again_takes_two_requests_for_any_token() {
    let first = Canned::json(200, &found("ada", &[]));
    let (rights, lines) = asked(PermissionScope::Again, vec![first, notes()]).await;
    // The stub's token looks like an installation's.
    assert_eq!(rights.unwrap().token.known().unwrap().kind, TokenKind::App);
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[tokio::test]
async fn write_permission_is_proven_only_by_generated_notes() {
    let denied = |needs: &str| Seen::Known(Permission::Denied { needs: needs.into(), why: None });
    let refused = json!({ "message": "Resource not accessible by integration" });
    let named = Canned::json(403, &refused)
        .header("x-accepted-github-permissions", "contents=write,workflows=write");
    for (reply, expected) in [
        (named, denied("contents: write, workflows: write")),
        (Canned::json(403, &refused), denied("contents: write")),
        (Canned::json(404, &json!({ "message": "Not Found" })), denied("contents: write")),
    ] {
        let first = Canned::json(200, &found("github-actions[bot]", &[]));
        let (rights, _) = asked(PermissionScope::Whole, vec![first, reply]).await;
        assert_eq!(rights.unwrap().releases, expected);
    }
    for odd in [
        Canned::json(422, &json!({ "message": "Validation Failed" })),
        Canned::text(200, "text/html", "<html>Unicorn!</html>"),
    ] {
        let first = Canned::json(200, &found("github-actions[bot]", &[]));
        let (rights, _) = asked(PermissionScope::Whole, vec![first, odd]).await;
        let releases = rights.unwrap().releases;
        assert!(matches!(releases, Seen::Unseen(_)), "{releases:?}");
    }
}

#[tokio::test]
async fn rules_missing_from_the_response_are_unseen() {
    let mut short = found("github-actions[bot]", &[ruleset("ACTIVE")]);
    short["data"]["repository"]["rulesets"]["totalCount"] = 2.into();
    let mut bare = found("github-actions[bot]", &[ruleset("ACTIVE")]);
    bare["data"]["repository"]["rulesets"]["nodes"][0]["conditions"] = Value::Null;
    let mut denied = found("github-actions[bot]", &[]);
    denied["data"]["repository"]["rulesets"] = Value::Null;
    denied["errors"] = json!([{
        "type": "FORBIDDEN", "path": ["repository", "rulesets"],
        "message": "Resource not accessible by integration",
    }]);
    for (reply, expected) in [
        (short, "GitHub's response has only 1 of 2 rulesets"),
        (bare, "GitHub's response does not contain the target of ruleset `tags`"),
        (denied, "the token lacks `contents: read`"),
    ] {
        let (rights, _) =
            asked(PermissionScope::Whole, vec![Canned::json(200, &reply), notes()]).await;
        assert_eq!(why(&rights.unwrap().tag_rules), expected);
    }
}

#[tokio::test]
async fn a_hidden_viewer_hides_nothing_else() {
    let mut reply = found("", &[]);
    reply["data"]["viewer"] = Value::Null;
    reply["errors"] = json!([{ "type": "FORBIDDEN", "path": ["viewer"], "message": "no" }]);
    let (rights, _) = asked(PermissionScope::Again, vec![Canned::json(200, &reply), notes()]).await;
    let rights = rights.unwrap();
    assert_eq!(rights.tag_rules, Seen::Known(Vec::new()));
    assert_eq!(rights.workflows, Seen::Known(Workflows::Same));
}

#[tokio::test]
async fn workflow_files_are_compared_only_if_the_commit_exists() {
    let (none, other) = (Value::Null, json!({ "oid": "e".repeat(40) }));
    for (part, value, expected) in [
        ("commit", &none, None),
        ("ours", &other, Some(Workflows::Differ)),
        ("theirs", &none, Some(Workflows::Differ)),
        ("ours", &none, Some(Workflows::Same)),
    ] {
        let mut reply = found("github-actions[bot]", &[]);
        reply["data"]["repository"][part] = value.clone();
        let (rights, _) =
            asked(PermissionScope::Again, vec![Canned::json(200, &reply), notes()]).await;
        assert_eq!(rights.unwrap().workflows.known().ok().copied(), expected, "{part} {value}");
    }
}
