//! Finds the commits that change something in a folder.

use super::open::{is_missing_object, oid};
use super::{graph::Graph, object};
use crate::base::names::Sha;
use crate::ports::RepositoryError;
use git2::{ErrorCode, Oid, Repository};
use std::collections::HashMap;
use std::path::Path;

/// Whether each commit changes something in a folder, compared with its first parent; a merge thus
/// changes what it merges. Only the trees on the path to the folder are read, each once.
pub(super) fn touching(
    repository: &Repository,
    graph: &mut Graph<'_>,
    commits: &[Sha],
    folder: &str,
) -> Result<Vec<bool>, RepositoryError> {
    let mut known: HashMap<Oid, Option<Oid>> = HashMap::new();
    let mut at = |commit: Oid| -> Result<Option<Oid>, RepositoryError> {
        if let Some(found) = known.get(&commit) {
            return Ok(*found);
        }
        let found = entry(repository, commit, folder)?;
        known.insert(commit, found);
        Ok(found)
    };
    let mut touching = Vec::with_capacity(commits.len());
    for sha in commits {
        let commit = oid(sha)?;
        let before = match graph.named_parents(commit)?.first() {
            Some(parent) => at(*parent)?,
            None => None,
        };
        touching.push(at(commit)? != before);
    }
    Ok(touching)
}

/// The tree at the path of the folder in a commit.
fn entry(
    repository: &Repository,
    commit: Oid,
    folder: &str,
) -> Result<Option<Oid>, RepositoryError> {
    match object::tree(repository, commit)?.get_path(Path::new(folder)) {
        Ok(entry) => Ok(Some(entry.id())),
        // libgit2 reports a missing tree object as an error of the object store, which does not
        // mean that the folder is absent.
        Err(error) if error.code() == ErrorCode::NotFound && !is_missing_object(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
