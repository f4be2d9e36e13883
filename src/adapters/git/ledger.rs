//! The ledger: a chain of commits on `refs/tminus/releases/<tag>`, one for each entry, readable
//! with `git log`. Entries are only appended, by compare-and-swap.

use super::chain::Chain;
use super::fault::{Access, fault};
use super::identity::Identity;
use super::open::{cannot, oid, repository_error_with_help, sha};
use super::push::{Hook, RefUpdate, in_doubt};
use super::remote::{FETCH, GitRemote};
use crate::base::names::{Sha, TagName};
use crate::ports::{PortError, RepositoryError};
use crate::release::ledger::{Entry, Ledger};
use git2::{Commit, ObjectType, Oid};
use jiff::Timestamp;
use serde::Deserialize;

/// The most entries that a chain may have.
const LONGEST: usize = 10_000;
/// The largest entry, in bytes.
const LARGEST: usize = 4 << 20;
/// The file that contains an entry.
const FILE: &str = "entry.json";
/// How often a chain is read again if it lacks entries that this clone read before.
const LOOKS: usize = 3;
/// How many missing entries are named one by one.
const NAMED: usize = 4;

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl GitRemote {
    /// Reads the chain as the remote has it now. A chain that lacks entries that this clone read
    /// before was rewritten. The ledger of a release may be deleted; the holds may not, because
    /// that would lift them all.
    pub(super) async fn read_ledger(&self, chain: Chain<'_>) -> Result<Ledger, PortError> {
        let unreadable = |error: RepositoryError| self.unreadable(chain, error);
        let mut lost = None;
        for _ in 0..LOOKS {
            let seen = self.last_seen(chain).map_err(unreadable)?;
            let Some(head) = self.ledger_head(chain).await? else {
                return match (chain, &seen) {
                    (Chain::Holds, Some(_)) => Err(self.deleted(chain)),
                    (Chain::Holds, None) | (Chain::Release(_), _) => Ok(Ledger::default()),
                };
            };
            let (ids, entries) = self.commits(chain, &head).map_err(unreadable)?;
            match &seen {
                // Another process of this clone may have fetched an older state in the meantime.
                Some(seen) if !ids.iter().any(|id| sha(*id) == *seen) => {
                    lost = Some(self.rewritten(chain, seen, &ids));
                }
                Some(_) | None => {
                    self.remember(chain, seen.as_ref(), &head);
                    let ledger = Ledger::new(Some(head), entries);
                    return ledger.map_err(|why| no_answer(chain, why.to_string()));
                }
            }
        }
        Err(lost.unwrap_or_else(|| no_answer(chain, "it keeps changing".into())))
    }

    /// Reads ledgers that no longer change. Missing ones are fetched together; unreadable ones are
    /// omitted.
    pub(super) async fn read_past_ledgers(
        &self,
        wanted: &[(TagName, Sha)],
    ) -> Result<Vec<(TagName, Ledger)>, PortError> {
        let what = "read the ledgers of earlier releases";
        let here = |head: &Sha| oid(head).is_ok_and(|id| self.repository.find_commit(id).is_ok());
        let lacking = wanted.iter().filter(|(_, head)| !here(head));
        let specs: Vec<String> = lacking
            .map(|(tag, _)| Chain::Release(tag))
            .map(|chain| format!("+{}:{}", chain.name(), chain.fetched()))
            .collect();
        if !specs.is_empty() && self.name().is_some() {
            let mut arguments = [&FETCH[..], &["--no-filter", self.place()]].concat();
            arguments.extend(specs.iter().map(String::as_str));
            let fetched = self.git.repeated(what, async || {
                let output = self.git.run(what, &arguments, b"").await?;
                if output.ok { Ok(()) } else { Err(fault(what, Access::Read, &output)) }
            });
            fetched.await?;
        }
        let ledger = |(tag, head): &(TagName, Sha)| {
            let (_, entries) = self.commits(Chain::Release(tag), head).ok()?;
            Some((tag.clone(), Ledger::new(Some(head.clone()), entries).ok()?))
        };
        Ok(wanted.iter().filter_map(ledger).collect())
    }

    fn unreadable(&self, chain: Chain<'_>, error: RepositoryError) -> PortError {
        let RepositoryError { why, help } = error;
        match help {
            Some(help) => PortError::Damaged { what: chain.reading(), why, help },
            None => no_answer(chain, why),
        }
    }

    /// The end of the chain when this clone last read it, if there is a remote.
    pub(super) fn last_seen(&self, chain: Chain<'_>) -> Result<Option<Sha>, RepositoryError> {
        if self.name().is_none() {
            return Ok(None);
        }
        self.local(&chain.copy())
    }

    /// Stores the end of the chain. Another process of this clone may do the same.
    fn remember(&self, chain: Chain<'_>, seen: Option<&Sha>, head: &Sha) {
        if self.name().is_none() || seen == Some(head) {
            return;
        }
        let (name, Ok(id)) = (chain.copy(), oid(head)) else { return };
        let _ = match seen.map(oid) {
            Some(Ok(seen)) => self.repository.reference_matching(&name, id, true, seen, "tminus"),
            Some(Err(_)) | None => self.repository.reference(&name, id, false, "tminus"),
        };
    }

    /// Fetches the chain and returns its newest commit.
    async fn ledger_head(&self, chain: Chain<'_>) -> Result<Option<Sha>, PortError> {
        self.head_of(&chain.reading(), &chain.name(), &chain.fetched()).await
    }

    /// The error for a chain that this clone has read and that the remote no longer has.
    fn deleted(&self, chain: Chain<'_>) -> PortError {
        let (copy, name, place) = (chain.copy(), chain.name(), self.place());
        let why = format!("`{name}` was deleted since this clone last read it");
        let help = format!(
            "if that was intended, run `git update-ref -d {copy}`; if not, `git push {place} \
             {copy}:{name}` restores the entries"
        );
        PortError::Damaged { what: chain.reading(), why, help }
    }

    /// The entries that are missing from a chain that ended in `seen` when this clone read it.
    fn rewritten(&self, chain: Chain<'_>, seen: &Sha, ids: &[Oid]) -> PortError {
        let mut lines = Vec::new();
        let mut next = oid(seen).ok();
        let mut truncated = false;
        while let Some(commit) = next.and_then(|id| self.repository.find_commit(id).ok()) {
            if ids.contains(&commit.id()) {
                truncated = ids.last() == Some(&commit.id());
                break;
            }
            if lines.len() >= LONGEST {
                break;
            }
            let line = commit.summary().ok().flatten().unwrap_or_default();
            lines.push(format!("`{} {line}`", sha(commit.id()).short()));
            next = commit.parent_ids().next();
        }
        lines.reverse();
        let (copy, name, place) = (chain.copy(), chain.name(), self.place());
        let how = if truncated { "truncated" } else { "rewritten" };
        let accept = format!(
            "if that was intended, run `git update-ref -d {copy}`, and tminus continues from the \
             actual state"
        );
        let (missing, help) = match lines.as_slice() {
            [] => (format!("entry {} and those before it are missing", seen.short()), accept),
            [..] => {
                let restore = format!("git push --force {place} {copy}:{name}");
                (missing(&lines), format!("{accept}; if not, `{restore}` restores the entries"))
            }
        };
        let why = format!("it was {how} since this clone last read it: {missing}");
        PortError::Damaged { what: chain.reading(), why, help }
    }

    /// The commits and entries of a local chain, oldest first.
    fn commits(
        &self,
        chain: Chain<'_>,
        head: &Sha,
    ) -> Result<(Vec<Oid>, Vec<Entry>), RepositoryError> {
        let (mut ids, mut entries) = (Vec::new(), Vec::new());
        let damaged = |why: String| repository_error_with_help(why, self.without(chain));
        let mut next = Some(oid(head)?);
        while let Some(id) = next {
            if entries.len() >= LONGEST {
                return Err(damaged(format!("more than {LONGEST} entries")));
            }
            let commit = self.repository.find_commit(id)?;
            if commit.parent_count() > 1 {
                return Err(damaged(format!("commit {id} is a merge commit")));
            }
            entries.push(self.entry(chain, &commit)?);
            ids.push(id);
            next = commit.parent_ids().next();
        }
        entries.reverse();
        ids.reverse();
        Ok((ids, entries))
    }

    /// How to continue without the ledger.
    fn without(&self, chain: Chain<'_>) -> String {
        let name = chain.name();
        let delete = match self.name() {
            Some(remote) => format!("git push {remote} :{name}"),
            None => format!("git update-ref -d {name}"),
        };
        match chain {
            Chain::Release(_) => format!(
                "run `{delete}` to delete the ledger; the next run continues from the actual state"
            ),
            Chain::Holds => format!(
                "run `{delete}` and `git update-ref -d {}` to delete the holds; this ends every \
                 hold on the repository",
                chain.copy()
            ),
        }
    }

    fn entry(&self, chain: Chain<'_>, commit: &Commit<'_>) -> Result<Entry, RepositoryError> {
        let about = |why: &str| format!("commit {} {why}", commit.id());
        let bad = |why: &str| repository_error_with_help(about(why), self.without(chain));
        let tree = commit.tree()?;
        let file = tree.get_name(FILE).filter(|file| file.kind() == Some(ObjectType::Blob));
        let file = file.ok_or_else(|| bad("contains no `entry.json`"))?;
        if tree.len() != 1 {
            return Err(bad("contains files other than `entry.json`"));
        }
        let odb = self.repository.odb()?;
        if odb.read_header(file.id())?.0 > LARGEST {
            return Err(bad("contains an entry larger than 4 MiB"));
        }
        let object = odb.read(file.id())?;
        let not_one = |error: serde_json::Error| bad(&format!("contains no valid entry: {error}"));
        let Format { format } = serde_json::from_slice(object.data()).map_err(not_one)?;
        if format != 1 {
            let why = format!("has format {format}, but this version of tminus reads format 1");
            return Err(cannot(about(&why)));
        }
        serde_json::from_slice(object.data()).map_err(not_one)
    }

    /// Appends entries if the chain still ends in `head`.
    pub(super) async fn append_entries(
        &self,
        chain: Chain<'_>,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError> {
        let what = chain.appending();
        for entry in entries {
            let json = serde_json::to_string(entry).unwrap_or_default();
            self.git.private(&what, &[&json, &entry.line()])?;
        }
        let new = self.write_entries(&what, chain, head, entries).await?;
        if head.is_none() {
            // The ledger did not exist, so the copy of a deleted ledger is obsolete.
            let _ = self.repository.find_reference(&chain.copy()).map(|mut at| at.delete());
        }
        let name = chain.name();
        let hook = Hook::Skipped;
        let swap = RefUpdate { what: &what, name: &name, expected: head, new: Some(&new), hook };
        match self.swap(&swap).await {
            Ok(()) => {}
            Err(error) if in_doubt(&error) => self.look_for(chain, head, &new, error).await?,
            Err(error) => return Err(error),
        }
        if self.name().is_some() {
            // This only speeds up the next fetch, so a failure does not matter.
            let _ =
                oid(&new).map(|id| self.repository.reference(&chain.copy(), id, true, "tminus"));
        }
        Ok(new)
    }

    /// After a push whose response was lost: whether the chain contains our commit.
    async fn look_for(
        &self,
        chain: Chain<'_>,
        old: Option<&Sha>,
        new: &Sha,
        error: PortError,
    ) -> Result<(), PortError> {
        let now = self.ledger_head(chain).await?;
        if now.as_ref() == old {
            return Err(error);
        }
        let ours = now.is_some_and(|now| now == *new || self.follows(&now, new));
        let what = chain.appending();
        if ours { Ok(()) } else { Err(PortError::Behind { what }) }
    }

    fn follows(&self, later: &Sha, earlier: &Sha) -> bool {
        let (Ok(later), Ok(earlier)) = (oid(later), oid(earlier)) else { return false };
        self.repository.graph_descendant_of(later, earlier).unwrap_or(false)
    }

    /// Writes the entries as commits that no ref points to yet.
    async fn write_entries(
        &self,
        what: &str,
        chain: Chain<'_>,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError> {
        let failed = |error: RepositoryError| unwritten(what, &error);
        let identity = Identity::of(&self.git);
        let mut end = head.map(oid).transpose().map_err(failed)?;
        for entry in entries {
            let tree = self.write_tree(entry).map_err(failed)?;
            let text = commit_text(tree, end, &identity.at(entry.at), &entry.line());
            let signature =
                self.entry_signature(what, &text, &identity, entry.event.must_be_signed()).await?;
            let text = signed(&text, &signature);
            let odb = self.repository.odb().map_err(|error| failed(error.into()))?;
            let new = odb.write(ObjectType::Commit, text.as_bytes());
            end = Some(new.map_err(|error| failed(error.into()))?);
        }
        end.map(sha).ok_or_else(|| no_answer(chain, "there is nothing to append".into()))
    }

    /// Writes a signed commit without content that no ref points to.
    pub(super) async fn signed_sample(&self, what: &str, now: Timestamp) -> Result<Sha, PortError> {
        let failed = |why: String| PortError::NoAnswer { what: what.into(), why };
        let identity = Identity::of(&self.git);
        let tree = self.repository.treebuilder(None).and_then(|tree| tree.write());
        let tree = tree.map_err(|error| failed(error.message().into()))?;
        let text = commit_text(tree, None, &identity.at(now), "signed by");
        let signature = self.entry_signature(what, &text, &identity, true).await?;
        let text = signed(&text, &signature);
        let odb = self.repository.odb().map_err(|error| failed(error.message().into()))?;
        let id = odb.write(ObjectType::Commit, text.as_bytes());
        id.map(sha).map_err(|error| failed(error.message().into()))
    }

    fn write_tree(&self, entry: &Entry) -> Result<Oid, RepositoryError> {
        let json = serde_json::to_string_pretty(entry);
        let json = json.map_err(|error| cannot(error.to_string()))? + "\n";
        let mut tree = self.repository.treebuilder(None)?;
        let blob = self.repository.odb()?.write(ObjectType::Blob, json.as_bytes())?;
        tree.insert(FILE, blob, 0o100_644)?;
        Ok(tree.write()?)
    }
}

