//! The tags of the local repository. If git stored the target of a tag object, the object is not
//! read.

use super::object;
use super::open::sha;
use crate::ports::{RefAt, RepositoryError};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The tags that the clone stores in separate files, whose peeled form is not stored; `None` if
/// their folder cannot be read.
fn loose_tags(repository: &git2::Repository) -> Option<HashSet<PathBuf>> {
    let top = repository.commondir();
    let (mut names, mut folders) = (HashSet::new(), vec![top.join("refs/tags")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            if entry.file_type().ok()?.is_dir() {
                folders.push(entry.path());
            } else {
                names.insert(entry.path().strip_prefix(top).ok()?.to_owned());
            }
        }
    }
    Some(names)
}

/// Whether `packed-refs` contains the target of every tag object.
fn packed_refs_are_peeled(repository: &git2::Repository) -> bool {
    use std::io::Read as _;
    let mut start = [0; 256];
    let read = std::fs::File::open(repository.commondir().join("packed-refs"))
        .and_then(|mut file| file.read(&mut start))
        .unwrap_or(0);
    let line = start.get(..read).unwrap_or(&[]).split(|byte| *byte == b'\n').next();
    line.is_some_and(|line| String::from_utf8_lossy(line).contains(" fully-peeled"))
}

/// All tags, with the commits that they point to.
pub(super) fn peeled(repository: &git2::Repository) -> Result<Vec<RefAt>, RepositoryError> {
    let loose = if packed_refs_are_peeled(repository) { loose_tags(repository) } else { None };
    // Only for packed tags is it known that they do not point to a tag object.
    let plain = |name: &str| loose.as_ref().is_some_and(|at| !at.contains(Path::new(name)));
    let mut tags = Vec::new();
    for reference in repository.references_glob("refs/tags/*")? {
        let reference = reference?;
        let (Ok(name), Some(object)) = (reference.name(), reference.target()) else { continue };
        let commit = match reference.target_peel() {
            Some(commit) => commit,
            None if plain(name) => object,
            None => object::peeled(repository, object)?,
        };
        tags.push(RefAt { name: name.into(), object: sha(object), commit: sha(commit) });
    }
    Ok(tags)
}
