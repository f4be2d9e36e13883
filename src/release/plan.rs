//! The plan of a release, as it is printed, sealed in the ledger, and performed.

use super::step::{Planned, sha256};
use crate::base::names::{Digest, EnvironmentName, Sha, StageName, TagName};
use crate::base::version::Version;
use serde::{Deserialize, Deserializer, Serialize};

/// The newest form of a plan that this version reads and writes: that of a final version which was
/// promoted from a pre-release. Any other plan has the first form.
pub const FORMAT: u32 = 2;

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
    pub environment: Option<EnvironmentName>,
}

/// The pre-release that a final version was promoted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    /// Its version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// Its commit, which is the one of the final version.
    pub commit: Sha,
    /// The digest of its plan.
    pub plan: Digest,
}

/// What a release will do, whole. Equal plans have equal digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The form it is kept in; the first is not written.
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
    /// The release before, on the same line.
    pub previous: Option<TagName>,
    /// Digest of the manifest that asked for this.
    pub manifest: Digest,
    /// The pre-release that it was promoted from, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted: Option<Promoted>,
    /// The stages in order.
    pub stages: Vec<PlannedStage>,
}

impl Plan {
    /// The form of a plan.
    #[must_use]
    pub const fn format(promoted: Option<&Promoted>) -> u32 {
        match promoted {
            Some(_) => FORMAT,
            None => first_format(),
        }
    }

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

    /// The line that tminus leaves in a draft's notes to know it again.
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

/// A plan of a newer form may say something that this version would overlook.
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
