//! The signers of a chain's entries, according to the allowed signers or, otherwise, the forge.

use super::unseen::{unanswered, unread};
use crate::base::finding::Who;
use crate::base::names::Sha;
use crate::facts::people::Verification;
use crate::facts::{Facts, FileAt, Unseen};
use crate::ports::{ForgePeople, ReadPorts};
use crate::release::ledger::Ledger;
use crate::release::signature::EntrySignature;
use std::collections::BTreeMap;

/// The file with the keys of people, as `ssh-keygen` reads it (`man ssh-keygen`, ALLOWED SIGNERS). Its
/// principals are the names of people. It is read at the head of the release's branch, so that it was
/// reviewed like any change.
pub const SIGNERS: &str = ".tminus/allowed-signers";

/// The most entries whose verification is requested from the forge.
const MOST: usize = 100;

/// Entries of a chain that must be signed, by their numbers from 1.
pub(super) struct Signed<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) entries: &'a [usize],
}

impl Signed<'_> {
    /// The signature of each entry. The forge verifies signatures that the allowed signers do not
    /// cover and that are not known yet: a verified signature stays verified.
    pub(super) async fn signatures(
        &self,
        read_ports: &ReadPorts<'_>,
        forge: Option<&dyn ForgePeople>,
        facts: &Facts,
        mut known: BTreeMap<Sha, Verification>,
    ) -> Result<(Vec<EntrySignature>, BTreeMap<Sha, Verification>), Unseen> {
        if self.entries.is_empty() {
            return Ok((Vec::new(), known));
        }
        let allowed = allowed_signers(read_ports, facts)?;
        let Some(remote) = read_ports.remote else {
            let why = "the remote was not read".into();
            return Err(Unseen { why, help: None, who: None });
        };
        let signatures = remote.signers(self.ledger, self.entries, &allowed).await;
        let mut signatures = signatures.map_err(|error| unanswered(&error))?;
        let foreign =
            signatures.iter().filter(|it| matches!(it, EntrySignature::Foreign { .. })).count();
        let Some(forge) = forge.filter(|_| foreign > 0) else { return Ok((signatures, known)) };
        if foreign > MOST {
            return Err(Unseen {
                why: format!(
                    "{foreign} entries are signed with unknown keys; at most {MOST} are verified"
                ),
                help: Some("add the keys to `.tminus/allowed-signers`".into()),
                who: Some(Who::Author),
            });
        }
        let commits = remote.commits(self.ledger, self.entries);
        let commits = commits.map_err(|error| unanswered(&error))?;
        for (signature, commit) in signatures.iter_mut().zip(commits) {
            let EntrySignature::Foreign { why } = signature else { continue };
            let verification = match known.get(&commit) {
                Some(known) => known.clone(),
                None => forge.verified(&commit).await.map_err(|error| unanswered(&error))?,
            };
            *signature = match &verification {
                Verification::By(person) => EntrySignature::Good { by: person.to_string() },
                Verification::Not(reason) => {
                    EntrySignature::Bad { why: format!("{why}; the forge reports: {reason}") }
                }
            };
            known.insert(commit, verification);
        }
        Ok((signatures, known))
    }
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
