//! Lists, reads, creates, publishes and removes releases.

use super::client::{ApiRequest, Http};
use super::retry::{get, get_all, write};
use super::wire::{WireAsset, WireRelease, encode};
use crate::base::names::TagName;
use crate::facts::Release;
use crate::planner::cost::MIN_PAGED_ASSETS;
use crate::ports::{NewDraft, PortError, Publication};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// GitHub lists ten thousand releases at most.
const PAGES: usize = 100;

const WRITE: &str = "contents: write";
const READ: &str = "contents: read";

/// Every release that names the tag.
pub(super) async fn list(http: &Http, tag: &TagName) -> Result<Vec<Release>, PortError> {
    let target = format!("/repos/{}/releases?per_page=100", http.settings.repository);
    let ask = ask_get("list the releases", "GET /repos/{}/releases", &target);
    let all: Vec<WireRelease> =
        get_all(http, &ask, PAGES).await?.ok_or_else(|| invisible(http, &ask))?;
    let mut ours = Vec::new();
    for release in all.into_iter().filter(|release| release.tag_name == tag.as_str()) {
        ours.push(whole(http, release).await?);
    }
    Ok(ours)
}

/// One release by its number.
pub(super) async fn one(http: &Http, id: u64) -> Result<Option<Release>, PortError> {
    let target = format!("/repos/{}/releases/{id}", http.settings.repository);
    let ask = ask_get("read the release", "GET /repos/{}/releases/{}", &target);
    match get::<WireRelease>(http, &ask).await? {
        Some(page) => whole(http, page.value).await.map(Some),
        None => Ok(None),
    }
}

/// The published release of a tag; drafts are not found this way.
pub(super) async fn published(http: &Http, tag: &TagName) -> Result<Option<Release>, PortError> {
    let target =
        format!("/repos/{}/releases/tags/{}", http.settings.repository, encode(tag.as_str()));
    let ask = ask_get("read the release of the tag", "GET /repos/{}/releases/tags/{}", &target);
    match get::<WireRelease>(http, &ask).await? {
        Some(page) if page.value.draft => Ok(None),
        Some(page) => whole(http, page.value).await.map(Some),
        None => Ok(None),
    }
}

/// Whether the published release of a tag is immutable. Servers that know no such releases do not
/// report it.
pub(super) async fn is_immutable(http: &Http, tag: &TagName) -> Result<bool, PortError> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        immutable: bool,
    }
    let target =
        format!("/repos/{}/releases/tags/{}", http.settings.repository, encode(tag.as_str()));
    let ask = ask_get("read the release of the tag", "GET /repos/{}/releases/tags/{}", &target);
    Ok(get::<Lock>(http, &ask).await?.is_some_and(|page| page.value.immutable))
}

/// Creates a draft.
pub(super) async fn create_draft(http: &Http, draft: &NewDraft) -> Result<Release, PortError> {
    let target = format!("/repos/{}/releases", http.settings.repository);
    let body = json!({
        "tag_name": draft.tag.as_str(),
        "target_commitish": draft.commit.as_str(),
        "name": draft.title,
        "body": draft.body,
        "draft": true,
        "prerelease": draft.prerelease,
    });
    let ask = ApiRequest {
        what: "create the draft release",
        endpoint: "POST /repos/{}/releases",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: WRITE,
    };
    let release = written(http, &ask).await?;
    if release.draft && release.tag_name == draft.tag.as_str() {
        return Ok(release.into());
    }
    let why = format!("GitHub created release {} with tag `{}`", release.id, release.tag_name);
    Err(unanswered(&ask, why))
}

/// Makes a draft public.
pub(super) async fn publish(http: &Http, it: &Publication) -> Result<Release, PortError> {
    let target = format!("/repos/{}/releases/{}", http.settings.repository, it.release);
    // GitHub rejects a pre-release as the latest release.
    let latest = if it.latest && !it.prerelease { "true" } else { "false" };
    let body = json!({
        "tag_name": it.tag.as_str(),
        "target_commitish": it.commit.as_str(),
        "draft": false,
        "prerelease": it.prerelease,
        "make_latest": latest,
    });
    let ask = ApiRequest {
        what: "publish the release",
        endpoint: "PATCH /repos/{}/releases/{}",
        method: &Method::PATCH,
        target: &target,
        body: Some(&body),
        needs: WRITE,
    };
    let release = written(http, &ask).await?;
    if release.draft {
        return Err(unanswered(&ask, format!("release {} is still a draft", release.id)));
    }
    if release.tag_name != it.tag.as_str() {
        let why = format!("release {} was published with tag `{}`", release.id, release.tag_name);
        return Err(unanswered(&ask, why));
    }
    whole(http, release).await
}

/// Removes a draft; refuses to remove what is public.
pub(super) async fn delete_draft(http: &Http, id: u64) -> Result<(), PortError> {
    let Some(release) = one(http, id).await? else { return Ok(()) };
    let target = format!("/repos/{}/releases/{id}", http.settings.repository);
    let ask = ask_delete("remove the draft release", "DELETE /repos/{}/releases/{}", &target);
    if !release.draft {
        let why = format!("release {id} of `{}` is not a draft", release.tag);
        return Err(PortError::Refused { what: ask.what.into(), why });
    }
    write(http, &ask).await.map(|_| ())
}

/// Removes an asset.
pub(super) async fn delete_asset(http: &Http, id: u64) -> Result<(), PortError> {
    let target = format!("/repos/{}/releases/assets/{id}", http.settings.repository);
    let ask = ask_delete("remove the asset", "DELETE /repos/{}/releases/assets/{}", &target);
    write(http, &ask).await.map(|_| ())
}

async fn written(http: &Http, ask: &ApiRequest<'_>) -> Result<WireRelease, PortError> {
    let reply = write(http, ask).await?;
    reply.decode(ask.what).map_err(|trouble| trouble.into_error(ask.what, http.clock.now()))
}

/// Lists the assets separately if the release itself may not contain all.
async fn whole(http: &Http, mut release: WireRelease) -> Result<Release, PortError> {
    if release.assets.len() >= MIN_PAGED_ASSETS {
        let slug = &http.settings.repository;
        let target = format!("/repos/{slug}/releases/{}/assets?per_page=100", release.id);
        let ask = ask_get("list the assets", "GET /repos/{}/releases/{}/assets", &target);
        let all: Option<Vec<WireAsset>> = get_all(http, &ask, PAGES).await?;
        release.assets = all.ok_or_else(|| invisible(http, &ask))?;
    }
    Ok(release.into())
}

fn ask_get<'a>(what: &'a str, endpoint: &'static str, target: &'a str) -> ApiRequest<'a> {
    ApiRequest { what, endpoint, method: &Method::GET, target, body: None, needs: READ }
}

fn ask_delete<'a>(what: &'a str, endpoint: &'static str, target: &'a str) -> ApiRequest<'a> {
    ApiRequest {
        what,
        endpoint,
        method: &Method::DELETE,
        target,
        body: None::<&Value>,
        needs: WRITE,
    }
}

fn invisible(http: &Http, ask: &ApiRequest<'_>) -> PortError {
    let slug = &http.settings.repository;
    let why = format!("repository `{slug}` was not found, or the token cannot see it");
    PortError::Refused { what: ask.what.into(), why }
}

fn unanswered(ask: &ApiRequest<'_>, why: String) -> PortError {
    PortError::NoAnswer { what: ask.what.into(), why }
}
