//! Reads how long people took to answer in the last releases, for estimates.

use super::refs::Refs;
use super::unseen::from_port;
use crate::base::names::{Sha, TagName};
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::ports::{ReadPorts, RefAt};
use crate::project::manifest::Manifest;
use crate::release::latency::PastRelease;
use crate::release::ledger::Ledger;

/// How many releases are read, the newest ones.
const READ: usize = 10;

/// Reads them if the release can wait for people.
pub(super) async fn past(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    refs: &Refs,
    facts: &mut Facts,
) {
    let over = facts.ledger.known().is_ok_and(Ledger::finished);
    let (Refs::Remote(Ok(refs)), Some(remote)) = (refs, read_ports.remote) else { return };
    if manifest.roles.is_empty() || over || facts.people.known().is_err() {
        return;
    }
    let wanted = newest(manifest, facts, refs);
    facts.past = match remote.past_ledgers(&wanted).await {
        Err(error) => from_port(&error),
        Ok(all) => Seen::Known(
            all.iter()
                .filter_map(|(tag, ledger)| PastRelease::of(tag, ledger, &manifest.roles))
                .collect(),
        ),
    };
}

/// The last releases of the package that have a ledger, and where it ends.
fn newest(manifest: &Manifest, facts: &Facts, refs: &[RefAt]) -> Vec<(TagName, Sha)> {
    let case = Case::new(manifest, facts);
    let own = case.target().ok().map(|target| &target.tag);
    let Ok(history) = facts.history.known() else { return Vec::new() };
    let tags = history.tags.iter().map(|at| &at.tag).filter(|tag| Some(*tag) != own);
    let ledger = |tag: &TagName| {
        let name = format!("refs/tminus/releases/{tag}");
        let at = refs.iter().find(|at| at.name == name)?;
        Some((tag.clone(), at.object.clone()))
    };
    tags.filter_map(ledger).take(READ).collect()
}
