//! Releases read, made and removed: what is sent, how often, and what counts as done.

use crate::github::stub::*;
use serde_json::json;
use tminus::adapters::forge::github::Count;
use tminus::ports::{ForgeRead, ForgeWrite, NewDraft, PortError, Publication};

fn draft() -> NewDraft {
    NewDraft {
        tag: tag(),
        commit: commit(),
        title: "1.1.0".into(),
        body: "notes\n<!-- tminus -->".into(),
        prerelease: false,
    }
}

fn publication() -> Publication {
    Publication { release: 9, tag: tag(), commit: commit(), latest: true, prerelease: false }
}

#[tokio::test]
async fn a_draft_is_created_with_the_full_commit_and_returned_as_created() {
    let stub = Stub::start().await;
    stub.will(Canned::json(201, &release(9, true)));
    let made = stub.github().0.create_draft(&draft()).await.unwrap();
    assert_eq!((made.id, made.draft, made.tag.as_str()), (9, true, "v1.1.0"));
    assert_eq!(stub.lines(), ["POST /api/v3/repos/acme/widget/releases"]);
    let expected = json!({
        "tag_name": "v1.1.0", "target_commitish": commit().as_str(), "name": "1.1.0",
        "body": "notes\n<!-- tminus -->", "draft": true, "prerelease": false,
    });
    assert_eq!(stub.asked()[0].json(), expected);
}

