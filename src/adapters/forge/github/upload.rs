//! Uploads assets to a draft, streamed from disk or from the published release that has them.
//!
//! octocrab is not used here: it reads the whole file into memory and does not encode the name.

use super::client::{ApiRequest, Http};
use super::download;
use super::releases::delete_asset;
use super::reply::Trouble;
use super::retry::{is_moved, rename};
use super::settings::{Settings, host};
use super::wire::{WireAsset, encode};
use crate::adapters::web::is_loopback;
use crate::base::clean::clip;
use crate::base::names::Digest;
use crate::facts::{Release, RemoteAsset};
use crate::ports::PortError;
use crate::release::step::{Asset, Content, SLOWEST_LINE, digest_from, sha256};
use http::Method;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use sha2::{Digest as _, Sha256};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use url::Url;

const WHAT: &str = "upload the asset";
/// The maximum length of a URL in a message.
const MAX_SHOWN: usize = 120;
const CHUNK: usize = 64 * 1024;

/// Sends an asset's bytes, once.
pub(super) async fn upload(
    http: &Http,
    to: &Release,
    asset: &Asset,
) -> Result<RemoteAsset, PortError> {
    let url = address(&http.settings, &to.upload_url, &asset.name).map_err(refused)?;
    let timeout = http.settings.timeout + Duration::from_secs(seconds(asset));
    let ask = ApiRequest {
        what: WHAT,
        endpoint: "POST /repos/{}/releases/{}/assets",
        method: &Method::POST,
        target: "",
        body: None,
        needs: "contents: write",
    };
    let send = async |url: &Url| {
        let (body, sent) = body(http, asset).await.map_err(Trouble::Final)?;
        http.pace.next(http.clock.as_ref()).await;
        let request = http
            .direct_request(Method::POST, url)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, asset.size)
            .timeout(timeout)
            .body(body);
        Ok((http.finish(ask.endpoint, request).await?, sent))
    };
    let error = |trouble: Trouble| trouble.into_error(WHAT, http.clock.now());
    let (mut reply, mut sent) = send(&url).await.map_err(error)?;
    if is_moved(http, &reply)
        && rename(http).await?
        && let Some(url) = renamed(http, &url)
    {
        (reply, sent) = send(&url).await.map_err(error)?;
    }
    let made = http.judge(&ask, reply).and_then(|reply| reply.decode::<WireAsset>(WHAT));
    let made = RemoteAsset::from(made.map_err(error)?);
    if let Some(found) = sent.digest().filter(|found| *found != asset.digest) {
        // The uploaded asset differs from the planned one, so it is removed from the draft.
        let removed = delete_asset(http, made.id).await;
        let left = if removed.is_ok() { "" } else { ", and the asset could not be removed again" };
        return Err(refused(format!("{}{left}", changed(asset, &found))));
    }
    confirmed(asset, made)
}

fn confirmed(asset: &Asset, made: RemoteAsset) -> Result<RemoteAsset, PortError> {
    let same = made.digest.as_ref().is_none_or(|digest| *digest == asset.digest);
    if made.uploaded && same && made.size == asset.size {
        return Ok(made);
    }
    let digest =
        made.digest.map_or_else(|| "no digest".into(), |digest| format!("sha256 {digest}"));
    let state = if made.uploaded { "complete" } else { "incomplete" };
    let why = format!(
        "the upload of `{}` is {state}: GitHub has {} bytes, {digest}; tminus sent {} bytes, \
         sha256 {}",
        asset.name, made.size, asset.size, asset.digest
    );
    Err(PortError::NoAnswer { what: WHAT.into(), why })
}

/// The same address under the repository's new name.
fn renamed(http: &Http, url: &Url) -> Option<Url> {
    let old = format!("/repos/{}/", http.settings.repository);
    let new = format!("/repos/{}/", http.renamed()?);
    let mut to = url.clone();
    to.set_path(&url.path().replacen(&old, &new, 1));
    (to != *url).then_some(to)
}

/// The upload URL: the one in the release, if the token may be sent there.
fn address(settings: &Settings, template: &str, name: &str) -> Result<Url, String> {
    let bare = template.split('{').next().unwrap_or_default();
    let mut url = Url::parse(bare).map_err(|_| format!("`{template}` is not an upload URL"))?;
    if !belongs(&url, &settings.api_url) {
        let (to, api) = (clip(url.as_str(), MAX_SHOWN), host(&settings.api_url));
        return Err(format!(
            "the upload URL `{to}` does not belong to `{api}`, so tminus does not send the token to it"
        ));
    }
    url.set_query(Some(&format!("name={}", encode(name))));
    Ok(url)
}

/// Whether an address is the API's own: on its host or one below it, or on `uploads.` beside
/// `api.`, encrypted, at the same port. If the API is on the local machine without TLS, the upload
/// address may be too.
fn belongs(url: &Url, api: &Url) -> bool {
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    if api.scheme() == "http" {
        return url.scheme() == "http" && is_loopback(api) && is_loopback(url);
    }
    let (to, own) = (host(url), host(api));
    let beside = own.strip_prefix("api.").map(|base| format!("uploads.{base}"));
    let below = to.strip_suffix(&own).is_some_and(|name| name.is_empty() || name.ends_with('.'));
    url.scheme() == "https"
        && url.port_or_known_default() == api.port_or_known_default()
        && (below || Some(to) == beside)
}

/// The size and digest of the bytes that were sent, once all of them were sent.
struct Sent(Option<Arc<Mutex<Sha256>>>);

impl Sent {
    fn digest(&self) -> Option<Digest> {
        let hasher = self.0.as_ref()?.lock().ok()?.clone();
        Some(digest_from(hasher))
    }
}

