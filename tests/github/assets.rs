//! Assets: listed whole, sent as planned, and only to where the token may go.

use crate::github::stub::*;
use serde_json::{Value, json};
use tminus::facts::Release;
use tminus::ports::{ForgeRead, ForgeWrite, PortError};
use tminus::release::step::{Asset, Content, sha256};

fn asset_json(id: u64, name: &str, bytes: &[u8]) -> Value {
    json!({
        "id": id, "name": name, "size": bytes.len(), "state": "uploaded",
        "digest": format!("sha256:{}", sha256(bytes)),
    })
}

#[tokio::test]
async fn a_release_with_many_assets_lists_them_all() {
    let many = |range: std::ops::Range<u64>| -> Value {
        range.map(|id| asset_json(id, &format!("a{id}"), b"x")).collect()
    };
    let stub = Stub::start().await;
    let mut found = release(9, true);
    found["assets"] = many(0..30);
    let next =
        format!("<{}/api/v3/repositories/5/releases/9/assets?page=2>; rel=\"next\"", stub.base);
    stub.will(Canned::json(200, &found))
        .will(Canned::json(200, &many(0..100)).header("link", next))
        .will(Canned::json(200, &many(100..120)));
    let release = stub.github().0.release(9).await.unwrap().unwrap();
    assert_eq!(release.assets.len(), 120);
}

#[tokio::test]
async fn an_unfinished_asset_is_not_counted_as_uploaded() {
    let stub = Stub::start().await;
    let mut found = release(9, true);
    found["assets"] = json!([
        { "id": 1, "name": "a", "size": 0, "state": "starter", "digest": null },
        { "id": 2, "name": "b", "size": 1, "state": "uploaded", "digest": "sha512:ab" },
    ]);
    stub.will(Canned::json(200, &found));
    let assets = stub.github().0.release(9).await.unwrap().unwrap().assets;
    assert_eq!((assets[0].uploaded, assets[1].uploaded, &assets[1].digest), (false, true, &None));
}

pub(crate) fn to(stub: &Stub) -> Release {
    Release {
        id: 9,
        tag: "v1.1.0".into(),
        name: String::new(),
        body: String::new(),
        draft: true,
        prerelease: false,
        target: String::new(),
        url: String::new(),
        upload_url: format!(
            "{}/api/uploads/repos/acme/widget/releases/9/assets{{?name,label}}",
            stub.base
        ),
        assets: vec![],
    }
}

fn file(name: &str, bytes: &[u8]) -> Asset {
    Asset {
        name: name.into(),
        content: Content::File("dist/file".into()),
        size: bytes.len() as u64,
        digest: sha256(bytes),
    }
}

fn root_with(bytes: &[u8]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("dist")).unwrap();
    std::fs::write(root.path().join("dist/file"), bytes).unwrap();
    root
}

#[tokio::test]
async fn an_asset_is_streamed_with_its_length_under_its_encoded_name() {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let root = root_with(&bytes);
    let stub = Stub::start().await;
    let name = "a b&c=é+#.txt";
    stub.will(Canned::json(201, &asset_json(7, "a.b.c.txt", &bytes)));
    let (github, _) = stub.github_at(root.path());
    let made = github.upload(&to(&stub), &file(name, &bytes)).await.unwrap();
    assert_eq!((made.id, made.name.as_str(), made.uploaded), (7, "a.b.c.txt", true));
    let asked = &stub.asked()[0];
    assert_eq!(
        asked.line,
        "POST /api/uploads/repos/acme/widget/releases/9/assets?name=a%20b%26c%3D%C3%A9%2B%23.txt"
    );
    assert_eq!(asked.body, bytes);
    assert_eq!(asked.header("content-length"), ["300000"]);
    assert!(asked.header("transfer-encoding").is_empty());
    assert_eq!(asked.header("content-type"), ["application/octet-stream"]);
    assert_eq!(asked.header("authorization"), [format!("Bearer {TOKEN}")]);
}

#[tokio::test]
async fn a_generated_text_asset_is_uploaded_unchanged() {
    let stub = Stub::start().await;
    let sums = Asset::checksums(&[file("a", b"abc")]);
    let Content::Text(text) = sums.content.clone() else { panic!() };
    stub.will(Canned::json(201, &asset_json(7, "SHA256SUMS", text.as_bytes())));
    stub.github().0.upload(&to(&stub), &sums).await.unwrap();
    assert_eq!(stub.asked()[0].body, text.as_bytes());
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_planned_is_not_sent() {
    let root = root_with(b"changed");
    let stub = Stub::start().await;
    let planned = file("widget", b"planned");
    let error = stub.github_at(root.path()).0.upload(&to(&stub), &planned).await.unwrap_err();
    let PortError::Refused { why, .. } = error else { panic!("{error}") };
    assert!(why.contains(sha256(b"planned").as_str()) && why.contains(sha256(b"changed").as_str()));
    assert!(stub.lines().is_empty());
}

#[tokio::test]
async fn an_asset_outside_the_repository_is_not_uploaded() {
    let stub = Stub::start().await;
    for path in ["../secret", "/etc/passwd"] {
        let asset = Asset { content: Content::File(path.into()), ..file("a", b"") };
        let error = stub.github().0.upload(&to(&stub), &asset).await.unwrap_err();
        assert!(error.to_string().contains("is not in the repository"), "{error}");
    }
    assert!(stub.lines().is_empty());
}

#[tokio::test]
async fn an_asset_that_arrived_changed_or_unfinished_is_an_error() {
    let root = root_with(b"abc");
    for reply in [
        asset_json(7, "widget", b"other"),
        json!({ "id": 7, "name": "widget", "size": 3, "state": "starter", "digest": null }),
    ] {
        let stub = Stub::start().await;
        stub.will(Canned::json(201, &reply));
        let error = stub.github_at(root.path()).0.upload(&to(&stub), &file("widget", b"abc")).await;
        assert!(matches!(error, Err(PortError::NoAnswer { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn the_token_is_not_sent_to_an_upload_url_of_another_host() {
    let root = root_with(b"abc");
    let stub = Stub::start().await;
    let elsewhere =
        Release { upload_url: "https://evil.example/assets{?name}".into(), ..to(&stub) };
    let (github, _) = stub.github_at(root.path());
    let error = github.upload(&elsewhere, &file("widget", b"abc")).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    assert_eq!(github.meter().total(), 0);
}
