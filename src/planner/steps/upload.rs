//! `upload`: one file of the draft. `draft-release` adds these steps.

use super::kind::{Planning, Requests, StepKind};
use crate::base::clean;
use crate::base::names::StepKey;
use crate::facts::{Facts, RemoteAsset};
use crate::planner::conflict::Conflict;
use crate::planner::standing::{Repair, StepState};
use crate::planner::view::{Place, View};
use crate::project::manifest::{StepShape, Touch};
use crate::release::plan::Plan;
use crate::release::step::{Asset, Planned, SLOWEST_LINE, Step};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct Upload;

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The file.
    pub asset: Asset,
}

/// The key of the step that sends an asset.
pub(super) fn key(asset: &Asset) -> String {
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
    type Arguments = Sent;

    fn plan((): &(), _: &Planning<'_>) -> Vec<Planned> {
        Vec::new()
    }

    fn standing(Sent { asset }: &Sent, _: &StepKey, view: &mut View<'_>) -> StepState {
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

    fn title(Sent { asset }: &Sent, _: &Plan) -> String {
        format!("upload {}", clean::name(&asset.name))
    }

    fn detail(Sent { asset }: &Sent, _: &Plan, _: &Facts) -> String {
        format!("sha256 {}, {}", asset.digest.short(), size(asset.size))
    }

    fn requests(_: &Sent, _: Requests) -> usize {
        1
    }

    fn seconds(Sent { asset }: &Sent) -> u64 {
        asset.size / SLOWEST_LINE
    }

    fn asset(sent: Sent) -> Option<Asset> {
        Some(sent.asset)
    }
}

fn differs(asset: &Asset, there: &RemoteAsset) -> Conflict {
    Conflict::AssetDiffers {
        name: asset.name.clone(),
        wanted: (asset.size, asset.digest.clone()),
        found: (there.size, there.digest.clone()),
    }
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    // Sizes are shown, not computed with: the loss of precision does not matter.
    #[expect(clippy::cast_precision_loss)]
    let exact = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", exact / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", exact / 1e6),
        _ => format!("{:.1} GB", exact / 1e9),
    }
}
