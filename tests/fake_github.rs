//! The HTTP fake_github is tried before anything is tried on it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use crate::support::client::{Client, REPO, send, sha};
use crate::support::fake_github::{FakeGitHub, Mishap, Options, Scopes, TOKEN};
use serde_json::{Value, json};
use std::time::Duration;
use tminus::base::names::{BranchName, TagName};
use tminus::facts::{CheckState, RequiredCheck};

fn start() -> FakeGitHub {
    FakeGitHub::start(unrecorded()).unwrap()
}

/// These tests ask wrongly on purpose: their exchanges are not for the conformance check.
fn unrecorded() -> Options {
    Options { record: None, ..Options::default() }
}

fn with_reader(options: Options) -> Options {
    let mut options = options;
    options.tokens.insert("reader".into(), Scopes::READ);
    options.tokens.insert("nobody".into(), Scopes::NONE);
    options
}

#[tokio::test]
async fn the_fake_rejects_requests_without_the_required_headers_or_body() {
    let fake_github = start();
    let client = Client::new(&fake_github);
    let bare = client.http.get(format!("{}{REPO}", fake_github.url)).bearer_auth(TOKEN);
    let nameless = send(bare).await.unwrap();
    assert_eq!(nameless.status, 403);
    assert!(nameless.text.contains("User-Agent"));
    let anonymous =
        client.http.get(format!("{}{REPO}", fake_github.url)).header("user-agent", "test");
    assert_eq!(send(anonymous).await.unwrap().status, 401);
    let stranger = Client::as_token(&fake_github, "stolen").get(REPO).await;
    assert_eq!((stranger.status, &stranger.json["message"]), (401, &json!("Bad credentials")));
    let old = client.request("GET", REPO).header("x-github-api-version", "2020-01-01");
    assert_eq!(send(old).await.unwrap().status, 400);
    assert_eq!(client.get("/repos/acme/gadget").await.status, 404);
    let fine = client.get(REPO).await;
    assert_eq!((fine.status, &fine.json["permissions"]["push"]), (200, &json!(true)));
    assert_eq!(fine.header("x-ratelimit-resource"), "core");
    assert_ne!(fine.header("x-github-request-id"), "");
    let broken = client.request("POST", &format!("{REPO}/releases")).body("{");
    assert_eq!(send(broken).await.unwrap().status, 400);
}

#[tokio::test]
async fn a_release_can_be_drafted_edited_published_and_deleted() {
    let fake_github = start();
    let client = Client::new(&fake_github);
    let draft = client.draft("v1.1.0").await;
    assert_eq!(draft.status, 201);
    assert!(draft.json["html_url"].as_str().unwrap().contains("untagged-"));
    assert_eq!(client.draft("v1.1.0").await.status, 201, "two drafts of one tag");
    assert_eq!(client.get(&format!("{REPO}/releases/tags/v1.1.0")).await.status, 404);
    assert_eq!(client.get(&format!("{REPO}/releases")).await.json.as_array().unwrap().len(), 2);
    assert_eq!(client.get(&format!("{REPO}/git/ref/tags/v1.1.0")).await.status, 404);

    let asset = client.upload(&draft.json, "a%20b.txt", "hello").await;
    assert_eq!((asset.status, &asset.json["name"]), (201, &json!("a.b.txt")));
    assert!(asset.json["digest"].as_str().unwrap().starts_with("sha256:2cf24dba"));
    let again = client.upload(&draft.json, "a.b.txt", "hello").await;
    assert_eq!((again.status, &again.json["errors"][0]["code"]), (422, &json!("already_exists")));
    assert_eq!(client.upload(&draft.json, "empty", "").await.status, 400);

    let id = draft.json["id"].as_u64().unwrap();
    let path = format!("{REPO}/releases/{id}");
    let bad = client.send("PATCH", &path, &json!({ "draft": true, "make_latest": "true" })).await;
    assert_eq!(bad.status, 422);
    let public = client.send("PATCH", &path, &json!({ "draft": false })).await;
    assert_eq!((public.status, &public.json["draft"]), (200, &json!(false)));
    assert_eq!(client.send("PATCH", &path, &json!({ "draft": false })).await.status, 200);
    let by_tag = client.get(&format!("{REPO}/releases/tags/v1.1.0")).await;
    assert_eq!(by_tag.json["assets"][0]["state"], "uploaded");
    let tag = client.get(&format!("{REPO}/git/ref/tags/v1.1.0")).await;
    assert_eq!(tag.json["object"]["sha"], sha('a').as_str());
    assert_eq!(client.upload(&draft.json, "late", "x").await.status, 422, "immutable");
    assert_eq!(client.get(&format!("{REPO}/releases/latest")).await.json["id"], id);

    let other = id + 1;
    let second =
        client.send("PATCH", &format!("{REPO}/releases/{other}"), &json!({ "draft": false })).await;
    assert_eq!(second.json["errors"][0]["code"], "already_exists");
    let gone = client.request("DELETE", &format!("{REPO}/releases/{other}"));
    assert_eq!(send(gone).await.unwrap().status, 204);
    assert_eq!(client.get(&format!("{REPO}/releases/{other}")).await.status, 404);
}

