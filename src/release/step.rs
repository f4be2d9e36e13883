//! Steps: effects as data, which `plan` prints and `release` performs.
//!
//! Sealed plans store steps in this format. It changes only together with
//! [`FORMAT`](super::plan::FORMAT), independently of the manifest's keys. The actual state of a
//! step is in [`Progress`](crate::planner::Progress), not here.

use crate::base::finding::{Finding, Who};
use crate::base::names::{Digest, StepKey, TagName};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The name of the file that lists the digests of all assets.
pub const SUMS: &str = "SHA256SUMS";

/// Bytes a second of the slowest line that an upload is given time for.
pub const SLOWEST_LINE: u64 = 64 * 1024;

/// One effect: the name of its kind, and arguments that only the kind reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    kind: String,
    arguments: Value,
}

impl Step {
    /// Makes the step of a kind.
    #[must_use]
    pub fn new(kind: &str, arguments: &impl Serialize) -> Self {
        // Arguments are plain structs of texts and numbers, which always have a JSON form.
        let arguments = serde_json::to_value(arguments).unwrap_or_default();
        Self { kind: kind.into(), arguments }
    }

    /// The name of its kind, which this version of tminus need not know.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its arguments.
    ///
    /// # Errors
    /// When they do not have this form.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.arguments)
    }
}

/// A mapping of the kind to the arguments.
impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.kind, &self.arguments)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneEntry;
        impl<'de> Visitor<'de> for OneEntry {
            type Value = Step;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of one kind of step to its arguments")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Step, A::Error> {
                let one = map.next_entry()?;
                let (kind, arguments) =
                    one.ok_or_else(|| A::Error::custom("a step has no kind"))?;
                match map.next_key::<String>()? {
                    None => Ok(Step { kind, arguments }),
                    Some(second) => Err(A::Error::custom(format!(
                        "a step has two kinds, `{kind}` and `{second}`"
                    ))),
                }
            }
        }
        deserializer.deserialize_map(OneEntry)
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

/// How the tag is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// As git is configured (`tag.gpgSign`, `gpg.format`).
    Auto,
    /// Not signed.
    Off,
    /// With `ssh-keygen -Y sign`.
    Ssh,
    /// With gpg.
    Gpg,
}

/// How far an effect carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Only those who may write to the repository see it.
    Private,
    /// Everybody may see it; it can be taken back.
    Public,
    /// It cannot be taken back.
    Irreversible,
}

/// A command of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its name in plans; the command's first word where it is not given.
    pub name: String,
    /// The program and its arguments; no shell.
    pub command: Vec<String>,
    /// Says whether it is done: exit 0 done, 1 not done, anything else unknown.
    pub probe: Option<Vec<String>>,
    /// Run in its place by `tminus rehearse`.
    pub rehearse: Option<Vec<String>>,
    /// How far it carries.
    pub reach: Reach,
    /// Running it twice does no harm; needed where there is no probe.
    pub repeatable: bool,
    /// After how many seconds it is killed and counts as failed.
    pub timeout_seconds: u64,
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
    /// An asset of a published release.
    Release {
        /// The tag of that release.
        tag: TagName,
        /// The asset's number on the forge.
        asset: u64,
    },
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
    /// The forge would give it another name.
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
    /// The forge does not take files of that size.
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
                format!("no file matches `{pattern}`"),
                "build the release's files first, or correct the pattern under `assets`",
            ),
            Self::Renamed { path, name } => (
                format!("`{path}` cannot be an asset: GitHub would rename it to `{name}`"),
                "use letters, digits, `-`, `_`, `+` and `.` only, without a `.` at either end",
            ),
            Self::SameName { name, paths: [one, other] } => (
                format!("`{one}` and `{other}` would both be the asset `{name}`"),
                "rename one of them, or leave it out of `assets`",
            ),
            Self::TooLarge { path } => (
                format!("`{path}` is too large for an asset: GitHub accepts files below 2 GiB"),
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
        Self { name: SUMS.into(), content: Content::Text(text), size, digest }
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
    Digest::from_hex(hex::encode(hasher.finalize()))
}
