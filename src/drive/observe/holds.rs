//! Reads the holds of the whole repository, and proves who set and lifted them.

use super::people::{members, people_of, proves};
use super::signatures::Signed;
use super::unseen::from_port;
use crate::base::names::Person;
use crate::facts::people::{Disregarded, ProvenHold, RepositoryHolds};
use crate::facts::{Facts, Seen, Unseen};
use crate::judge::gates::{GateSelection, Need, needs};
use crate::ports::{HOLDS, PortError, ReadPorts, RefAt, Remote};
use crate::project::manifest::{Manifest, Role};
use crate::release::ledger::Ledger;
use crate::release::statement::RepositoryWord;
use std::collections::BTreeSet;

/// Reads the holds, if the listed refs have any that are not in the facts yet.
pub(super) async fn holds(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    refs: Result<&[RefAt], &PortError>,
    facts: &mut Facts,
) {
    let refs = match refs {
        Ok(refs) => refs,
        Err(error) => {
            facts.repository_holds = from_port(error);
            return;
        }
    };
    let known = facts.repository_holds.known().ok().and_then(|holds| holds.head.clone());
    let was_seen = !facts.repository_holds.is_not_asked();
    let head = refs.iter().find(|at| at.name == HOLDS).map(|at| &at.object);
    let had_some = || read_ports.remote.is_some_and(Remote::has_read_holds);
    match head {
        // Somebody deleted the ref: that lifts no hold that this run saw.
        None if was_seen => {
            facts.repository_holds = Seen::unseen(format!("`{HOLDS}` was deleted"));
        }
        None if !had_some() => facts.repository_holds = Seen::not_asked(),
        Some(head) if known.as_ref() == Some(head) => {}
        None | Some(_) => {
            facts.repository_holds = repository_holds(read_ports, manifest, facts).await
        }
    }
}

/// The same during a release, if a gate depends on what people said.
pub(super) async fn holds_again(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    refs: Result<&[RefAt], &PortError>,
    facts: &mut Facts,
) {
    if needs(manifest, &GateSelection::release()).contains(&Need::People) {
        holds(read_ports, manifest, refs, facts).await;
    }
}

/// The holds of the whole repository, as the remote has them now.
pub async fn repository_holds(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &Facts,
) -> Seen<RepositoryHolds> {
    let Some(remote) = read_ports.remote else { return Seen::unseen("the remote was not read") };
    let chain = match remote.holds().await {
        Ok(chain) => chain,
        Err(error) => return from_port(&error),
    };
    match read(read_ports, manifest, facts, &chain).await {
        Ok(holds) => Seen::Known(holds),
        Err(unseen) => Seen::Unseen(unseen),
    }
}

async fn read(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &Facts,
    chain: &Ledger,
) -> Result<RepositoryHolds, Unseen> {
    let mut holds = RepositoryHolds { head: chain.head.clone(), ..RepositoryHolds::default() };
    let numbers: Vec<usize> = chain.of_repository().map(|(number, ..)| number).collect();
    if numbers.is_empty() {
        return Ok(holds);
    }
    let forge = people_of(read_ports, manifest);
    let known = facts.repository_holds.known().map(|holds| holds.verified.clone());
    let entries = Signed { ledger: chain, entries: &numbers };
    let (signatures, verified) =
        entries.signatures(read_ports, forge, facts, known.unwrap_or_default()).await?;
    holds.verified = verified;
    for ((number, entry, statement), signature) in chain.of_repository().zip(signatures) {
        match proves(signature, &statement.by) {
            Ok(()) => {
                holds.statements.push(ProvenHold { at: entry.at, statement: statement.clone() });
            }
            Err(why) => {
                let what = format!("entry {number} of the holds of the repository");
                holds.disregarded.push(Disregarded { what, why });
            }
        }
    }
    let lifters = lifters(&holds.statements);
    let asked = |role: &&Role| lifters.iter().any(|person| !role.users.contains(person));
    let unlisted = || manifest.roles.iter().filter(asked);
    holds.requests = usize::from(unlisted().any(|role| role.permission.is_some()))
        + unlisted().filter(|role| role.team.is_some()).count();
    if !lifters.is_empty() {
        holds.members = members(forge, &manifest.roles, &lifters).await;
    }
    Ok(holds)
}

/// People who lifted a hold that somebody else had set.
fn lifters(statements: &[ProvenHold]) -> BTreeSet<Person> {
    let (mut open, mut lifters) = (BTreeSet::new(), BTreeSet::new());
    for ProvenHold { statement, .. } in statements {
        match statement.says {
            RepositoryWord::Hold { .. } => {
                open.insert(&statement.by);
            }
            RepositoryWord::Lift => {
                open.remove(&statement.by);
                if !open.is_empty() {
                    lifters.insert(statement.by.clone());
                }
            }
        }
    }
    lifters
}
