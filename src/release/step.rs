//! Steps: effects as data, which `plan` prints and `release` performs.
//!
//! Sealed plans store steps in this format. It changes only together with
//! [`FORMAT`](super::plan::FORMAT), independently of the manifest's keys. The actual state of a
//! step is in [`Progress`](crate::planner::Progress), not here.

use crate::base::finding::{Finding, Who};
use crate::base::names::{Digest, StepKey};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The name of the file that lists the digests of all assets.
pub const SUMS: &str = "SHA256SUMS";

/// The slowest connection, in bytes per second, for which an upload gets enough time.
pub const SLOWEST_LINE: u64 = 64 * 1024;

/// One effect: the name of its kind, and arguments that only the kind can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    kind: String,
    arguments: Value,
}

impl Step {
    /// Creates a step of a kind.
    #[must_use]
    pub fn new(kind: &str, arguments: &impl Serialize) -> Self {
        // Arguments are plain structs of texts and numbers, which always have a JSON form.
        let arguments = serde_json::to_value(arguments).unwrap_or_default();
        Self { kind: kind.into(), arguments }
    }

    /// The name of its kind, which this version of tminus may not know.
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

/// A step of a plan, with its key and its reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its key.
    pub key: StepKey,
    /// Its reach.
    pub reach: Reach,
    /// What it does.
    pub step: Step,
}

/// How the tag is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// As configured in git (`tag.gpgSign`, `gpg.format`).
    Auto,
    /// Not signed.
    Off,
    /// With `ssh-keygen -Y sign`.
    Ssh,
    /// With gpg.
    Gpg,
}

/// The scope of a step's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Visible only to people with write access to the repository.
    Private,
    /// Visible to everybody; it can be reverted.
    Public,
    /// It cannot be reverted.
    Irreversible,
}

/// A command of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its name in plans; if it has none, the first word of the command.
    pub name: String,
    /// The program and its arguments; no shell.
    pub command: Vec<String>,
    /// Reports whether it is done: exit code 0 means done, 1 means not done, any other code means
    /// unknown.
    pub probe: Option<Vec<String>>,
    /// The command that `tminus rehearse` runs instead.
    pub rehearse: Option<Vec<String>>,
    /// Its reach.
    pub reach: Reach,
    /// Whether it can safely run twice; required if there is no probe.
    pub repeatable: bool,
    /// After how many seconds it is stopped and counts as failed.
    pub timeout_seconds: u64,
}

/// A file that the release will contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Its name on the release.
    pub name: String,
    /// The source of its content.
    pub content: Content,
    /// The size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: Digest,
}

/// The source of an asset's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A file, relative to the repository.
    File(String),
    /// A text that tminus writes (`SHA256SUMS`).
    Text(String),
}

/// A problem with a file that a release should contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssetFault {
    /// No file matches a pattern of the manifest: nothing is built yet, or the pattern is wrong.
    NotBuilt {
        /// The pattern.
        pattern: String,
    },
    /// The forge would rename it.
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
    /// The forge does not accept files of this size.
    TooLarge {
        /// The file.
        path: String,
    },
}

impl AssetFault {
    /// The finding for this problem.
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
    /// The `SHA256SUMS` file for some assets, in the format that `sha256sum --check` reads.
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

/// The digest of a finished hasher.
#[must_use]
pub fn digest_from(hasher: Sha256) -> Digest {
    Digest::from_hex(hex::encode(hasher.finalize()))
}
