//! Files that were rebuilt, or added, after the plan was sealed.

use super::conflict::Conflict;
use super::steps;
use crate::facts::Facts;
use crate::judge::target::NoTarget;
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use crate::release::step::Asset;
use std::collections::BTreeSet;

/// Local files that differ from those in the plan. Even if the release is complete without them,
/// the person who built them would assume that they are the released files. Before a release has started,
/// this is not checked.
///
/// # Errors
/// When a file exists and cannot be read, because it may differ.
pub fn rebuilt(plan: &Plan, facts: &Facts) -> Result<Vec<Conflict>, NoTarget> {
    if !facts.ledger.known().is_ok_and(Ledger::under_way) {
        return Ok(Vec::new());
    }
    let local = facts.assets.known().map_err(|unseen| match facts.asset_faults.first() {
        Some(fault) => NoTarget::Wrong(Box::new(fault.finding())),
        None => NoTarget::Unseen { what: "the assets".into(), unseen: unseen.clone() },
    })?;
    let differs = |asset: &Asset| {
        let now = local.iter().find(|now| now.content == asset.content)?;
        (now.digest != asset.digest).then(|| Conflict::AssetRebuilt {
            name: asset.name.clone(),
            wanted: (asset.size, asset.digest.clone()),
            found: (now.size, now.digest.clone()),
        })
    };
    Ok(steps::assets(plan).filter_map(|asset| differs(&asset)).collect())
}

/// Files on disk that match a pattern of the manifest but are not part of the started release.
#[must_use]
pub fn later_files(plan: &Plan, facts: &Facts) -> Vec<String> {
    let (true, Ok(local)) =
        (facts.ledger.known().is_ok_and(Ledger::under_way), facts.assets.known())
    else {
        return Vec::new();
    };
    let planned: BTreeSet<String> = steps::assets(plan).map(|asset| asset.name).collect();
    let names = local.iter().map(|asset| asset.name.clone());
    names.filter(|name| !planned.contains(name)).collect()
}
