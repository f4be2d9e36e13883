//! Releases in the format of the REST API.

use crate::base::names::Digest;
use crate::facts::{Release, RemoteAsset};
use crate::report::escape::uri::RESERVED;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

/// A release. Whether it is a draft has no default: a response without it is rejected.
#[derive(Debug, Deserialize)]
pub(super) struct WireRelease {
    pub(super) id: u64,
    pub(super) tag_name: String,
    pub(super) draft: bool,
    #[serde(default)]
    prerelease: bool,
    name: Option<String>,
    body: Option<String>,
    target_commitish: Option<String>,
    html_url: Option<String>,
    upload_url: Option<String>,
    #[serde(default)]
    pub(super) assets: Vec<WireAsset>,
}

/// An asset.
#[derive(Debug, Deserialize)]
pub(super) struct WireAsset {
    id: u64,
    name: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    state: String,
    digest: Option<String>,
}

impl From<WireRelease> for Release {
    fn from(wire: WireRelease) -> Self {
        Self {
            id: wire.id,
            tag: wire.tag_name,
            name: wire.name.unwrap_or_default(),
            body: wire.body.unwrap_or_default(),
            draft: wire.draft,
            prerelease: wire.prerelease,
            target: wire.target_commitish.unwrap_or_default(),
            url: wire.html_url.unwrap_or_default(),
            upload_url: wire.upload_url.unwrap_or_default(),
            assets: wire.assets.into_iter().map(RemoteAsset::from).collect(),
        }
    }
}

impl From<WireAsset> for RemoteAsset {
    fn from(wire: WireAsset) -> Self {
        let digest = wire.digest.filter(|digest| digest.starts_with("sha256:"));
        Self {
            id: wire.id,
            name: wire.name,
            size: wire.size,
            uploaded: wire.state == "uploaded",
            digest: digest.and_then(|digest| Digest::new(digest).ok()),
        }
    }
}

/// Percent-encodes everything that RFC 3986 does not call unreserved.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
