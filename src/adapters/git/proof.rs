//! The signatures of a ledger, as git verifies them.

use super::chain::Chain;
use super::open::{oid, sha};
use super::remote::GitRemote;
use crate::base::names::{Sha, TagName};
use crate::ports::{PortError, RepositoryError};
use crate::release::ledger::Ledger;
use crate::release::signature::{EntrySignature, LedgerProof};
use git2::Repository;
use jiff::Timestamp;
use std::io::Write as _;

/// Commit, result, signer and key.
const FORMAT: &str = "--format=%H%x00%G?%x00%GS%x00%GK%x00";

/// The signer of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    /// The entry is not signed.
    Not,
    Ssh,
    Otherwise,
}

impl GitRemote {
    /// Verifies the signatures of a ledger that was read.
    pub(super) async fn prove(
        &self,
        tag: &TagName,
        ledger: &Ledger,
    ) -> Result<LedgerProof, PortError> {
        let what = format!("verify the ledger of {tag}");
        let no_answer = |why: String| PortError::NoAnswer { what: what.clone(), why };
        let Some(head) = &ledger.head else {
            let seen = self.last_seen(Chain::Release(tag)).map_err(|error| no_answer(error.why))?;
            return Ok(LedgerProof { gone: seen.is_some(), ..LedgerProof::default() });
        };
        let chain = chain(&self.repository, head, ledger.entries.len());
        let chain = chain.map_err(|error| no_answer(error.why))?;
        let made: Vec<Made> = chain.into_iter().map(|(_, made)| made).collect();
        if made.iter().all(|one| *one == Made::Not) {
            let signatures = vec![EntrySignature::Unsigned; made.len()];
            return Ok(LedgerProof { signatures, gone: false });
        }
        let arguments = ["log", "--no-show-signature", "--no-color", FORMAT, head.as_str(), "--"];
        let output = self.git.run(&what, &arguments, b"").await?;
        if !output.ok {
            return Err(no_answer(format!("`git log` failed: {}", output.stderr.trim())));
        }
        let text = output.text();
        let mut signatures: Vec<EntrySignature> = text
            .lines()
            .zip(made.iter().rev())
            .map(|(line, made)| signature(line, *made, "`gpg.ssh.allowedSignersFile`"))
            .collect();
        signatures.reverse();
        if signatures.len() != made.len() {
            return Err(no_answer("`git log` shows a different number of entries".into()));
        }
        Ok(LedgerProof { signatures, gone: false })
    }
}

impl GitRemote {
    /// Verifies the signatures of some entries with allowed signers, whatever the configuration of
    /// this machine says.
    pub(super) async fn verify_entries(
        &self,
        ledger: &Ledger,
        entries: &[usize],
        allowed: &str,
    ) -> Result<Vec<EntrySignature>, PortError> {
        let what = "verify who made the statements";
        let no_answer = |why: String| PortError::NoAnswer { what: what.into(), why };
        let head = ledger.head.as_ref().ok_or_else(|| no_answer("the ledger is empty".into()))?;
        let chain = chain(&self.repository, head, ledger.entries.len());
        let chain = chain.map_err(|error| no_answer(error.why))?;
        let picked: Vec<(Sha, Made)> = entries
            .iter()
            .filter_map(|number| chain.get(number.checked_sub(1)?).cloned())
            .collect();
        if picked.len() != entries.len() {
            return Err(no_answer("the ledger has fewer entries".into()));
        }
        self.verified(what, &picked, allowed).await
    }

    /// The commits of some entries.
    pub(super) fn commits_of(
        &self,
        ledger: &Ledger,
        entries: &[usize],
    ) -> Result<Vec<Sha>, PortError> {
        let what = "find the commits of the statements";
        let no_answer = |why: String| PortError::NoAnswer { what: what.into(), why };
        let head = ledger.head.as_ref().ok_or_else(|| no_answer("the ledger is empty".into()))?;
        let chain = chain(&self.repository, head, ledger.entries.len());
        let chain = chain.map_err(|error| no_answer(error.why))?;
        let commit = |number: &usize| Some(chain.get(number.checked_sub(1)?)?.0.clone());
        let found: Option<Vec<Sha>> = entries.iter().map(commit).collect();
        found.ok_or_else(|| no_answer("the ledger has fewer entries".into()))
    }

    /// Creates a signature on this machine, and verifies it with the allowed signers.
    pub(super) async fn own_signature(
        &self,
        allowed: &str,
        now: Timestamp,
    ) -> Result<EntrySignature, PortError> {
        let what = "sign a statement";
        let commit = self.signed_sample(what, now).await?;
        let no_answer = |why: String| PortError::NoAnswer { what: what.into(), why };
        let made = chain(&self.repository, &commit, 1).map_err(|error| no_answer(error.why))?;
        let signatures = self.verified(what, &made, allowed).await?;
        Ok(signatures.into_iter().next().unwrap_or(EntrySignature::Unsigned))
    }

