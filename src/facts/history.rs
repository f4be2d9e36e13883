//! Tags and the history of a commit.

use crate::base::names::{Sha, TagName};
use crate::base::seen::Seen;
use crate::base::version::Version;
use crate::project::commits::Commit;
use serde::{Deserialize, Serialize};

/// Tags and the commits since the last release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Every tag of the package that contains a version, on any branch, highest first. The tags
    /// have the manifest's format, or a format that the project used before.
    pub tags: Vec<VersionTag>,
    /// The previous release, which can be a pre-release. If the version is known: a higher release
    /// among the ancestors of the commit or, if there is none, the highest lower version, no matter
    /// where its tag is. If the version is computed: the highest release among the ancestors of the
    /// commit.
    pub last: Option<VersionTag>,
    /// The previous final release. Changes since then count for the version.
    pub base: Option<VersionTag>,
    /// Whether `base` is not an ancestor of the commit, because it was tagged on another branch.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
    /// The commits up to and including the evaluated one that `base` lacks, newest first, without
    /// those that were cherry-picked to both.
    pub since: Vec<Commit>,
    /// The newest releases whose version file has a lower version than their tag; read only if the
    /// version at the evaluated commit is already released.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub behind: Vec<Behind>,
    /// The version that the first version file has at `base`; read only if the file has a placeholder
    /// at the evaluated commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_carries: Option<Version>,
    /// If `tags` is empty, tags that look like versions in a format that tminus does not read.
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

/// A tag that contains a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionTag {
    /// The tag.
    pub tag: TagName,
    /// The version in it.
    pub version: Version,
    /// The commit that it points to, peeled.
    pub commit: Sha,
}

/// A tag as the remote has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagAt {
    /// The target of the ref: a tag object, or the commit itself.
    pub object: Sha,
    /// The commit that it points to.
    pub commit: Sha,
    /// Whether that commit is the evaluated commit or one of its ancestors.
    pub ancestor: bool,
    /// The version in the first version file at that commit, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carries: Option<Version>,
}

/// A moving tag as the remote has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovingTag {
    /// Its target; `None` if it does not exist.
    pub at: Option<TagAt>,
    /// Whether a release of its name has a ledger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recorded: bool,
    /// Whether it belongs to an immutable release on the forge, so that it cannot be moved. Read
    /// only for a tag that is to be moved.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub locked: Seen<bool>,
}

impl TagAt {
    /// Whether it is a tag object and not a plain ref.
    #[must_use]
    pub fn annotated(&self) -> bool {
        self.object != self.commit
    }
}