pub(super) fn commit_text(tree: Oid, parent: Option<Oid>, who: &str, line: &str) -> String {
    let parent = parent.map_or(String::new(), |id| format!("parent {id}\n"));
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{}\n", line.trim())
}

/// A commit with the signature over it, in the header that git reads.
fn signed(text: &str, signature: &str) -> String {
    let Some((head, message)) = text.split_once("\n\n").filter(|_| !signature.is_empty()) else {
        return text.to_owned();
    };
    let lines: Vec<&str> = signature.lines().collect();
    format!("{head}\ngpgsig {}\n\n{message}", lines.join("\n "))
}

/// The entries that are missing, oldest first.
fn missing(lines: &[String]) -> String {
    let are = if lines.len() == 1 { "entry is" } else { "entries are" };
    let named = match lines {
        [first, .., last] if lines.len() > NAMED => format!("{first} to {last}"),
        _ => lines.join(", "),
    };
    format!("{} {are} missing: {named}", lines.len())
}

/// The error if objects could not be written to this clone, for example because the disk is full.
/// Nothing was sent.
pub(super) fn unwritten(what: &str, error: &RepositoryError) -> PortError {
    let why = format!("cannot write to the local repository: {}", error.why);
    PortError::Refused { what: what.into(), why }
}

fn no_answer(chain: Chain<'_>, why: String) -> PortError {
    PortError::NoAnswer { what: chain.reading(), why }
}
