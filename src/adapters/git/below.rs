//! The files of a folder of a commit.

use super::object;
use super::open::{is_missing_object, oid, unnamed};
use crate::base::names::Sha;
use crate::ports::RepositoryError;
use git2::{ErrorCode, ObjectType, Repository, Tree, TreeWalkMode, TreeWalkResult};
use std::path::Path;

/// A folder of a commit, the root if the path is empty; `None` if it does not exist or is a file.
pub(super) fn folder<'r>(
    repository: &'r Repository,
    commit: &Sha,
    path: &str,
) -> Result<Option<Tree<'r>>, RepositoryError> {
    let tree = object::tree(repository, oid(commit)?)?;
    if path.is_empty() {
        return Ok(Some(tree));
    }
    let entry = match tree.get_path(Path::new(path)) {
        Ok(entry) => entry,
        Err(error) if error.code() == ErrorCode::NotFound && !is_missing_object(&error) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    if entry.kind() != Some(ObjectType::Tree) {
        return Ok(None);
    }
    Ok(Some(repository.find_tree(entry.id())?))
}

/// The files in a folder and in the folders below it, by their whole paths.
pub(super) fn below(
    repository: &Repository,
    commit: &Sha,
    path: &str,
    most: usize,
) -> Result<Vec<String>, RepositoryError> {
    let Some(folder) = folder(repository, commit, path)? else { return Ok(Vec::new()) };
    let begin = if path.is_empty() { String::new() } else { format!("{path}/") };
    let (mut files, mut odd) = (Vec::new(), false);
    let walked = folder.walk(TreeWalkMode::PreOrder, |inside, entry| {
        if entry.kind() != Some(ObjectType::Blob) {
            return TreeWalkResult::Ok;
        }
        let Ok(name) = std::str::from_utf8(entry.name_bytes()) else {
            odd = true;
            return TreeWalkResult::Abort;
        };
        files.push(format!("{begin}{inside}{name}"));
        if files.len() > most { TreeWalkResult::Abort } else { TreeWalkResult::Ok }
    });
    match walked {
        _ if odd => Err(unnamed(path)),
        Err(error) if files.len() <= most => Err(error.into()),
        Ok(()) | Err(_) => Ok(files),
    }
}
