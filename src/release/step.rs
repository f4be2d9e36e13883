//! Steps and the plan that they make: effects as data, printed by `plan` and performed by `release`.
//!
//! What is already true of the world is not in here; see [`crate::planner::plan::Progress`].

use crate::base::finding::{Finding, Who};
use crate::base::names::{Digest, Sha, StageName, StepKey, TagName};
use crate::project::manifest::{Latest, Reach, RunRules, Sign};
use semver::Version;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes a second of the slowest line that an upload is given time for.
pub const SLOWEST_LINE: u64 = 64 * 1024;

/// One effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Creates the draft release.
    DraftRelease {
        /// Its title.
        title: String,
        /// Its notes, Markdown.
        notes: String,
        /// Not meant for everybody.
        prerelease: bool,
    },
    /// Sends one asset to the draft.
    Upload {
        /// The file.
        asset: Asset,
    },
    /// Creates the annotated tag in the remote.
    Tag {
        /// Its message.
        message: String,
        /// How it is signed.
        sign: Sign,
    },
    /// Makes the draft public.
    PublishRelease {
        /// Whether it becomes the latest; `auto` is settled at the moment of publishing.
        latest: Latest,
    },
    /// Runs a command of the user's.
    Run(RunRules),
}

/// A file that the release will carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// The name it will have on the release.
    pub name: String,
    /// What it holds comes from here.
    pub content: Content,
    /// Bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: Digest,
}

/// Where the bytes of an asset come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A file, relative to the repository.
    File(String),
    /// Written by tminus (`SHA256SUMS`).
    Text(String),
}

/// What is wrong with a file that a release is to carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssetFault {
    /// No file fits a pattern of the manifest: nothing is built yet, or the pattern is wrong.
    NotBuilt {
        /// The pattern.
        pattern: String,
    },
    /// GitHub would give it another name.
    Renamed {
        /// The file.
        path: String,
        /// The name that it would get.
        name: String,
    },
    /// Two files would have the same name.
    SameName {
        /// The name.
        name: String,
        /// The files.
        paths: [String; 2],
    },
    /// GitHub does not take files of that size.
    TooLarge {
        /// The file.
        path: String,
    },
}

impl AssetFault {
    /// The same as a reason.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let (message, help) = match self {
            Self::NotBuilt { pattern } => (
                format!("no file fits `{pattern}`"),
                "build the release's files first, or correct the pattern under `assets`",
            ),
            Self::Renamed { path, name } => (
                format!("`{path}` cannot be an asset: GitHub would rename it to `{name}`"),
                "use letters, digits, `-`, `_`, `+` and `.` only, and no `.` at either end",
            ),
            Self::SameName { name, paths: [one, other] } => (
                format!("`{one}` and `{other}` would both be the asset `{name}`"),
                "rename one of them, or leave it out of `assets`",
            ),
            Self::TooLarge { path } => (
                format!("`{path}` is too large for an asset: GitHub takes files below 2 GiB"),
                "split it, or leave it out of `assets`",
            ),
        };
        Finding::new(message).help(help).who(Who::Author)
    }
}

impl Asset {
    /// The `SHA256SUMS` file over some assets, in the form that `sha256sum --check` reads.
    #[must_use]
    pub fn checksums(assets: &[Self]) -> Self {
        let lines = assets.iter().map(|asset| format!("{}  {}\n", asset.digest, asset.name));
        let text: String = lines.collect();
        let (size, digest) = (text.len() as u64, sha256(text.as_bytes()));
        Self { name: "SHA256SUMS".into(), content: Content::Text(text), size, digest }
    }
}

/// A step in its place in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What it is known by.
    pub key: StepKey,
    /// How far it carries.
    pub reach: Reach,
    /// What it does.
    pub step: Step,
}

/// A stage of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// Its name.
    pub name: StageName,
    /// Gates asked again on entering it.
    pub gates: Vec<String>,
    /// Its steps, private before public, irreversible last.
    pub steps: Vec<Planned>,
    /// The environment that its job runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// What a release will do, whole. Equal plans have equal digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The project's name.
    pub name: String,
    /// The version that is released.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// The commit that is released.
    pub commit: Sha,
    /// The release before, on the same line.
    pub previous: Option<TagName>,
    /// Digest of the manifest that asked for this.
    pub manifest: Digest,
    /// The stages in order.
    pub stages: Vec<PlannedStage>,
}

impl Plan {
    /// SHA-256 of the plan's JSON, without its name: that is for people, and differs by clone.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Structs serialise their fields in order and the plan holds no map: the text is canonical.
        let nameless = Self { name: String::new(), ..self.clone() };
        sha256(&serde_json::to_vec(&nameless).unwrap_or_default())
    }

    /// Every step in order, with its stage.
    pub fn steps(&self) -> impl Iterator<Item = (&PlannedStage, &Planned)> {
        self.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)))
    }

    /// The assets that the release carries.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.steps().filter_map(|(_, planned)| match &planned.step {
            Step::Upload { asset } => Some(asset),
            Step::DraftRelease { .. }
            | Step::Tag { .. }
            | Step::PublishRelease { .. }
            | Step::Run(_) => None,
        })
    }

    /// The notes of the release; `None` where it has none.
    #[must_use]
    pub fn notes(&self) -> Option<&str> {
        self.steps().find_map(|(_, planned)| match &planned.step {
            Step::DraftRelease { notes, .. } => Some(notes.as_str()).filter(|it| !it.is_empty()),
            Step::Upload { .. } | Step::Tag { .. } | Step::PublishRelease { .. } | Step::Run(_) => {
                None
            }
        })
    }

    /// Whether it makes anything on the forge.
    #[must_use]
    pub fn on_forge(&self) -> bool {
        self.steps().any(|(_, planned)| {
            matches!(planned.step, Step::DraftRelease { .. } | Step::PublishRelease { .. })
        })
    }

    /// The line that tminus leaves in a draft's notes to know it again.
    #[must_use]
    pub fn marker(&self) -> String {
        format!("<!-- tminus: tag={} commit={} -->", self.tag, self.commit)
    }
}

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    digest_from(Sha256::new_with_prefix(bytes))
}

/// The digest that a finished hasher holds.
#[must_use]
pub fn digest_from(hasher: Sha256) -> Digest {
    let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Digest::from_hex(hex)
}
