//! Stand-ins for files that are not built yet, so that a release can be rehearsed without them.

use crate::base::clean::clean;
use crate::drive::observe::Observed;
use crate::facts::{Facts, Seen};
use crate::planner::steps;
use crate::ports::Head;
use crate::project::manifest::{Manifest, Pattern};
use crate::release::step::{Asset, AssetFault, Content, sha256};

/// Whether the files on disk were built from the commit that is rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disk {
    /// The existing files were.
    OfThisCommit,
    /// They were built from another commit.
    OfAnother,
}

impl Disk {
    /// Determines this from the checked-out commit.
    pub(super) fn of(head: Option<&Head>, facts: &Facts) -> Self {
        match head.is_some_and(|head| head.commit == facts.commit.sha) {
            true => Self::OfThisCommit,
            false => Self::OfAnother,
        }
    }
}

/// Adds a stand-in for each pattern of the manifest that no file matches, and returns a line that
/// names them. Other problems with the files are not changed.
pub(super) fn stand_in(seen: &mut Observed, disk: Disk) -> Option<String> {
    let missing = missing(&seen.manifest, &seen.facts, disk);
    if missing.is_empty() {
        return None;
    }
    let mut assets = seen.facts.built.clone();
    for (at, pattern) in missing.iter().enumerate() {
        let asset = asset(pattern, at + 1);
        if !assets.iter().any(|other| other.name == asset.name) {
            assets.push(asset);
        }
    }
    assets.sort_by(|one, other| one.name.cmp(&other.name));
    let names: Vec<String> =
        missing.iter().map(|pattern| format!("`{}`", clean(pattern.as_str()))).collect();
    let names = names.join(", ");
    let said = match (disk, missing.len()) {
        (Disk::OfAnother, _) => format!("{names}: not built from this commit; stand-ins are used"),
        (Disk::OfThisCommit, 1) => format!("no file matches {names}; a stand-in is used"),
        (Disk::OfThisCommit, _) => format!("no files match {names}; stand-ins are used"),
    };
    seen.facts.assets = Seen::Known(assets);
    Some(said)
}

/// The patterns that no file of the commit matches.
fn missing<'m>(manifest: &'m Manifest, facts: &Facts, disk: Disk) -> Vec<&'m Pattern> {
    let not_built = |fault: &AssetFault| match fault {
        AssetFault::NotBuilt { pattern } => Some(pattern.clone()),
        AssetFault::Renamed { .. } | AssetFault::SameName { .. } | AssetFault::TooLarge { .. } => {
            None
        }
    };
    let faults: Option<Vec<String>> = facts.asset_faults.iter().map(not_built).collect();
    let (Some(faults), Err(_)) = (faults, facts.assets.known()) else { return Vec::new() };
    let all = steps::all_files(manifest).map(|pattern| &pattern.value);
    let is_missing = |pattern: &&Pattern| {
        disk == Disk::OfAnother || faults.iter().any(|it| it == pattern.as_str())
    };
    all.filter(is_missing).collect()
}

fn asset(pattern: &Pattern, number: usize) -> Asset {
    let text = pattern.as_str();
    let end = text.rsplit(['*', '?', ']', '}', '\\', '/']).next().unwrap_or_default();
    let name = match pattern.is_wild() {
        true => format!("stand-in-{number}{end}"),
        false => end.to_owned(),
    };
    let (digest, content) = (sha256(name.as_bytes()), Content::File(text.to_owned()));
    Asset { size: 1, content, digest, name }
}
