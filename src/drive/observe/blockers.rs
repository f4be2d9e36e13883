//! Open issues and pull requests that block the release.

use super::forge::NO_FORGE;
use super::unseen::from_port;
use crate::facts::{BlockerQuery, Blockers, Facts, Seen};
use crate::judge::case::Case;
use crate::judge::gates::{Need, blocker_query};
use crate::ports::ReadPorts;
use crate::project::manifest::Manifest;

/// The query for the forge, if a gate needs it.
pub(super) fn query(needs: &[Need], manifest: &Manifest, facts: &Facts) -> Option<BlockerQuery> {
    let asked = needs.contains(&Need::Blockers);
    asked.then(|| blocker_query(&Case::new(manifest, facts))).flatten()
}

/// Queries the forge, if a gate needs it.
pub(super) async fn blockers(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    query: Option<BlockerQuery>,
) -> Seen<Blockers> {
    let Some(query) = query else { return Seen::not_asked() };
    if !manifest.forge.has_releases() {
        return Seen::unseen(NO_FORGE);
    }
    match read_ports.forge {
        Err(why) => Seen::unseen(why),
        Ok(forge) => forge.blockers(&query).await.unwrap_or_else(|error| from_port(&error)),
    }
}

/// Repeats the query, if it was made before.
pub async fn blockers_again(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    if facts.blockers.is_not_asked() {
        return;
    }
    let query = blocker_query(&Case::new(manifest, facts));
    facts.blockers = blockers(read_ports, manifest, query).await;
}