    async fn verified(
        &self,
        what: &str,
        picked: &[(Sha, Made)],
        allowed: &str,
    ) -> Result<Vec<EntrySignature>, PortError> {
        let no_answer = |why: String| PortError::NoAnswer { what: what.into(), why };
        let file = tempfile::NamedTempFile::new().and_then(|mut file| {
            file.write_all(allowed.as_bytes())?;
            Ok(file)
        });
        let file = file.map_err(|error| no_answer(error.to_string()))?;
        let signers = format!("gpg.ssh.allowedSignersFile={}", file.path().display());
        let options = ["-c", signers.as_str(), "-c", "gpg.ssh.program=ssh-keygen"];
        let log = ["log", "--no-walk=unsorted", "--no-show-signature", "--no-color", FORMAT];
        let commits = picked.iter().map(|(sha, _)| sha.as_str());
        let arguments: Vec<&str> =
            options.into_iter().chain(log).chain(commits).chain(["--"]).collect();
        let output = self.git.run(what, &arguments, b"").await?;
        if !output.ok {
            return Err(no_answer(format!("`git log` failed: {}", output.stderr.trim())));
        }
        let text = output.text();
        let signatures: Vec<EntrySignature> = text
            .lines()
            .zip(picked)
            .map(|(line, (_, made))| by_allowed_signers(line, *made))
            .collect();
        match signatures.len() == picked.len() {
            true => Ok(signatures),
            false => Err(no_answer("`git log` shows a different number of entries".into())),
        }
    }
}

/// How each commit of a chain was signed, oldest first.
fn chain(
    repository: &Repository,
    head: &Sha,
    count: usize,
) -> Result<Vec<(Sha, Made)>, RepositoryError> {
    let (mut all, mut next) = (Vec::new(), Some(oid(head)?));
    while let Some(id) = next.filter(|_| all.len() < count) {
        let commit = repository.find_commit(id)?;
        let header = |name| commit.header_field_bytes(name).ok();
        let made = match header("gpgsig").or_else(|| header("gpgsig-sha256")) {
            None => Made::Not,
            Some(text) if text.starts_with(b"-----BEGIN SSH SIGNATURE-----") => Made::Ssh,
            Some(_) => Made::Otherwise,
        };
        all.push((sha(id), made));
        next = commit.parent_ids().next();
    }
    all.reverse();
    Ok(all)
}

/// git's result for one commit, using only the allowed signers.
fn by_allowed_signers(line: &str, made: Made) -> EntrySignature {
    const SIGNERS: &str = "`.tminus/allowed-signers`";
    let mut parts = line.split('\0').skip(1);
    match (made, parts.next(), parts.nth(1)) {
        (Made::Ssh, Some("U"), key) => EntrySignature::Foreign {
            why: format!("{SIGNERS} does not contain the key {}", key.unwrap_or_default()),
        },
        (Made::Not | Made::Ssh, ..) => signature(line, made, SIGNERS),
        (Made::Otherwise, ..) => {
            EntrySignature::Foreign { why: format!("{SIGNERS} contains SSH keys only") }
        }
    }
}

/// git's result for one commit: `%G?` of `git log`.
fn signature(line: &str, made: Made, signers: &str) -> EntrySignature {
    let mut parts = line.split('\0').skip(1);
    let (result, signer, key) = (parts.next(), parts.next(), parts.next());
    let by = signer.filter(|name| !name.is_empty()).or(key).unwrap_or_default().to_owned();
    let key = key.unwrap_or_default();
    let bad = |why: String| EntrySignature::Bad { why };
    let unchecked = |why: String| EntrySignature::Unchecked { why };
    match (result, made) {
        (_, Made::Not) => EntrySignature::Unsigned,
        (Some("G"), _) | (Some("U"), Made::Otherwise) => EntrySignature::Good { by },
        // Anybody can sign with their own key.
        (Some("U"), Made::Ssh) => bad(format!("{signers} does not contain the key {key}")),
        (Some("B"), _) => bad("it does not match the entry".into()),
        (Some("R"), _) => bad(format!("the key {key} was revoked")),
        (Some("X"), _) => bad("it has expired".into()),
        (Some("Y"), _) => bad(format!("the key {key} has expired")),
        (Some("N"), Made::Ssh) => unchecked(format!("{signers} is not set")),
        (_, _) => unchecked(format!("the public key {key} is missing")),
    }
}
