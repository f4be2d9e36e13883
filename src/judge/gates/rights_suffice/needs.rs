//! The remaining steps of a release that need permissions.

use crate::judge::case::Case;
use crate::project::manifest::Touch;

/// The requests of every release: reads, a draft, a tag, the publication, and the same number again
/// for repeated requests.
const BASE: u64 = 24;
/// Requests for one asset: an upload, a read, and possibly another upload.
const PER_ASSET: u64 = 3;

/// What creates the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagCreator {
    /// git, with a push.
    Git,
    /// The forge, when the release is published.
    Forge,
}

/// The permissions and requests that the remaining steps need.
pub(super) struct Needs {
    /// Whether releases have to be written through the forge's API.
    pub(super) api: bool,
    /// What creates the tag, if it must be created.
    pub(super) tag: Option<TagCreator>,
    /// An upper estimate of the requests.
    pub(super) requests: u64,
}

impl Needs {
    /// The needs of the manifest's steps, without the steps that are known to be done.
    pub(super) fn of(case: &Case<'_>) -> Self {
        let (manifest, facts) = (case.manifest, case.facts);
        let mut steps = manifest.stages.iter().flat_map(|stage| &stage.steps);
        let tags = steps.clone().any(|step| step.value.touches(Touch::Tag));
        let writes = steps.any(|step| step.value.kind.touches.iter().any(|it| it.on_forge()));
        let published = facts.published.known().is_ok_and(Option::is_some);
        let api = writes && manifest.forge.has_releases() && !published;
        let maker = if tags { Some(TagCreator::Git) } else { api.then_some(TagCreator::Forge) };
        let tagged = facts.tag.known().is_ok_and(Option::is_some);
        let assets = facts.assets.known().map_or(0, |assets| assets.len() as u64 + 1);
        Self { api, tag: maker.filter(|_| !tagged), requests: BASE + PER_ASSET * assets }
    }
}