#[tokio::test]
async fn a_read_only_token_sees_no_drafts_and_is_told_what_it_lacks() {
    let fake_github = FakeGitHub::start(with_reader(unrecorded())).unwrap();
    let id = Client::new(&fake_github).draft("v1.1.0").await.json["id"].clone();
    let reader = Client::as_token(&fake_github, "reader");
    assert_eq!(reader.get(&format!("{REPO}/releases")).await.json, json!([]));
    assert_eq!(reader.get(&format!("{REPO}/releases/{id}")).await.status, 404);
    let denied = reader.draft("v1.1.0").await;
    assert_eq!(
        (denied.status, denied.header("x-accepted-github-permissions")),
        (403, "contents=write")
    );

    let hidden = with_reader(Options { private: true, ..unrecorded() });
    let fake_github = FakeGitHub::start(hidden).unwrap();
    assert_eq!(Client::as_token(&fake_github, "nobody").get(REPO).await.status, 404);
    assert_eq!(Client::as_token(&fake_github, "reader").get(REPO).await.status, 200);
}

#[tokio::test]
async fn lists_have_pages_that_link_to_each_other() {
    let fake_github = start();
    let client = Client::new(&fake_github);
    for n in 0..5 {
        client.draft(&format!("v1.{n}.0")).await;
    }
    let mut seen = Vec::new();
    let mut next = Some(format!("{REPO}/releases?per_page=2"));
    while let Some(path) = next {
        let page = client.get(&path).await;
        for one in page.json.as_array().unwrap() {
            seen.push(one["tag_name"].as_str().unwrap().to_owned());
        }
        let link = page.header("link").to_owned();
        let to = link.split(", ").find(|part| part.contains("rel=\"next\""));
        next = to.map(|part| part[1..part.find('>').unwrap()].to_owned());
        assert!(next.iter().all(|to| to.contains("/repositories/1296269/releases?")));
    }
    assert_eq!(seen, ["v1.4.0", "v1.3.0", "v1.2.0", "v1.1.0", "v1.0.0"]);
}

#[tokio::test]
async fn conditional_requests_for_unchanged_data_are_free_and_others_are_not() {
    let fake_github =
        FakeGitHub::start(Options { rest_limit: 2, graphql_limit: 1, ..unrecorded() }).unwrap();
    let client = Client::new(&fake_github);
    let first = client.get(REPO).await;
    let tag = first.header("etag").to_owned();
    let again = send(client.request("GET", REPO).header("if-none-match", &tag)).await.unwrap();
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(again.header("x-ratelimit-remaining"), "1");
    assert_eq!(client.get("/rate_limit").await.json["resources"]["core"]["used"], 1);
    assert_eq!(client.get(REPO).await.status, 200);
    let over = client.get(REPO).await;
    assert_eq!((over.status, over.header("x-ratelimit-remaining")), (403, "0"));
    let query = "{ viewer { login } }";
    assert_eq!(
        client.graphql(query, json!({})).await.json["data"]["viewer"]["login"],
        "github-actions[bot]"
    );
    let over = client.graphql(query, json!({})).await;
    assert_eq!((over.status, &over.json["errors"][0]["type"]), (200, &json!("RATE_LIMITED")));
}

#[tokio::test]
async fn requests_to_an_old_repository_name_are_redirected() {
    let renamed_from = Some("acme/gadget".into());
    let fake_github = FakeGitHub::start(Options { renamed_from, ..unrecorded() }).unwrap();
    let client = Client::new(&fake_github);
    let read = client.get("/repos/acme/gadget/releases?per_page=1").await;
    assert_eq!(read.status, 301);
    assert!(read.header("location").ends_with("/repositories/1296269/releases?per_page=1"));
    assert_eq!(client.get(read.header("location")).await.status, 200);
    assert_eq!(client.send("POST", "/repos/acme/gadget/releases", &json!({})).await.status, 307);
    let query = "{ repository(owner: \"acme\", name: \"gadget\") { nameWithOwner } }";
    let named = client.graphql(query, json!({})).await;
    assert_eq!(named.json["data"]["repository"]["nameWithOwner"], "acme/widget");
}

