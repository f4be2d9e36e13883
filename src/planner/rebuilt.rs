//! Files that were built again since the plan was sealed.

use super::conflict::Conflict;
use super::steps;
use crate::facts::Facts;
use crate::release::plan::Plan;
use crate::release::step::Asset;

/// Files of this machine that are not those of the plan. The world may be complete without them, but
/// whoever built them would take them for what is released.
#[must_use]
pub fn rebuilt(plan: &Plan, facts: &Facts) -> Vec<Conflict> {
    let local = facts.assets.known().map_or(&[][..], Vec::as_slice);
    let differs = |asset: &Asset| {
        let now = local.iter().find(|now| now.content == asset.content)?;
        (now.digest != asset.digest).then(|| Conflict::AssetRebuilt {
            name: asset.name.clone(),
            wanted: (asset.size, asset.digest.clone()),
            found: (now.size, now.digest.clone()),
        })
    };
    steps::assets(plan).filter_map(|asset| differs(&asset)).collect()
}
