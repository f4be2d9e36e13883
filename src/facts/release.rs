//! Releases on the forge, and a pre-release that is to become a final version.

use crate::base::names::{Digest, Sha, TagName};
use crate::base::seen::Seen;
use crate::base::version::Version;
use crate::release::ledger::Ledger;
use serde::{Deserialize, Serialize};

/// A release on the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its number.
    pub id: u64,
    /// Its tag; for a draft, the tag may not exist yet.
    pub tag: String,
    /// Its title.
    pub name: String,
    /// Its notes.
    pub body: String,
    /// Whether it is a draft, visible only to people with write access.
    pub draft: bool,
    /// Whether it is a pre-release.
    pub prerelease: bool,
    /// Its target, according to the forge: a commit or a branch.
    pub target: String,
    /// Its page.
    pub url: String,
    /// The URL to upload assets to, from the forge.
    pub upload_url: String,
    /// Its assets.
    pub assets: Vec<RemoteAsset>,
}

/// An asset of a release on the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAsset {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The size in bytes.
    pub size: u64,
    /// Whether the upload is complete; an incomplete one blocks the name.
    pub uploaded: bool,
    /// Its SHA-256, if the forge reports it.
    pub digest: Option<Digest>,
}

/// A pre-release that is to become a final version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// Its ledger.
    pub ledger: Seen<Ledger>,
    /// The commit of its tag in the remote; `None` if there is no tag.
    pub at: Seen<Option<Sha>>,
    /// Its published release, with its assets.
    pub published: Seen<Option<Release>>,
}