#[tokio::test]
async fn the_enterprise_api_is_served_under_api() {
    let fake_github = start();
    let mut client = Client::new(&fake_github);
    client.base = format!("{}/api/v3", fake_github.url);
    let draft = client.draft("v1.1.0").await;
    let upload = draft.json["upload_url"].as_str().unwrap();
    assert!(upload.starts_with(&format!("{}/api/uploads/repos/", fake_github.url)), "{upload}");
    assert_eq!(client.upload(&draft.json, "a", "x").await.status, 201);
    client.base = format!("{}/api", fake_github.url);
    let named = client.graphql("{ viewer { login } }", json!({})).await;
    assert_eq!(named.json["data"]["viewer"]["login"], "github-actions[bot]");
}

const SURVEY: &str = r#"
query Survey($commit: GitObjectID!, $tag: String!, $branch: String = "main", $more: Boolean!, $after: String) {
  repository(owner: "acme", name: "widget") {
    commit: object(oid: $commit) { ...Bits }
    commit: object(oid: $commit) { __typename }
    main: ref(qualifiedName: $branch) @include(if: $more) {
      rules(first: 10) { totalCount nodes { type parameters { __typename
        ... on RequiredStatusChecksParameters { requiredStatusChecks { context integrationId } } } } }
    }
    skipped: ref(qualifiedName: $branch) @skip(if: $more) { name }
    tag: ref(qualifiedName: "refs/tags/v1.0.0") { target { oid ... on Tag { target { oid } } } }
    release(tagName: $tag) { tagName isDraft releaseAssets(first: 5) { totalCount } }
  }
}
fragment Bits on Commit {
  statusCheckRollup { state contexts(first: 2, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { ...Context }
  } }
  checkSuites(first: 100) { nodes { status conclusion app { slug } workflowRun { event } } }
}
fragment Context on StatusCheckRollupContext {
  ... on CheckRun { name status conclusion checkSuite { workflowRun { workflow { name } } } }
  ... on StatusContext { context }
}"#;

fn surveyed(fake_github: &FakeGitHub) {
    let rule = RequiredCheck { name: "build".into(), app_id: Some(15_368), rule: "main".into() };
    fake_github.with(|state| {
        state.report(&sha('a'), "build", CheckState::Finished("success".into()));
        state.report(&sha('a'), "lint", CheckState::Finished("success".into()));
        state.report(&sha('a'), "fuzz", CheckState::Pending("in_progress".into()));
        state.rules.insert(BranchName::new("main").unwrap(), vec![rule]);
        let tag = tminus::adapters::sim::TagRef {
            object: sha('c'),
            commit: sha('a'),
            message: "v1.0.0".into(),
            by: tminus::adapters::sim::Author::Foreign,
        };
        state.tags.insert(TagName::new("v1.0.0").unwrap(), tag);
    });
}

fn asked(after: Option<&str>) -> Value {
    json!({ "commit": sha('a').as_str(), "tag": "v1.1.0", "more": true, "after": after })
}