/// The time limit for the bytes: those of another release are downloaded at the same time.
fn seconds(asset: &Asset) -> u64 {
    match asset.content {
        Content::File(_) | Content::Text(_) => asset.size / SLOWEST_LINE,
        Content::Release { .. } => asset.size / SLOWEST_LINE * 2,
    }
}

async fn body(http: &Http, asset: &Asset) -> Result<(reqwest::Body, Sent), PortError> {
    match &asset.content {
        Content::Text(text) => {
            let found = sha256(text.as_bytes());
            match found == asset.digest {
                true => Ok((reqwest::Body::from(text.clone()), Sent(None))),
                false => Err(refused(changed(asset, &found))),
            }
        }
        Content::File(path) => file(&http.settings.root, Path::new(path), asset).await,
        Content::Release { asset: id, .. } => {
            let response = download::open(http, asset, *id).await?;
            Ok(witnessed(http::Response::<reqwest::Body>::from(response).into_body()))
        }
    }
}

async fn file(root: &Path, path: &Path, asset: &Asset) -> Result<(reqwest::Body, Sent), PortError> {
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(refused(format!("`{}` is not in the repository", path.display())));
    }
    let unreadable =
        |error: std::io::Error| refused(format!("cannot read `{}`: {error}", path.display()));
    let mut file = File::open(root.join(path)).await.map_err(unreadable)?;
    let found = hashed(&mut file).await.map_err(unreadable)?;
    if found != asset.digest {
        return Err(refused(changed(asset, &found)));
    }
    file.rewind().await.map_err(unreadable)?;
    // The file is hashed again during the upload, because it may have changed since it was planned.
    Ok(witnessed(reqwest::Body::from(file)))
}

/// The same bytes, hashed during the upload.
fn witnessed(body: reqwest::Body) -> (reqwest::Body, Sent) {
    let hasher = Arc::new(Mutex::new(Sha256::new()));
    let witness = Arc::clone(&hasher);
    let body = body.map_frame(move |frame| {
        if let (Some(data), Ok(mut witness)) = (frame.data_ref(), witness.lock()) {
            witness.update(data);
        }
        frame
    });
    (reqwest::Body::wrap(body), Sent(Some(hasher)))
}

async fn hashed(file: &mut File) -> std::io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = file.read(&mut chunk).await?;
        if count == 0 {
            return Ok(digest_from(hasher));
        }
        hasher.update(chunk.get(..count).unwrap_or_default());
    }
}

fn changed(asset: &Asset, found: &Digest) -> String {
    let (name, planned) = (&asset.name, &asset.digest);
    format!("`{name}` changed since it was planned: planned sha256 {planned}, found sha256 {found}")
}

fn refused(why: String) -> PortError {
    PortError::Refused { what: WHAT.into(), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::forge::github::SettingsInput;

    fn to(api: &str, template: &str) -> Result<String, String> {
        let given = SettingsInput {
            api_url_option: Some(api.into()),
            repository_option: Some("acme/widget".into()),
            ..SettingsInput::default()
        };
        let settings = Settings::derive(given).unwrap();
        address(&settings, template, "a b&c=é.txt").map(String::from)
    }

    #[test]
    fn an_asset_is_only_uploaded_to_hosts_allowed_for_the_token() {
        let hub = "https://api.github.com";
        let path = "/repos/acme/widget/releases/1/assets{?name,label}";
        assert_eq!(
            to(hub, &format!("https://uploads.github.com{path}")).unwrap(),
            "https://uploads.github.com/repos/acme/widget/releases/1/assets?name=a%20b%26c%3D%C3%A9.txt"
        );
        assert!(
            to("https://ghe.example/api/v3", &format!("https://ghe.example/api/uploads{path}"))
                .is_ok()
        );
        assert!(
            to("https://api.acme.ghe.com", &format!("https://uploads.acme.ghe.com{path}")).is_ok()
        );
        assert!(to("http://127.0.0.1:1", &format!("http://127.0.0.1:2{path}")).is_ok());
        for elsewhere in [
            "https://uploads.github.com.evil.example",
            "https://evil.example",
            "http://uploads.github.com",
            "http://127.0.0.1",
            "https://uploads.evil.github.com",
            "https://uploads.github.com:8443",
            "https://uploads.github.com@evil.example",
            "https://ada:secret@uploads.github.com",
            "https://notapi.github.com",
            "ftp://uploads.github.com",
            "https://evil.example/?https://uploads.github.com",
        ] {
            assert!(to(hub, &format!("{elsewhere}{path}")).is_err(), "{elsewhere}");
        }
        assert!(to(hub, "").is_err());
        assert!(
            to("https://ghe.example/api/v3", &format!("https://uploads.ghe.example{path}")).is_ok()
        );
        assert!(
            to("https://ghe.example/api/v3", &format!("https://uploads.github.com{path}")).is_err()
        );
        assert!(to("https://127.0.0.1:1", &format!("http://127.0.0.1:1{path}")).is_err());
        assert!(to("http://127.0.0.1:1", &format!("http://evil.example{path}")).is_err());
    }

    #[tokio::test]
    async fn the_digest_covers_the_sent_bytes_even_if_the_file_changes() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a"), "planned").unwrap();
        let content = Content::File("a".into());
        let asset = Asset { name: "a".into(), content, size: 7, digest: sha256(b"planned") };
        let (body, sent) = file(root.path(), Path::new("a"), &asset).await.unwrap();
        std::fs::write(root.path().join("a"), "changed").unwrap();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "changed");
        assert_eq!(sent.digest(), Some(sha256(b"changed")));
    }
}
