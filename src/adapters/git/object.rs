//! Reads only the needed fields of commits and tags. libgit2 rejects a whole object if it cannot
//! parse one line, such as the author, and does not say which line.

use super::open::cannot;
use crate::ports::RepositoryError;
use git2::{ObjectType, Oid, Repository, Tree};

/// The maximum length of a chain of tags.
const LONGEST: usize = 32;

/// The target of a tag object; any other object is returned unchanged.
pub(super) fn peeled(repository: &Repository, object: Oid) -> Result<Oid, RepositoryError> {
    let odb = repository.odb()?;
    let mut at = object;
    for _ in 0..LONGEST {
        if odb.read_header(at)?.1 != ObjectType::Tag {
            return Ok(at);
        }
        at = line(odb.read(at)?.data(), b"object ")
            .ok_or_else(|| cannot(format!("tag object {at} has no target")))?;
    }
    Err(cannot(format!("tag object {object} points through more than {LONGEST} tag objects")))
}

/// The same, but the target must be a commit.
pub(super) fn commit(repository: &Repository, object: Oid) -> Result<Oid, RepositoryError> {
    let at = peeled(repository, object)?;
    match repository.odb()?.read_header(at)?.1 {
        ObjectType::Commit => Ok(at),
        ObjectType::Any | ObjectType::Tree | ObjectType::Blob | ObjectType::Tag => {
            Err(cannot(format!("`{at}` is not a commit")))
        }
    }
}

/// The files of a commit.
pub(super) fn tree(repository: &Repository, at: Oid) -> Result<Tree<'_>, RepositoryError> {
    let odb = repository.odb()?;
    let object = odb.read(commit(repository, at)?)?;
    let tree = line(object.data(), b"tree ")
        .ok_or_else(|| cannot(format!("commit {at} does not name its tree")))?;
    Ok(repository.find_tree(tree)?)
}

/// The object id in an object's first line.
fn line(data: &[u8], name: &[u8]) -> Option<Oid> {
    let first = data.split(|byte| *byte == b'\n').next()?;
    Oid::from_str(str::from_utf8(first.strip_prefix(name)?).ok()?).ok()
}
