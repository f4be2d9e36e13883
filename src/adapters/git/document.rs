//! Documents: one JSON file in a commit on a separate ref, replaced by compare-and-swap.

use super::identity::Identity;
use super::ledger::{commit_text, unwritten};
use super::open::{cannot, oid, sha};
use super::push::{Hook, RefUpdate, in_doubt};
use super::remote::GitRemote;
use crate::base::names::Sha;
use crate::ports::{Document, DocumentChange, PortError, RepositoryError};
use git2::ObjectType;

/// The file that contains the document.
const FILE: &str = "document.json";
/// The largest document, in bytes.
const LARGEST: usize = 1 << 20;

impl GitRemote {
    /// Reads a document as the remote has it now.
    pub(super) async fn read_document(
        &self,
        which: &Document,
    ) -> Result<Option<(Sha, String)>, PortError> {
        let what = format!("read `{}`", which.ref_name());
        let Some(head) = self.document_head(which).await? else { return Ok(None) };
        let text = self.text_of(&head);
        let text = text.map_err(|error| PortError::NoAnswer { what, why: error.why })?;
        Ok(Some((head, text)))
    }

    async fn document_head(&self, which: &Document) -> Result<Option<Sha>, PortError> {
        let name = which.ref_name();
        self.head_of(&format!("read `{name}`"), &name, &copy(&name)).await
    }

    fn text_of(&self, head: &Sha) -> Result<String, RepositoryError> {
        let object = self.repository.find_object(oid(head)?, None)?;
        let commit = object.into_commit().map_err(|_| cannot("it does not point to a commit"))?;
        let tree = commit.tree()?;
        let bad = |why: &str| cannot(format!("commit {} {why}", commit.id()));
        let file = tree.get_name(FILE).filter(|file| file.kind() == Some(ObjectType::Blob));
        let file =
            file.filter(|_| tree.len() == 1).ok_or_else(|| bad("was not written by tminus"))?;
        let odb = self.repository.odb()?;
        if odb.read_header(file.id())?.0 > LARGEST {
            return Err(bad("contains a file larger than 1 MiB"));
        }
        let object = odb.read(file.id())?;
        String::from_utf8(object.data().to_vec())
            .map_err(|_| bad("contains a file that is not UTF-8"))
    }

    /// Replaces a document, unless another process changed it.
    pub(super) async fn swap_document(
        &self,
        change: &DocumentChange<'_>,
    ) -> Result<Sha, PortError> {
        let name = change.which.ref_name();
        let what = format!("write `{name}`");
        self.git.private(&what, &[change.text, change.line])?;
        let new = self.write_document(change);
        let new = new.map_err(|error| unwritten(&what, &error))?;
        let swap = RefUpdate {
            what: &what,
            name: &name,
            expected: change.at,
            new: Some(&new),
            hook: Hook::Skipped,
        };
        match self.swap(&swap).await {
            Ok(()) => {}
            Err(error) if in_doubt(&error) => match self.document_head(change.which).await? {
                Some(now) if now == new => {}
                now if now.as_ref() == change.at => return Err(error),
                Some(_) | None => return Err(PortError::Behind { what }),
            },
            Err(error) => return Err(error),
        }
        if self.name().is_some() {
            // This only speeds up the next fetch, so a failure does not matter.
            let _ = oid(&new).map(|id| self.repository.reference(&copy(&name), id, true, "tminus"));
        }
        Ok(new)
    }

    fn write_document(&self, change: &DocumentChange<'_>) -> Result<Sha, RepositoryError> {
        let identity = Identity::of(&self.git);
        let odb = self.repository.odb()?;
        let mut tree = self.repository.treebuilder(None)?;
        tree.insert(FILE, odb.write(ObjectType::Blob, change.text.as_bytes())?, 0o100_644)?;
        let parent = change.at.filter(|_| change.which.keeps_history()).map(oid).transpose()?;
        let text = commit_text(tree.write()?, parent, &identity.at(change.now), change.line);
        // Two processes that write the same text in the same second must not both succeed.
        let text = format!("{text}\n{}\n", unique()?);
        Ok(sha(odb.write(ObjectType::Commit, text.as_bytes())?))
    }
}

fn unique() -> Result<String, RepositoryError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| cannot(error.to_string()))?;
    Ok(hex::encode(bytes))
}

/// The local ref with the remote's document.
fn copy(name: &str) -> String {
    name.replacen("refs/tminus/", "refs/tminus/remote-copy/", 1)
}