#[tokio::test]
async fn one_query_returns_checks_rules_tag_and_draft() {
    let fake_github = start();
    surveyed(&fake_github);
    let client = Client::new(&fake_github);
    client.draft("v1.1.0").await;
    let reply = client.graphql(SURVEY, asked(None)).await;
    assert_eq!(reply.json.get("errors"), None, "{}", reply.text);
    let all = &reply.json["data"]["repository"];
    assert_eq!(all["commit"]["__typename"], "Commit");
    assert_eq!(all["commit"]["statusCheckRollup"]["state"], "PENDING");
    let contexts = &all["commit"]["statusCheckRollup"]["contexts"];
    assert_eq!(contexts["totalCount"], 3);
    assert_eq!(contexts["nodes"][0]["conclusion"], "SUCCESS");
    assert_eq!(contexts["nodes"][0]["checkSuite"]["workflowRun"]["workflow"]["name"], "ci");
    assert_eq!(all["commit"]["checkSuites"]["nodes"][2]["conclusion"], Value::Null);
    let check = &all["main"]["rules"]["nodes"][0]["parameters"]["requiredStatusChecks"][0];
    assert_eq!(check, &json!({ "context": "build", "integrationId": 15_368 }));
    assert_eq!(all["tag"]["target"]["oid"], sha('c').as_str());
    assert_eq!(all["tag"]["target"]["target"]["oid"], sha('a').as_str());
    assert_eq!(all["release"]["isDraft"], true);
    assert_eq!(all.get("skipped"), None);

    let rules = client.get(&format!("{REPO}/rules/branches/main")).await.json;
    let required = &rules[0]["parameters"]["required_status_checks"];
    assert_eq!(required, &json!([{ "context": "build", "integration_id": 15_368 }]));
    assert_eq!(client.get(&format!("{REPO}/rules/branches/none")).await.json, json!([]));

    let after = contexts["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = client.graphql(SURVEY, asked(Some(after))).await;
    let contexts = &rest.json["data"]["repository"]["commit"]["statusCheckRollup"]["contexts"];
    assert_eq!(contexts["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(contexts["nodes"][0]["status"], "IN_PROGRESS");
}

#[tokio::test]
async fn data_the_token_cannot_read_is_null_with_a_typed_error() {
    let mut options = with_reader(unrecorded());
    options.tokens.insert("no-actions".into(), Scopes { actions: false, ..Scopes::READ });
    let fake_github = FakeGitHub::start(options).unwrap();
    surveyed(&fake_github);
    Client::new(&fake_github).draft("v1.1.0").await;
    let reply = Client::as_token(&fake_github, "nobody").graphql(SURVEY, asked(None)).await;
    assert_eq!(reply.status, 200);
    let all = &reply.json["data"]["repository"];
    assert_eq!(all["commit"]["statusCheckRollup"], Value::Null);
    assert_eq!(all["release"], Value::Null, "drafts are for writers");
    let error = &reply.json["errors"][0];
    assert_eq!(error["type"], "FORBIDDEN");
    assert_eq!(error["path"], json!(["repository", "commit", "statusCheckRollup"]));
    let reply = Client::as_token(&fake_github, "no-actions").graphql(SURVEY, asked(None)).await;
    let path = json!([
        "repository",
        "commit",
        "statusCheckRollup",
        "contexts",
        "nodes",
        0,
        "checkSuite",
        "workflowRun"
    ]);
    assert_eq!(reply.json["errors"][0]["path"], path);
}

#[tokio::test]
async fn the_fake_rejects_queries_that_github_would_reject() {
    let fake_github = start();
    let client = Client::new(&fake_github);
    let said = async |query: &str| {
        let reply = client.graphql(query, json!({})).await;
        assert_eq!(reply.status, 200);
        reply.json["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
    };
    let repo =
        |inner: &str| format!("{{ repository(owner: \"acme\", name: \"widget\") {{ {inner} }} }}");
    assert!(said(&repo("unheardOf")).await.contains("doesn't exist on type 'Repository'"));
    assert!(said(&repo("releases { totalCount }")).await.contains("`first` or `last`"));
    assert!(said(&repo("releases(first: 101) { totalCount }")).await.contains("limit of 100"));
    assert!(said(&repo("releases(first: 1)")).await.contains("must have selections"));
    assert!(said(&repo("id { x }")).await.contains("scalars"));
    assert!(said("query Q($x: String!) { viewer { login } }").await.contains("Variable $x"));
    assert!(said("{ viewer { ...Nowhere } }").await.contains("not defined"));
    assert!(!said("{").await.is_empty());
    let gone = "{ repository(owner: \"acme\", name: \"gone\") { id } }";
    assert!(said(gone).await.starts_with("Could not resolve to a Repository"));
}

#[tokio::test]
async fn the_fake_fails_before_or_after_the_effect() {
    for (mishap, left, status) in [
        (Mishap::CutBefore, 0, None),
        (Mishap::CutAfter, 1, None),
        (Mishap::BadGatewayBefore, 0, Some(502)),
        (Mishap::BadGatewayAfter, 1, Some(502)),
        (Mishap::Html, 1, Some(200)),
        (Mishap::Truncated, 1, Some(201)),
        (Mishap::Hang, 0, None),
        (Mishap::Secondary, 0, Some(403)),
        (Mishap::SecondaryBare, 0, Some(403)),
    ] {
        let hang = Duration::from_millis(50);
        let fake_github = FakeGitHub::start(Options { hang, ..unrecorded() }).unwrap();
        let client = Client::new(&fake_github);
        fake_github.strike(1, mishap);
        let body =
            json!({ "tag_name": "v1.1.0", "target_commitish": sha('a').as_str(), "draft": true });
        let request = client.request("POST", &format!("{REPO}/releases")).json(&body);
        let reply = send(request).await.ok();
        assert_eq!(reply.as_ref().map(|reply| reply.status), status, "{mishap:?}");
        if let Some(reply) = reply {
            assert_eq!(reply.json.get("id"), None, "{mishap:?}");
            assert_eq!(reply.header("retry-after") == "1", mishap == Mishap::Secondary);
        }
        assert_eq!(fake_github.with(|state| state.releases.len()), left, "{mishap:?}");
        assert_eq!(client.get(REPO).await.status, 200, "the next one is served");
        assert_eq!(fake_github.requests()[0].mishap, Some(mishap));
        assert_eq!(fake_github.requests()[0].status, status);
    }
}

#[tokio::test]
async fn the_fake_blocks_an_asset_name_after_an_interrupted_upload() {
    let fake_github = start();
    let client = Client::new(&fake_github);
    let draft = client.draft("v1.1.0").await.json;
    fake_github.strike_next("POST", "/assets", Mishap::BrokenUpload);
    assert_eq!(client.upload(&draft, "a", "x").await.status, 500);
    assert_eq!(client.upload(&draft, "a", "x").await.status, 422);
    let list = client.get(draft["assets_url"].as_str().unwrap()).await.json;
    assert_eq!((&list[0]["state"], &list[0]["digest"]), (&json!("starter"), &Value::Null));
    let path = format!("{REPO}/releases/assets/{}", list[0]["id"]);
    assert_eq!(client.get(&path).await.status, 200);
    assert_eq!(send(client.request("DELETE", &path)).await.unwrap().status, 204);
    assert_eq!(client.upload(&draft, "a", "x").await.status, 201);
}

#[tokio::test]
async fn the_release_list_of_the_fake_lags_behind_a_write() {
    let fake_github = start();
    fake_github.with(|state| state.settings.listing_lag = jiff::SignedDuration::from_secs(5));
    let client = Client::new(&fake_github);
    let id = client.draft("v1.1.0").await.json["id"].clone();
    assert_eq!(client.get(&format!("{REPO}/releases")).await.json, json!([]));
    assert_eq!(client.get(&format!("{REPO}/releases/{id}")).await.status, 200);
    fake_github.with(|state| state.advance(jiff::SignedDuration::from_secs(5)));
    assert_eq!(client.get(&format!("{REPO}/releases")).await.json[0]["id"], id);
}

#[tokio::test]
async fn tags_are_read_from_the_bare_repository() {
    let folder = tempfile::tempdir().unwrap();
    let git = git2::Repository::init_bare(folder.path()).unwrap();
    let tree = git.find_tree(git.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let who = git2::Signature::new("A", "a@example.com", &git2::Time::new(0, 0)).unwrap();
    let commit = git.commit(Some("refs/heads/main"), &who, &who, "one", &tree, &[]).unwrap();
    let object = git.find_object(commit, None).unwrap();
    let tag = git.tag("v1.0.0", &object, &who, "v1.0.0", false).unwrap();

    let bare = Some(folder.path().to_owned());
    let fake_github = FakeGitHub::start(Options { bare, ..unrecorded() }).unwrap();
    let client = Client::new(&fake_github);
    let at = client.get(&format!("{REPO}/git/ref/tags/v1.0.0")).await.json["object"].clone();
    assert_eq!((&at["type"], &at["sha"]), (&json!("tag"), &json!(tag.to_string())));

    let create = async |target: &str, tag: &str| {
        let body = json!({ "tag_name": tag, "target_commitish": target, "draft": true });
        client.send("POST", &format!("{REPO}/releases"), &body).await
    };
    let nowhere = create(&"d".repeat(40), "v1.1.0").await;
    assert_eq!(nowhere.json["errors"][0]["field"], "target_commitish");
    let draft = create("main", "v1.1.0").await;
    assert!(git.find_reference("refs/tags/v1.1.0").is_err());
    let path = format!("{REPO}/releases/{}", draft.json["id"]);
    let public = client.send("PATCH", &path, &json!({ "draft": false })).await;
    assert_eq!(public.status, 200, "{}", public.text);
    assert_eq!(git.refname_to_id("refs/tags/v1.1.0").unwrap(), commit);

    git.find_reference("refs/tags/v1.1.0").unwrap().delete().unwrap();
    let fallen = client.get(&path).await.json;
    assert_eq!(fallen["draft"], true);
    assert!(fallen["tag_name"].as_str().unwrap().starts_with("untagged-"));
    let query = "{ repository(owner: \"acme\", name: \"widget\") { ref(qualifiedName: \"refs/heads/main\") \
                 { target { oid } } defaultBranchRef { name } } }";
    let main = client.graphql(query, json!({})).await;
    let oid = &main.json["data"]["repository"]["ref"]["target"]["oid"];
    assert_eq!(oid, &json!(commit.to_string()));
}

#[tokio::test]
async fn every_exchange_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.jsonl");
    let fake_github =
        FakeGitHub::start(Options { record: Some(path.clone()), ..unrecorded() }).unwrap();
    let client = Client::new(&fake_github);
    client.draft("v1.1.0").await;
    client.get(&format!("{REPO}/releases?per_page=7")).await;
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["request_body"]["tag_name"], "v1.1.0");
    assert_eq!((&lines[0]["method"], &lines[0]["status"]), (&json!("POST"), &json!(201)));
    assert_eq!(lines[1]["query"], "per_page=7");
    assert_eq!(lines[1]["response_body"][0]["tag_name"], "v1.1.0");
    assert_ne!(lines[1]["response_headers"]["etag"], Value::Null);
    assert_eq!(fake_github.requests().len(), 2);
}

#[tokio::test]
async fn a_deployment_auto_merges_and_checks_statuses_unless_disabled() {
    let fake_github = start();
    let client = Client::new(&fake_github);
    fake_github.with(|state| {
        state.heads.insert(BranchName::new("main").unwrap(), sha('b'));
        state.report(&sha('a'), "test", CheckState::Pending("in_progress".into()));
    });
    let deployments = format!("{REPO}/deployments");
    let post = async |more: Value| {
        let mut body = json!({ "ref": sha('a'), "environment": "staging" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        client.send("POST", &deployments, &body).await
    };
    let merged = post(json!({})).await;
    let text = format!("Auto-merged main into {} on deployment.", sha('a'));
    assert_eq!((merged.status, &merged.json["message"]), (202, &json!(text)));
    let red = post(json!({ "auto_merge": false })).await;
    assert_eq!((red.status, &red.json["errors"][0]["field"]), (409, &json!("required_contexts")));
    let plain = json!({ "auto_merge": false, "required_contexts": [] });
    let (one, two) = (post(plain.clone()).await, post(plain.clone()).await);
    assert_eq!((one.status, two.status), (201, 201));
    assert_ne!(one.json["id"], two.json["id"], "a repetition is another deployment");
    assert_eq!(client.get(&format!("{REPO}/environments/staging")).await.status, 200);

    let statuses = |made: &Value| format!("{deployments}/{}/statuses", made["id"]);
    for made in [&one.json, &two.json] {
        let done = client.send("POST", &statuses(made), &json!({ "state": "success" })).await;
        assert_eq!(done.status, 201);
    }
    let older = client.get(&statuses(&one.json)).await;
    assert_eq!(older.json[0]["state"], "inactive");
    let long = json!({ "state": "success", "description": "x".repeat(141) });
    assert_eq!(client.send("POST", &statuses(&two.json), &long).await.status, 422);
    let nowhere = client.send("POST", &format!("{deployments}/404/statuses"), &json!({})).await;
    assert_eq!(nowhere.status, 404);
    let first = client.get(&format!("{deployments}?per_page=1")).await;
    assert_eq!(
        (&first.json[0]["id"], first.json[0]["payload"].clone()),
        (&two.json["id"], json!(""))
    );
    assert!(first.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn deployments_and_environments_have_permissions_of_their_own() {
    let fake_github = FakeGitHub::start(with_reader(unrecorded())).unwrap();
    fake_github
        .with(|state| state.protect("staging", tminus::facts::environment::Protection::default()));
    let (reader, nobody) =
        (Client::as_token(&fake_github, "reader"), Client::as_token(&fake_github, "nobody"));
    let environment = format!("{REPO}/environments/staging");
    let deployments = format!("{REPO}/deployments");
    for path in [&environment, &deployments] {
        assert_eq!(reader.get(path).await.status, 200, "{path}");
        assert_eq!(nobody.get(path).await.status, 403, "{path}");
    }
    let denied = reader.send("POST", &deployments, &json!({ "ref": sha('a') })).await;
    let needs = denied.header("x-accepted-github-permissions");
    assert_eq!((denied.status, needs), (403, "deployments=write"));
    assert_eq!(reader.get(&format!("{REPO}/environments/nowhere")).await.status, 404);
}
