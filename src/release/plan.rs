//! The plan of a release, as it is printed, sealed in the ledger, and performed.

use super::step::{Planned, sha256};
use crate::base::names::{Digest, EnvironmentName, Sha, StageName, TagName};
use crate::base::version::Version;
use serde::{Deserialize, Deserializer, Serialize};

/// The newest plan format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// A stage of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// Its name.
    pub name: StageName,
    /// Gates that run again when the stage starts.
    pub gates: Vec<String>,
    /// Its steps, private before public, irreversible last.
    pub steps: Vec<Planned>,
    /// The environment that it releases to, and that its job runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
}

/// The complete plan of a release. Equal plans have equal digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The format; the first format is not written.
    #[serde(
        default = "first_format",
        skip_serializing_if = "is_first",
        deserialize_with = "known"
    )]
    pub format: u32,
    /// The project's name.
    pub name: String,
    /// The version that is released.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// The commit that is released.
    pub commit: Sha,
    /// The previous release on the same line.
    pub previous: Option<TagName>,
    /// The digest of the manifest.
    pub manifest: Digest,
    /// The stages in order.
    pub stages: Vec<PlannedStage>,
}

impl Plan {
    /// The SHA-256 of the plan's JSON, without the project's name, which is only for display and
    /// can differ between clones.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Structs serialize their fields in order and the plan contains no map, so the text is
        // canonical.
        let nameless = Self { name: String::new(), ..self.clone() };
        sha256(&serde_json::to_vec(&nameless).unwrap_or_default())
    }

    /// Every step in order, with its stage.
    pub fn steps(&self) -> impl Iterator<Item = (&PlannedStage, &Planned)> {
        self.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)))
    }

    /// The marker that tminus writes into a draft's notes, to recognize the draft.
    #[must_use]
    pub fn marker(&self) -> String {
        format!("<!-- tminus: tag={} commit={} -->", self.tag, self.commit)
    }
}

const fn first_format() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_first(format: &u32) -> bool {
    *format == first_format()
}

/// A plan of a newer format may contain something that this version would ignore.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let format = u32::deserialize(deserializer)?;
    if format <= FORMAT {
        return Ok(format);
    }
    let why = format!(
        "the plan has format {format}, but this version of tminus supports only formats up to {FORMAT}"
    );
    Err(serde::de::Error::custom(why))
}
