//! The ledger: a chain of commits on `refs/tminus/releases/<tag>`, one for each entry, readable
//! with `git log`. Entries are only appended, by compare-and-swap.

use super::identity::Identity;
use super::open::{cannot, oid, sha};
use super::push::{Hook, RefUpdate, in_doubt};
use super::remote::GitRemote;
use crate::base::names::{Sha, TagName};
use crate::ports::{PortError, RepositoryError};
use crate::release::ledger::{Entry, Ledger};
use git2::{Commit, ObjectType, Oid};
use serde::Deserialize;

/// The most entries that a chain may have.
const LONGEST: usize = 10_000;
/// The largest entry, in bytes.
const LARGEST: usize = 4 << 20;
/// The file that holds an entry.
const FILE: &str = "entry.json";
#[derive(Deserialize)]
struct Format {
    format: u32,
}

fn name(tag: &TagName) -> String {
    format!("refs/tminus/releases/{tag}")
}

impl GitRemote {
    /// Reads the chain as the remote has it now.
    pub(super) async fn read_ledger(&self, tag: &TagName) -> Result<Ledger, PortError> {
        let Some(head) = self.ledger_head(tag).await? else { return Ok(Ledger::default()) };
        let unreadable = |error: RepositoryError| no_answer(tag, error.why);
        let entries = self.chain(&head).map_err(unreadable)?;
        Ledger::new(Some(head), entries).map_err(|why| no_answer(tag, why.to_string()))
    }

    /// Brings the chain here and gives its end.
    async fn ledger_head(&self, tag: &TagName) -> Result<Option<Sha>, PortError> {
        self.head_of(&format!("read the ledger of {tag}"), &name(tag), &copy(tag)).await
    }

    /// The entries of a chain that is here, oldest first.
    fn chain(&self, head: &Sha) -> Result<Vec<Entry>, RepositoryError> {
        let mut entries = Vec::new();
        let mut next = Some(oid(head)?);
        while let Some(id) = next {
            if entries.len() >= LONGEST {
                return Err(cannot(format!("more than {LONGEST} entries")));
            }
            let commit = self.repository.find_commit(id)?;
            if commit.parent_count() > 1 {
                return Err(cannot(format!("its commit {id} is a merge commit")));
            }
            entries.push(self.entry(&commit)?);
            next = commit.parent_ids().next();
        }
        entries.reverse();
        Ok(entries)
    }

    fn entry(&self, commit: &Commit<'_>) -> Result<Entry, RepositoryError> {
        let bad = |why: &str| cannot(format!("its commit {} {why}", commit.id()));
        let tree = commit.tree()?;
        let file = tree.get_name(FILE).filter(|file| file.kind() == Some(ObjectType::Blob));
        let file =
            file.filter(|_| tree.len() == 1).ok_or_else(|| bad("contains more than one entry"))?;
        let odb = self.repository.odb()?;
        if odb.read_header(file.id())?.0 > LARGEST {
            return Err(bad("contains an entry larger than 4 MiB"));
        }
        let object = odb.read(file.id())?;
        let not_one = |error: serde_json::Error| bad(&format!("contains no valid entry: {error}"));
        let Format { format } = serde_json::from_slice(object.data()).map_err(not_one)?;
        if format != 1 {
            return Err(bad(&format!(
                "has format {format}, but this version of tminus reads format \
                                     1"
            )));
        }
        serde_json::from_slice(object.data()).map_err(not_one)
    }

    /// Appends entries if the chain still ends in `head`.
    pub(super) async fn append_entries(
        &self,
        tag: &TagName,
        head: Option<&Sha>,
        entries: &[Entry],
    ) -> Result<Sha, PortError> {
        let what = format!("append to the ledger of {tag}");
        for entry in entries {
            let json = serde_json::to_string(entry).unwrap_or_default();
            self.git.private(&what, &[&json, &entry.line()])?;
        }
        let new = self.write_entries(head, entries).map_err(|error| no_answer(tag, error.why))?;
        let name = name(tag);
        let hook = Hook::Skipped;
        let swap = RefUpdate { what: &what, name: &name, expected: head, new: Some(&new), hook };
        match self.swap(&swap).await {
            Ok(()) => {}
            Err(error) if in_doubt(&error) => self.look_for(tag, head, &new, error).await?,
            Err(error) => return Err(error),
        }
        if self.name().is_some() {
            // Only a convenience for the next fetch, so another process may win it.
            let _ = oid(&new).map(|id| self.repository.reference(&copy(tag), id, true, "tminus"));
        }
        Ok(new)
    }

    /// After a push whose answer was lost: whether the chain holds our commit.
    async fn look_for(
        &self,
        tag: &TagName,
        old: Option<&Sha>,
        new: &Sha,
        error: PortError,
    ) -> Result<(), PortError> {
        let now = self.ledger_head(tag).await?;
        if now.as_ref() == old {
            return Err(error);
        }
        let ours = now.is_some_and(|now| now == *new || self.follows(&now, new));
        let what = format!("append to the ledger of {tag}");
        if ours { Ok(()) } else { Err(PortError::Behind { what }) }
    }

    fn follows(&self, later: &Sha, earlier: &Sha) -> bool {
        let (Ok(later), Ok(earlier)) = (oid(later), oid(earlier)) else { return false };
        self.repository.graph_descendant_of(later, earlier).unwrap_or(false)
    }

    /// Writes the entries as commits that no ref leads to yet.
    fn write_entries(&self, head: Option<&Sha>, entries: &[Entry]) -> Result<Sha, RepositoryError> {
        let identity = Identity::of(&self.git);
        let odb = self.repository.odb()?;
        let mut end = head.map(oid).transpose()?;
        for entry in entries {
            let json = serde_json::to_string_pretty(entry);
            let json = json.map_err(|error| cannot(error.to_string()))? + "\n";
            let mut tree = self.repository.treebuilder(None)?;
            tree.insert(FILE, odb.write(ObjectType::Blob, json.as_bytes())?, 0o100_644)?;
            let text = commit_text(tree.write()?, end, &identity.at(entry.at), &entry.line());
            end = Some(odb.write(ObjectType::Commit, text.as_bytes())?);
        }
        end.map(sha).ok_or_else(|| cannot("there is nothing to append"))
    }
}

/// Where the remote's chain is kept in the clone.
fn copy(tag: &TagName) -> String {
    format!("refs/tminus/remote/{tag}")
}

pub(super) fn commit_text(tree: Oid, parent: Option<Oid>, who: &str, line: &str) -> String {
    let parent = parent.map_or(String::new(), |id| format!("parent {id}\n"));
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{}\n", line.trim())
}

fn no_answer(tag: &TagName, why: String) -> PortError {
    PortError::NoAnswer { what: format!("read the ledger of {tag}"), why }
}