#[tokio::test]
async fn a_write_with_a_lost_response_is_not_retried() {
    for canned in [
        Canned::json(502, &json!({})),
        Canned::text(504, "text/html", "<html>"),
        Canned::text(201, "application/json", r#"{"id":9,"tag_n"#),
        Canned::text(201, "text/html", "<html>"),
    ] {
        let stub = Stub::start().await;
        stub.will(canned);
        let (github, clock) = stub.github();
        let error = github.create_draft(&draft()).await.unwrap_err();
        assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
        assert_eq!((stub.lines().len(), clock.slept.borrow().len()), (1, 0));
    }
}

#[tokio::test]
async fn a_rate_limited_write_is_not_retried() {
    let stub = Stub::start().await;
    stub.will(Canned::json(403, &json!({})).header("retry-after", "1"));
    let error = stub.github().0.create_draft(&draft()).await.unwrap_err();
    assert!(matches!(error, PortError::Limited { .. }), "{error}");
    assert_eq!(stub.lines().len(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_named_in_workflow_syntax() {
    let denied = json!({ "message": "Resource not accessible by integration" });
    for (canned, needs) in [
        (Canned::json(403, &denied), "contents: write"),
        (
            Canned::json(403, &denied)
                .header("x-accepted-github-permissions", "contents=write,workflows=write"),
            "contents: write, workflows: write",
        ),
        (Canned::json(404, &json!({ "message": "Not Found" })), "contents: write"),
    ] {
        let stub = Stub::start().await;
        stub.will(canned);
        let error = stub.github().0.create_draft(&draft()).await.unwrap_err();
        let PortError::Denied { needs: named, .. } = error else { panic!("{error}") };
        assert_eq!(named, needs);
    }
}

#[tokio::test]
async fn a_rejected_publication_is_reported_in_the_words_of_the_forge() {
    let stub = Stub::start().await;
    let errors = json!([{ "resource": "Release", "code": "already_exists", "field": "tag_name" }]);
    stub.will(Canned::json(422, &json!({ "message": "Validation Failed", "errors": errors })));
    let error = stub.github().0.publish(&publication()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "publish the release: refused: Validation Failed: \
         a published release of this tag already exists (already_exists)"
    );
}

#[tokio::test]
async fn publishing_sends_every_field_again() {
    for (publication, latest) in [
        (publication(), "true"),
        (Publication { latest: false, ..publication() }, "false"),
        (Publication { prerelease: true, ..publication() }, "false"),
    ] {
        let stub = Stub::start().await;
        stub.will(Canned::json(200, &release(9, false)));
        stub.github().0.publish(&publication).await.unwrap();
        assert_eq!(stub.lines(), ["PATCH /api/v3/repos/acme/widget/releases/9"]);
        let expected = json!({
            "tag_name": "v1.1.0", "target_commitish": commit().as_str(), "draft": false,
            "prerelease": publication.prerelease, "make_latest": latest,
        });
        assert_eq!(stub.asked()[0].json(), expected);
    }
}

#[tokio::test]
async fn a_release_not_published_as_requested_is_an_error() {
    let mut untagged = release(9, false);
    untagged["tag_name"] = "untagged-0a1b".into();
    for (reply, why) in [
        (release(9, true), "release 9 is still a draft"),
        (untagged, "release 9 was published with tag `untagged-0a1b`"),
    ] {
        let stub = Stub::start().await;
        stub.will(Canned::json(200, &reply));
        let error = stub.github().0.publish(&publication()).await.unwrap_err();
        let PortError::NoAnswer { why: told, .. } = error else { panic!("{error}") };
        assert_eq!(told, why);
    }
}

#[tokio::test]
async fn a_published_release_is_never_deleted() {
    let stub = Stub::start().await;
    stub.will(Canned::json(200, &release(9, false)));
    let error = stub.github().0.delete_draft(9).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    assert_eq!(stub.lines(), ["GET /api/v3/repos/acme/widget/releases/9"]);
}

#[tokio::test]
async fn deleting_a_draft_that_is_already_gone_succeeds() {
    let stub = Stub::start().await;
    stub.will(Canned::json(200, &release(9, true)))
        .will(Canned::text(204, "", ""))
        .will(Canned::json(404, &json!({})));
    let (github, _) = stub.github();
    github.delete_draft(9).await.unwrap();
    github.delete_draft(9).await.unwrap();
    assert_eq!(stub.lines()[1], "DELETE /api/v3/repos/acme/widget/releases/9");
}

#[tokio::test]
async fn a_denied_asset_deletion_is_an_error() {
    let stub = Stub::start().await;
    stub.will(Canned::json(403, &json!({ "message": "Resource not accessible by integration" })));
    let error = stub.github().0.delete_asset(5).await.unwrap_err();
    assert!(matches!(error, PortError::Denied { .. }), "{error}");
    assert_eq!(stub.lines(), ["DELETE /api/v3/repos/acme/widget/releases/assets/5"]);
}

#[tokio::test]
async fn the_release_list_follows_the_page_links_of_the_forge() {
    let stub = Stub::start().await;
    let mut other = release(1, false);
    other["tag_name"] = "v1.0.0".into();
    let next = format!("{}/api/v3/repositories/5/releases?per_page=100&page=2", stub.base);
    stub.will(
        Canned::json(200, &json!([release(9, true), other]))
            .header("link", format!("<{next}>; rel=\"next\", <{next}>; rel=\"last\"")),
    )
    .will(Canned::json(200, &json!([release(8, true)])));
    let (github, _) = stub.github();
    let ours = github.releases(&tag()).await.unwrap();
    assert_eq!(ours.iter().map(|release| release.id).collect::<Vec<_>>(), [9, 8]);
    assert_eq!(
        stub.lines(),
        [
            "GET /api/v3/repos/acme/widget/releases?per_page=100",
            "GET /api/v3/repositories/5/releases?per_page=100&page=2",
        ]
    );
    assert_eq!(
        github.meter().counts().into_iter().collect::<Vec<_>>(),
        [("GET /repos/{}/releases", Count { requests: 2, ..Count::default() })]
    );
}

#[tokio::test]
async fn a_next_page_link_to_another_host_is_an_error() {
    let stub = Stub::start().await;
    stub.will(
        Canned::json(200, &json!([release(9, true)]))
            .header("link", "<http://127.0.0.1:1/page2>; rel=\"next\""),
    );
    let error = stub.github().0.releases(&tag()).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
}
