//! Open issues and pull requests that block the release, and those that testers reported.

use super::forge::NO_FORGE;
use super::unseen::from_port;
use crate::facts::{BlockerQuery, Blockers, Facts, Seen};
use crate::judge::case::Case;
use crate::judge::gates::{Need, blocker_query, feedback_query};
use crate::ports::ReadPorts;
use crate::project::manifest::Manifest;

/// What blocks, and what testers reported.
type Both<T> = [T; 2];

/// The queries for the forge that gates need.
pub(super) fn queries(
    needs: &[Need],
    manifest: &Manifest,
    facts: &Facts,
) -> Both<Option<BlockerQuery>> {
    let blockers = needs.contains(&Need::Blockers);
    let feedback = needs.contains(&Need::Feedback);
    [
        blockers.then(|| blocker_query(&Case::new(manifest, facts))).flatten(),
        feedback.then(|| feedback_query(manifest)).flatten(),
    ]
}

/// Sends the queries to the forge, in one request.
pub(super) async fn issues(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    queries: Both<Option<BlockerQuery>>,
) -> Both<Seen<Blockers>> {
    let sent: Vec<BlockerQuery> = queries.iter().flatten().cloned().collect();
    let mut found = found(read_ports, manifest, &sent).await.into_iter();
    queries.map(|query| query.and_then(|_| found.next()).unwrap_or_else(Seen::not_asked))
}

async fn found(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    queries: &[BlockerQuery],
) -> Vec<Seen<Blockers>> {
    let all = |seen: Seen<Blockers>| vec![seen; queries.len()];
    if queries.is_empty() {
        return Vec::new();
    }
    if !manifest.forge.has_releases() {
        return all(Seen::unseen(NO_FORGE));
    }
    match read_ports.forge {
        Err(why) => all(Seen::unseen(why)),
        Ok(forge) => forge.blockers(queries).await.unwrap_or_else(|error| all(from_port(&error))),
    }
}

/// Repeats the query for what blocks, if it was made before. What testers reported stops nothing, so it
/// is read once in a run.
pub async fn blockers_again(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    if facts.blockers.is_not_asked() {
        return;
    }
    let query = blocker_query(&Case::new(manifest, facts));
    [facts.blockers, _] = issues(read_ports, manifest, [query, None]).await;
}
