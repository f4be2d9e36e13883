//! Reads what people said about a release, and proves who said it.

use super::unseen::{from_port, unanswered, unread};
use crate::base::finding::Who;
use crate::base::names::{Person, RoleName};
use crate::facts::people::{Disregarded, Issue, People, Proven};
use crate::facts::{Facts, FileAt, Seen, Unseen};
use crate::ports::{ForgePeople, ReadPorts};
use crate::project::manifest::{Manifest, Role};
use crate::release::ledger::Ledger;
use crate::release::signature::EntrySignature;
use std::collections::{BTreeMap, BTreeSet};

/// The file with the keys of people, as `ssh-keygen` reads it (`man ssh-keygen`, ALLOWED SIGNERS). Its
/// principals are the names of people. It is read at the head of the release's branch, so that it was
/// reviewed like any change.
pub const SIGNERS: &str = ".tminus/allowed-signers";

/// Reads the statements of a release, if its manifest has roles or somebody made one.
pub async fn people(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    facts.people = match facts.ledger.known() {
        Ok(ledger) if manifest.roles.is_empty() && ledger.statements().next().is_none() => {
            return;
        }
        Ok(ledger) => match read(read_ports, manifest, facts, ledger).await {
            Ok(people) => Seen::Known(people),
            Err(unseen) => Seen::Unseen(unseen),
        },
        Err(unseen) => Seen::Unseen(unseen.clone()),
    };
}

async fn read(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &Facts,
    ledger: &Ledger,
) -> Result<People, Unseen> {
    let (mut statements, mut disregarded) = (Vec::new(), Vec::new());
    signed(read_ports, facts, ledger, &mut statements, &mut disregarded).await?;
    statements.sort_by_key(|proven| proven.at);
    let speakers: BTreeSet<Person> =
        statements.iter().map(|proven| proven.statement.by.clone()).collect();
    let forge = match manifest.forge.has_releases() {
        true => read_ports.forge.ok().and_then(|forge| forge.people()),
        false => None,
    };
    let issue = ledger.issue().map(|(number, url)| Issue { number, url: url.to_owned() });
    Ok(People {
        statements,
        disregarded,
        members: members(forge, &manifest.roles, &speakers).await,
        authors: Seen::not_asked(),
        issue,
    })
}

/// The statements that are proven by the signature of their entry.
async fn signed(
    read_ports: &ReadPorts<'_>,
    facts: &Facts,
    ledger: &Ledger,
    statements: &mut Vec<Proven>,
    disregarded: &mut Vec<Disregarded>,
) -> Result<(), Unseen> {
    let entries: Vec<usize> = ledger
        .statements()
        .filter(|(_, entry, _)| entry.event.must_be_signed())
        .map(|(number, ..)| number)
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    let allowed = allowed_signers(read_ports, facts)?;
    let Some(remote) = read_ports.remote else {
        let why = "the remote was not read".into();
        return Err(Unseen { why, help: None, who: None });
    };
    let signatures = remote.signers(ledger, &entries, &allowed).await;
    let signatures = signatures.map_err(|error| unanswered(&error))?;
    for ((number, entry, statement), signature) in
        ledger.statements().filter(|(_, entry, _)| entry.event.must_be_signed()).zip(signatures)
    {
        let proven = match signature {
            EntrySignature::Good { by } if Person::new(by.as_str()) == Ok(statement.by.clone()) => {
                Ok(())
            }
            EntrySignature::Good { by } => {
                Err(format!("{by} signed it in the name of {}", statement.by))
            }
            EntrySignature::Unsigned => Err("it is not signed".into()),
            EntrySignature::Bad { why } | EntrySignature::Unchecked { why } => Err(why),
        };
        match proven {
            Ok(()) => statements.push(Proven {
                at: entry.at,
                statement: statement.clone(),
                recorded: true,
            }),
            Err(why) => {
                disregarded.push(Disregarded { what: format!("entry {number} of the ledger"), why })
            }
        }
    }
    Ok(())
}

/// The allowed signers at the head of the release's branch; empty if there is no such file.
///
/// # Errors
/// If the head of the branch, or the file, could not be read.
pub fn allowed_signers(read_ports: &ReadPorts<'_>, facts: &Facts) -> Result<String, Unseen> {
    let head = facts.branch_head.known().map_err(Clone::clone)?;
    let Some(head) = &head.head else { return Ok(String::new()) };
    let why = match read_ports.repository.file(head, SIGNERS).map_err(unread)? {
        FileAt::Text(text) => return Ok(text),
        FileAt::Absent => return Ok(String::new()),
        FileAt::Binary => "is not UTF-8",
        FileAt::TooLarge { .. } => "is too large",
    };
    Err(Unseen { why: format!("`{SIGNERS}` {why}"), help: None, who: Some(Who::Author) })
}

/// For each role, which of the people who said something are its members.
async fn members(
    forge: Option<&dyn ForgePeople>,
    roles: &[Role],
    speakers: &BTreeSet<Person>,
) -> BTreeMap<RoleName, Seen<BTreeSet<Person>>> {
    let unlisted = |role: &Role| -> BTreeSet<Person> {
        speakers.iter().filter(|person| !role.users.contains(*person)).cloned().collect()
    };
    let asked: BTreeSet<Person> = roles
        .iter()
        .filter(|role| role.permission.is_some())
        .flat_map(|role| unlisted(role))
        .collect();
    let permissions = match forge {
        _ if asked.is_empty() => Seen::Known(BTreeMap::new()),
        None => Seen::unseen("there is no forge that knows the permissions of people"),
        Some(forge) => match forge.permissions(&asked).await {
            Ok(permissions) => Seen::Known(permissions),
            Err(error) => from_port(&error),
        },
    };
    let mut all = BTreeMap::new();
    for role in roles {
        let mut members: BTreeSet<Person> =
            speakers.iter().filter(|person| role.users.contains(*person)).cloned().collect();
        let others = unlisted(role);
        let mut missing = None;
        if let (Some(least), false) = (role.permission, others.is_empty()) {
            match &permissions {
                Seen::Known(permissions) => members.extend(
                    others
                        .iter()
                        .filter(|person| permissions.get(*person).is_some_and(|has| *has >= least))
                        .cloned(),
                ),
                Seen::Unseen(unseen) => missing = Some(unseen.clone()),
            }
        }
        if let (Some(team), false) = (&role.team, others.is_empty()) {
            let found = match forge {
                None => Seen::unseen("there is no forge that knows the members of teams"),
                Some(forge) => match forge.team_members(team, &others).await {
                    Ok(found) => Seen::Known(found),
                    Err(error) => from_port(&error),
                },
            };
            match found {
                Seen::Known(found) => members.extend(found),
                Seen::Unseen(unseen) => missing = Some(unseen),
            }
        }
        let members = match missing {
            // Members by name count whether or not the others are known.
            Some(unseen) if members.is_empty() => Seen::Unseen(unseen),
            Some(_) | None => Seen::Known(members),
        };
        all.insert(role.name.clone(), members);
    }
    all
}
