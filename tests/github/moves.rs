//! A repository that has another name by now: nothing is lost on the way there, and nothing becomes
//! something else.

use crate::github::stub::*;
use serde_json::json;
use tminus::adapters::forge::github::GitHub;
use tminus::facts::Release;
use tminus::ports::{ForgeRead, ForgeWrite, NewDraft, PortError};
use tminus::release::step::{Asset, Content, sha256};

const REPO: &str = "/api/v3/repos/acme/widget";
const NEW: &str = "/api/v3/repos/acme/gadget";

fn moved(status: u16, to: &str) -> Canned {
    Canned::json(status, &json!({ "message": "Moved" })).header("location", to)
}

fn named(name: &str) -> Canned {
    Canned::json(200, &json!({ "id": 5, "full_name": name }))
}

async fn create(github: &GitHub) -> Result<Release, PortError> {
    let (title, body) = ("1.1.0".into(), "notes".into());
    let draft = NewDraft { tag: tag(), commit: commit(), title, body, prerelease: false };
    github.create_draft(&draft).await
}

#[tokio::test]
async fn a_redirected_write_keeps_its_method_and_is_resent_once_to_the_new_name() {
    for status in [301, 302, 307, 308] {
        let stub = Stub::start().await;
        stub.will(moved(status, "/api/v3/repositories/5/releases"))
            .will(moved(301, "/api/v3/repositories/5"))
            .will(named("acme/gadget"))
            .will(Canned::json(201, &release(9, true)))
            .will(Canned::json(200, &release(9, true)))
            .will(Canned::text(204, "", ""));
        let (github, _) = stub.github();
        assert_eq!(create(&github).await.unwrap().id, 9);
        assert_eq!(github.moved().unwrap(), "acme/gadget");
        github.release(9).await.unwrap();
        github.delete_asset(1).await.unwrap();
        assert_eq!(
            stub.lines(),
            [
                format!("POST {REPO}/releases"),
                format!("GET {REPO}"),
                "GET /api/v3/repositories/5".into(),
                format!("POST {NEW}/releases"),
                format!("GET {NEW}/releases/9"),
                format!("DELETE {NEW}/releases/assets/1"),
            ],
            "{status}"
        );
        let asked = stub.asked();
        assert_eq!(asked[0].json(), asked[3].json());
    }
}

#[tokio::test]
async fn a_write_that_is_redirected_twice_is_abandoned() {
    let stub = Stub::start().await;
    stub.will(moved(307, "/api/v3/repositories/5/releases"))
        .will(named("acme/gadget"))
        .will(moved(307, "/api/v3/repositories/6/releases"));
    let error = create(&stub.github().0).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    assert_eq!(stub.lines().iter().filter(|line| line.starts_with("POST")).count(), 2);
}

#[tokio::test]
async fn a_write_redirected_without_a_rename_is_not_followed() {
    let stub = Stub::start().await;
    stub.will(moved(307, "https://evil.example/releases")).will(named("acme/widget"));
    let error = create(&stub.github().0).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "create the draft release: refused: it moved to `https://evil.example/releases`; \
         use the repository's new name"
    );
    assert_eq!(stub.lines().len(), 2);
}

#[tokio::test]
async fn an_invalid_repository_name_after_a_move_is_an_error() {
    let stub = Stub::start().await;
    stub.will(moved(307, "/api/v3/repositories/5/releases"));
    (0..5).for_each(|_| _ = stub.will(named("../../evil")));
    let error = create(&stub.github().0).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_redirected_upload_is_resent_once_with_all_its_bytes() {
    let stub = Stub::start().await;
    let made = json!({ "id": 1, "name": "a", "size": 5, "state": "uploaded" });
    stub.will(moved(307, "/api/uploads/repositories/5/releases/9/assets"))
        .will(named("acme/gadget"))
        .will(Canned::json(201, &made));
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "bytes").unwrap();
    let (github, _) = stub.github_at(dir.path());
    let content = Content::File("a".into());
    let asset = Asset { name: "a".into(), content, size: 5, digest: sha256(b"bytes") };
    github.upload(&crate::github::assets::to(&stub), &asset).await.unwrap();
    assert_eq!(
        stub.lines(),
        [
            "POST /api/uploads/repos/acme/widget/releases/9/assets?name=a",
            "GET /api/v3/repos/acme/widget",
            "POST /api/uploads/repos/acme/gadget/releases/9/assets?name=a",
        ]
    );
    let asked = stub.asked();
    assert_eq!(
        (asked[0].body.as_slice(), asked[2].body.as_slice()),
        (&b"bytes"[..], &b"bytes"[..])
    );
}

#[tokio::test]
async fn reads_follow_a_redirect_and_later_reads_use_it_directly() {
    let stub = Stub::start().await;
    let to = format!("{}/api/v3/repositories/5/releases/9", stub.base);
    stub.will(moved(301, &to));
    (0..2).for_each(|_| _ = stub.will(Canned::json(200, &release(9, true))));
    let (github, _) = stub.github();
    github.release(9).await.unwrap();
    github.release(8).await.unwrap();
    assert_eq!(
        stub.lines(),
        [
            "GET /api/v3/repos/acme/widget/releases/9",
            "GET /api/v3/repositories/5/releases/9",
            "GET /api/v3/repositories/5/releases/8",
        ]
    );

    let stub = Stub::start().await;
    stub.will(moved(302, "http://127.0.0.1:1/elsewhere"));
    let error = stub.github().0.release(9).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}
