//! Downloads assets of published releases, as streams.
//!
//! GitHub redirects to a storage host, which refuses a request that carries the token.

use super::client::{ApiRequest, Http};
use super::reply::Trouble;
use super::retry::read;
use crate::adapters::web::is_loopback;
use crate::ports::PortError;
use crate::release::step::{Asset, SLOWEST_LINE};
use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Response;
use std::time::Duration;
use url::Url;

const WHAT: &str = "download the asset";
/// One redirect to the repository's new name, and one to the storage; more are a loop.
const MOVES: usize = 4;

/// Starts to download an asset. The bytes are not verified yet.
pub(super) async fn open(http: &Http, asset: &Asset, id: u64) -> Result<Response, PortError> {
    let target = format!("/repos/{}/releases/assets/{id}", http.settings.repository);
    let ask = ApiRequest {
        what: WHAT,
        endpoint: "GET /repos/{}/releases/assets/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "contents: read",
    };
    let timeout = http.settings.timeout + Duration::from_secs(asset.size / SLOWEST_LINE);
    let response = read(http, WHAT, ask.endpoint, async || follow(http, &ask, timeout).await);
    let response = response.await?;
    match response.content_length() {
        Some(found) if found != asset.size => {
            let (name, size) = (&asset.name, asset.size);
            Err(refused(format!("`{name}` has {found} bytes, not {size}")))
        }
        Some(_) | None => Ok(response),
    }
}

async fn follow(http: &Http, ask: &ApiRequest<'_>, timeout: Duration) -> Result<Response, Trouble> {
    let base = http.settings.api_url.as_str().trim_end_matches('/');
    let first = format!("{base}{}", http.placed(ask.target));
    let mut url = Url::parse(&first).map_err(|_| Trouble::Final(refused("no such URL".into())))?;
    let mut accept = HeaderMap::new();
    accept.insert(ACCEPT, HeaderValue::from_static("application/octet-stream"));
    for _ in 0..MOVES {
        let own = is_of_api(http, &url);
        let request = match own {
            true => http.direct_request(Method::GET, &url),
            false => http.foreign_request(Method::GET, &url),
        };
        let request = request.headers(accept.clone()).timeout(timeout);
        let response = http.open(own.then_some(ask.endpoint), request).await?;
        if !response.status().is_redirection() {
            return http.opened(ask, response).await;
        }
        let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        url = to
            .and_then(|to| url.join(to).ok())
            .filter(|to| may_follow(&http.settings.api_url, to))
            .ok_or_else(|| {
                Trouble::Final(refused(
                    "it redirects to an address that tminus does not follow".into(),
                ))
            })?;
    }
    Err(Trouble::Final(refused("its redirects form a loop".into())))
}

/// Whether a URL belongs to a repository in the API. The storage of a server can be on the same
/// host, and gets no token.
fn is_of_api(http: &Http, url: &Url) -> bool {
    let base = http.settings.api_url.path().trim_end_matches('/');
    let path = url.path().strip_prefix(base).unwrap_or_default();
    let is_repository = path.starts_with("/repos/") || path.starts_with("/repositories/");
    is_repository && http.own_address(url.as_str()).is_some()
}

/// Whether an asset can be downloaded from a URL: it must be encrypted, or on this machine if the
/// API is.
fn may_follow(api: &Url, to: &Url) -> bool {
    let local = api.scheme() == "http" && is_loopback(api) && is_loopback(to);
    to.scheme() == "https" || (to.scheme() == "http" && local)
}

fn refused(why: String) -> PortError {
    PortError::Refused { what: WHAT.into(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_are_only_followed_to_encrypted_or_loopback_urls() {
        let may =
            |api: &str, to: &str| may_follow(&Url::parse(api).unwrap(), &Url::parse(to).unwrap());
        let hub = "https://api.github.com";
        assert!(may(hub, "https://release-assets.githubusercontent.com/a?sig=b"));
        assert!(!may(hub, "http://release-assets.githubusercontent.com/a"));
        assert!(!may(hub, "http://127.0.0.1/a") && !may(hub, "file:///etc/passwd"));
        assert!(may("http://127.0.0.1:1", "http://127.0.0.1:2/a"));
        assert!(!may("http://127.0.0.1:1", "http://example.com/a"));
    }
}
