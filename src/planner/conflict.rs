//! Conflicts: something exists but differs from the plan. Both sides are named, and nothing is
//! overwritten.

use crate::base::finding::{Finding, Who};
use crate::base::names::{Digest, EnvironmentName, Sha, TagName};
use crate::base::version::Version;

/// A state that no step can fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// The tag points to another commit.
    TagElsewhere {
        /// The tag.
        tag: TagName,
        /// The commit of the plan.
        wanted: Sha,
        /// The commit that it points to.
        found: Sha,
    },
    /// A moving tag is the tag of a release.
    MovingTagOwned {
        /// The tag.
        tag: TagName,
        /// The release that it belongs to.
        owner: TagOwner,
    },
    /// The tag is on the right commit, but lacks the required signature.
    TagUnsigned {
        /// The tag.
        tag: TagName,
    },
    /// An asset with the same name has different content.
    AssetDiffers {
        /// The asset.
        name: String,
        /// Bytes and digest of the plan.
        wanted: (u64, Digest),
        /// Bytes and digest on the forge.
        found: (u64, Option<Digest>),
    },
    /// A file on this machine differs from the file in the sealed plan.
    AssetRebuilt {
        /// The asset.
        name: String,
        /// Bytes and digest of the plan.
        wanted: (u64, Digest),
        /// Bytes and digest of the file.
        found: (u64, Digest),
    },
    /// The release is public and lacks assets.
    PublishedIncomplete {
        /// Its page.
        url: String,
        /// The missing assets.
        missing: Vec<String>,
    },
    /// A draft of this tag that does not belong to this plan.
    StrangeDraft {
        /// Its number.
        id: u64,
        /// Its page.
        url: String,
        /// The commit in its marker, if tminus created it.
        commit: Option<String>,
        /// The commit of the plan.
        wanted: Sha,
    },
    /// An environment has a higher version.
    HigherInEnvironment {
        /// The environment.
        environment: EnvironmentName,
        /// The version of the plan.
        wanted: Version,
        /// The version in the environment.
        found: Version,
    },
    /// The plan was rolled back in an environment.
    RolledBack {
        /// The environment.
        environment: EnvironmentName,
        /// The version of the plan.
        wanted: Version,
        /// The version that is in the environment now.
        now: Option<Version>,
    },
    /// Two drafts of this plan, both with assets.
    TwoDrafts {
        /// The draft to keep.
        kept: u64,
        /// The other draft.
        other: u64,
    },
}

/// The release whose tag is also a moving tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagOwner {
    /// An immutable release on the forge, whose tag cannot be moved.
    Immutable,
    /// A release with a ledger.
    Recorded,
}

impl TagOwner {
    fn said(self, tag: &TagName) -> Finding {
        match self {
            Self::Immutable => Finding::new(format!(
                "tag `{tag}` belongs to an immutable release, so it cannot be moved"
            ))
            .help("remove the tag from `move-tag`, or use another name for the moving tag"),
            Self::Recorded => {
                Finding::new(format!("tag `{tag}` is the tag of a release, so it cannot be moved"))
                    .note(format!("the release has a ledger: `refs/tminus/releases/{tag}`"))
                    .help("use another format for the moving tag")
            }
        }
    }
}

impl Conflict {
    /// The finding for this conflict.
    #[must_use]
    pub fn finding(&self) -> Finding {
        self.said().who(self.who())
    }

    /// A published tag needs another version. People with write access can remove tags and drafts
    /// that nobody has fetched yet.
    fn who(&self) -> Who {
        match self {
            Self::TagElsewhere { .. } | Self::MovingTagOwned { .. } => Who::Author,
            Self::AssetRebuilt { .. }
            | Self::HigherInEnvironment { .. }
            | Self::RolledBack { .. } => Who::Operator,
            Self::TagUnsigned { .. }
            | Self::AssetDiffers { .. }
            | Self::PublishedIncomplete { .. }
            | Self::StrangeDraft { .. }
            | Self::TwoDrafts { .. } => Who::Writer,
        }
    }

    fn said(&self) -> Finding {
        match self {
            Self::TagElsewhere { tag, wanted, found } => Finding::new(format!(
                "tag `{tag}` points to {}, but the plan is for {}",
                found.short(),
                wanted.short()
            ))
            .help("find out who created the tag; release the next version instead of moving it"),
            Self::MovingTagOwned { tag, owner } => owner.said(tag),
            Self::TagUnsigned { tag } => Finding::new(format!(
                "tag `{tag}` is on the right commit but not signed, and signing is required"
            ))
            .help("delete the tag if nobody has fetched it yet, or set `sign: auto`"),
            Self::AssetDiffers { name, wanted, found } => {
                let there = found.1.as_ref().map_or("no digest".into(), ToString::to_string);
                Finding::new(format!("asset `{name}` is on the release with different content"))
                    .note(format!("planned  {} bytes, sha256 {}", wanted.0, wanted.1))
                    .note(format!("uploaded {} bytes, sha256 {there}", found.0))
                    .help(
                        "if your file is the right one, delete the asset on the draft, then run \
                         `tminus release` again",
                    )
            }
            Self::AssetRebuilt { name, wanted, found } => Finding::new(format!(
                "`{name}` was rebuilt and differs from the file that the release started with"
            ))
            .note(format!("planned  {} bytes, sha256 {}", wanted.0, wanted.1))
            .note(format!("on disk  {} bytes, sha256 {}", found.0, found.1))
            .note(
                "if the draft has all files, tminus releases those, and you do not need the files \
                 locally",
            )
            .help(
                "rerun only the failed jobs, so that the files from the first build are used, or \
                 start over with `tminus abort`",
            ),
            Self::PublishedIncomplete { url, missing } => {
                let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
                Finding::new(format!("the release is published without {}", names.join(", ")))
                    .note(url.clone())
                    .help("add the files manually if the forge allows it, or release a new version")
            }
            Self::StrangeDraft { id, url, commit: None, .. } => {
                Finding::new(format!("draft release {id} for this tag was not created by tminus"))
                    .note(url.clone())
                    .help("publish or delete that draft, then run `tminus release` again")
            }
            Self::StrangeDraft { id, url, commit: Some(commit), wanted } => {
                let commit: String = commit.chars().take(7).collect();
                Finding::new(format!(
                    "draft {id} of this tag was created for {commit}, but the plan is for {}",
                    wanted.short()
                ))
                .note(url.clone())
                .help("delete that draft, then run `tminus release` again")
            }
            Self::HigherInEnvironment { environment, wanted, found } => {
                higher(environment, wanted, found)
            }
            Self::RolledBack { environment, wanted, now } => {
                rolled_back(environment, wanted, now.as_ref())
            }
            Self::TwoDrafts { kept, other } => {
                Finding::new(format!("two drafts of this release have assets: {kept} and {other}"))
                    .help(format!("delete draft {other}, then run `tminus release` again"))
            }
        }
    }
}

fn higher(environment: &EnvironmentName, wanted: &Version, found: &Version) -> Finding {
    let message = format!("environment `{environment}` has {found}, which is higher than {wanted}");
    Finding::new(message).help(format!(
        "release a version above {found}; to return to an earlier version, run `tminus promote \
         --back`"
    ))
}

fn rolled_back(environment: &EnvironmentName, wanted: &Version, now: Option<&Version>) -> Finding {
    let finding = Finding::new(format!("{wanted} was rolled back in environment `{environment}`"));
    let finding = match now {
        Some(now) => finding.note(format!("the environment now has {now}")),
        None => finding,
    };
    finding.help("release a fixed version; a release that was rolled back cannot enter the environment again")
}
