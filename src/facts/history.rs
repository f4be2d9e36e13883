//! Tags and the history of a commit.

use crate::base::names::{Sha, TagName};
use crate::base::seen::Seen;
use crate::base::version::Version;
use crate::project::commits::Commit;
use serde::{Deserialize, Serialize};

/// Tags and the commits since the last release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Every tag that carries a version of the package, highest first, all lines: by the manifest's
    /// template, or in a form that it had before.
    pub tags: Vec<VersionTag>,
    /// The release before, pre-releases included: where the version is known a higher one that the
    /// commit descends from, else the highest lower one wherever it is; where it is computed the
    /// highest that the commit descends from.
    pub last: Option<VersionTag>,
    /// The final release before; changes are counted from here.
    pub base: Option<VersionTag>,
    /// Whether `base` is no ancestor of the commit: it was tagged on a branch of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
    /// Commits that `base` lacks up to and including the judged one, newest first, without those
    /// that were picked to both.
    pub since: Vec<Commit>,
    /// Releases among the newest whose version file has a lower version than their tag; read only if
    /// the version at the evaluated commit is already released.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub behind: Vec<Behind>,
    /// The version that the first version file has at `base`; read only if the file has a placeholder
    /// at the evaluated commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_carries: Option<Version>,
    /// Where `tags` is empty, tags that look like versions in a form that is not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strange: Vec<TagName>,
}

/// A release whose version file has a lower version than its tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// Its tag.
    pub tag: TagName,
    /// The version in the file.
    pub file: Version,
}

/// A tag that carries a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionTag {
    /// The tag.
    pub tag: TagName,
    /// The version in it.
    pub version: Version,
    /// The commit it leads to, peeled.
    pub commit: Sha,
}

/// A tag as the remote has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagAt {
    /// What the ref holds: a tag object, or the commit itself.
    pub object: Sha,
    /// The commit that it leads to.
    pub commit: Sha,
    /// Whether that commit is an ancestor of the judged one, or it.
    pub ancestor: bool,
    /// The version that the first version file has at that commit, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carries: Option<Version>,
}

/// A moving tag as the remote has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovingTag {
    /// What it holds; `None` where it is not there.
    pub at: Option<TagAt>,
    /// Whether a release of its name has a ledger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recorded: bool,
    /// Whether an immutable release of the forge has it, so that it cannot be moved. Only asked for
    /// one that is to be moved.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub locked: Seen<bool>,
}

impl TagAt {
    /// Whether it is a tag object rather than a bare ref.
    #[must_use]
    pub fn annotated(&self) -> bool {
        self.object != self.commit
    }
}
