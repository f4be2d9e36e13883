//! `upload`: one file of the draft. `draft-release` adds a step for each file.

use super::kind::{Planning, Requests, StepKind, step};
use crate::base::clean;
use crate::base::names::StepKey;
use crate::facts::{Facts, RemoteAsset};
use crate::planner::conflict::Conflict;
use crate::planner::standing::{Repair, StepState};
use crate::planner::view::{Place, View};
use crate::project::manifest::{StepShape, Touch};
use crate::release::plan::Plan;
use crate::release::step::{Asset, Planned, Reach, SLOWEST_LINE, Step};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct Upload;

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The file.
    pub asset: Asset,
}

/// A file that does not exist yet. Only a plan for printing has such a step: it cannot be
/// performed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The name of the asset, or the pattern of the manifest that it will match.
    pub name: String,
    /// The files that it waits for, as patterns of the manifest.
    pub awaits: Vec<String>,
}

/// A file, existing or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Uploaded {
    /// It exists.
    Sent(Sent),
    /// It does not exist.
    Awaited(Awaited),
}

/// The steps that upload files, and those that wait for files.
pub(super) fn uploads(assets: Vec<Asset>, awaited: Vec<Awaited>) -> Vec<Planned> {
    let sent = assets.into_iter().map(|asset| (key(&asset), Uploaded::Sent(Sent { asset })));
    let awaited =
        awaited.into_iter().map(|one| (format!("upload:{}", one.name), Uploaded::Awaited(one)));
    let both = sent.chain(awaited);
    both.flat_map(|(key, file)| step::<Upload>(&key, Reach::Private, &file)).collect()
}

/// The key of the step that uploads an asset.
fn key(asset: &Asset) -> String {
    format!("upload:{}", asset.name)
}

impl From<Sent> for Step {
    fn from(sent: Sent) -> Self {
        Self::new(Upload::NAME, &sent)
    }
}

impl StepKind for Upload {
    const NAME: &'static str = "upload";
    const WRITTEN: Option<StepShape> = None;
    const TOUCHES: &'static [Touch] = &[Touch::Asset];
    type Settings = ();
    type Arguments = Uploaded;

    fn plan((): &(), _: &Planning<'_>) -> Vec<Planned> {
        Vec::new()
    }

    fn standing(file: &Uploaded, _: &StepKey, view: &mut View<'_>) -> StepState {
        let Uploaded::Sent(Sent { asset }) = file else { return StepState::Missing };
        let (release, draft) = match &view.place {
            Place::None => return StepState::Missing,
            Place::Unseen(unseen) => return StepState::Unseen(unseen.clone()),
            Place::Draft(release) => (*release, true),
            Place::Published(release) => (*release, false),
        };
        let Some(there) = release.assets.iter().find(|there| there.name == asset.name) else {
            return StepState::Missing;
        };
        if !there.uploaded {
            if draft {
                let repair = Repair::RemoveAsset { asset: there.id, name: there.name.clone() };
                view.repairs.push(repair);
            }
            return StepState::Missing;
        }
        if there.size != asset.size || there.digest.as_ref().is_some_and(|d| *d != asset.digest) {
            view.conflicts.push(differs(asset, there));
        }
        let evidence = match &there.digest {
            Some(digest) => format!("sha256 {}", digest.short()),
            None => format!("{} bytes; the forge reports no digest", there.size),
        };
        StepState::Done { evidence }
    }

    fn absent(file: &Uploaded, plan: &Plan) -> String {
        let name = match file {
            Uploaded::Sent(Sent { asset }) => &asset.name,
            Uploaded::Awaited(awaited) => &awaited.name,
        };
        format!("the release of {} has no asset `{name}`", plan.version)
    }

    fn title(file: &Uploaded, _: &Plan) -> String {
        let name = match file {
            Uploaded::Sent(Sent { asset }) => &asset.name,
            Uploaded::Awaited(awaited) => &awaited.name,
        };
        format!("upload {}", clean::name(name))
    }

    fn detail(file: &Uploaded, _: &Plan, _: &Facts) -> String {
        match file {
            Uploaded::Sent(Sent { asset }) => {
                format!("sha256 {}, {}", asset.digest.short(), size(asset.size))
            }
            Uploaded::Awaited(Awaited { awaits, .. }) => {
                let files: Vec<String> = awaits.iter().map(|file| format!("`{file}`")).collect();
                format!("waits for {}", files.join(", "))
            }
        }
    }

    fn requests(_: &Uploaded, _: Requests) -> usize {
        1
    }

    fn seconds(file: &Uploaded) -> u64 {
        match file {
            Uploaded::Sent(Sent { asset }) => asset.size / SLOWEST_LINE,
            Uploaded::Awaited(_) => 0,
        }
    }

    fn asset(file: Uploaded) -> Option<Asset> {
        match file {
            Uploaded::Sent(sent) => Some(sent.asset),
            Uploaded::Awaited(_) => None,
        }
    }

    fn awaits(file: Uploaded) -> Vec<String> {
        match file {
            Uploaded::Sent(_) => Vec::new(),
            Uploaded::Awaited(awaited) => awaited.awaits,
        }
    }
}

fn differs(asset: &Asset, there: &RemoteAsset) -> Conflict {
    Conflict::AssetDiffers {
        name: asset.name.clone(),
        wanted: (asset.size, asset.digest.clone()),
        found: (there.size, there.digest.clone()),
    }
}

/// A size with its unit.
fn size(bytes: u64) -> String {
    // The size is only shown, so the loss of precision does not matter.
    #[expect(clippy::cast_precision_loss)]
    let exact = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", exact / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", exact / 1e6),
        _ => format!("{:.1} GB", exact / 1e9),
    }
}
