//! The files that a release uploads.

use super::unseen::unseen;
use crate::base::finding::Finding;
use crate::facts::{Facts, Seen, Unseen};
use crate::planner::steps;
use crate::ports::{AssetError, Head, Repository, RepositoryError};
use crate::project::manifest::{Manifest, Pattern};
use crate::release::ledger::Ledger;
use crate::release::step::{Asset, AssetFault};

/// Stores in the facts the files that the release uploads, or why there are none.
pub(super) fn assets(
    repository: &dyn Repository,
    head: &Head,
    manifest: &Manifest,
    facts: &mut Facts,
) {
    let sealed = facts.ledger.known().is_ok_and(|ledger| ledger.plan().is_some());
    let under_way = facts.ledger.known().is_ok_and(Ledger::under_way);
    if sealed && !under_way {
        return; // The plan that was performed names them.
    }
    let patterns: Vec<&Pattern> =
        steps::all_files(manifest).map(|pattern| &pattern.value).collect();
    let here = facts.commit.sha == head.commit;
    if !here && !sealed && !patterns.is_empty() {
        let why = format!("the files on disk were not built from {}", facts.commit.sha.short());
        facts.assets = Seen::unseen_help(why, "check out that commit and build it");
        return;
    }
    let found = match (sealed, here) {
        (false, _) => repository.assets(&patterns),
        // The sealed plan names the files. If they were rebuilt from its commit, they must be
        // the same. A stage that has none of them needs none.
        (true, true) => built(repository, &patterns),
        (true, false) => Ok(Vec::new()),
    };
    facts.assets = match found {
        Ok(assets) => Seen::Known(assets),
        Err(AssetError::Unread(error)) => unseen(error),
        Err(AssetError::Fault(fault)) => {
            let Finding { message, help, who, .. } = fault.finding();
            facts.asset_faults.push(fault);
            match if sealed { Ok(()) } else { partly(repository, &patterns, facts) } {
                Ok(()) => Seen::Unseen(Unseen { why: message, help, who }),
                Err(error) => unseen(error),
            }
        }
    };
}

/// Stores which files exist and which patterns match no file, so that a plan can be shown.
fn partly(
    repository: &dyn Repository,
    patterns: &[&Pattern],
    facts: &mut Facts,
) -> Result<(), RepositoryError> {
    let mut built: Vec<Asset> = Vec::new();
    let mut faults: Vec<AssetFault> = Vec::new();
    for pattern in patterns {
        match repository.assets(&[*pattern]) {
            Ok(assets) => built.extend(assets),
            Err(AssetError::Fault(fault)) => faults.push(fault),
            Err(AssetError::Unread(error)) => return Err(error),
        }
    }
    built.sort_by(|one, other| one.name.cmp(&other.name));
    built.dedup();
    facts.asset_faults.extend(
        faults.into_iter().filter(|fault| !facts.asset_faults.contains(fault)).collect::<Vec<_>>(),
    );
    facts.built = built;
    Ok(())
}

/// The files that match at least one of the patterns; a pattern can match no file.
fn built(repository: &dyn Repository, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
    let mut found = Vec::new();
    for pattern in patterns {
        match repository.assets(&[*pattern]) {
            Ok(assets) => found.extend(assets),
            Err(AssetError::Fault(AssetFault::NotBuilt { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
