//! A real bare repository as the truth about refs.

use git2::{ErrorCode, ObjectType, Oid, Repository};
use std::collections::BTreeMap;
use std::path::Path;
use tminus::adapters::sim::{Author, State, TagRef};
use tminus::base::names::{Sha, TagName};

/// Takes the tags from the repository. A published release that lost its tag is a draft again.
pub(crate) fn take(path: &Path, state: &mut State) -> Result<(), git2::Error> {
    let repository = Repository::open_bare(path)?;
    let mut tags = BTreeMap::new();
    for reference in repository.references_glob("refs/tags/*")? {
        let reference = reference?;
        let Ok(name) = reference.name() else { continue };
        let short = name.trim_start_matches("refs/tags/").to_owned();
        let (Ok(tag), Some(object)) = (TagName::new(short), reference.target()) else { continue };
        let commit = reference.peel(ObjectType::Commit)?.id();
        let (Ok(object), Ok(commit)) = (Sha::new(object.to_string()), Sha::new(commit.to_string()))
        else {
            continue;
        };
        let message = message(&repository, &object);
        tags.insert(tag, TagRef { object, commit, message, by: Author::Us });
    }
    state.tags = tags;
    let lost: Vec<_> = state
        .releases
        .iter()
        .filter(|held| !held.release.draft)
        .filter(|held| !state.tags.keys().any(|tag| tag.as_str() == held.release.tag))
        .map(|held| held.release.id)
        .collect();
    for id in lost {
        if let Some(held) = state.find_mut(id) {
            held.release.draft = true;
            held.release.tag = format!("untagged-{id:020x}");
        }
    }
    Ok(())
}

/// Writes tags that publishing made.
pub(crate) fn give(path: &Path, state: &State) -> Result<(), git2::Error> {
    let repository = Repository::open_bare(path)?;
    for (tag, at) in &state.tags {
        let name = format!("refs/tags/{tag}");
        match repository.find_reference(&name) {
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::NotFound => {
                repository.reference(
                    &name,
                    Oid::from_str(at.object.as_str())?,
                    false,
                    "publish",
                )?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The commit that a branch or a full id names.
pub(crate) fn commit(path: &Path, target: &str) -> Option<Sha> {
    let repository = Repository::open_bare(path).ok()?;
    let id = match repository.find_reference(&format!("refs/heads/{target}")) {
        Ok(reference) => reference.peel(ObjectType::Commit).ok()?.id(),
        Err(_) => {
            let full = Sha::new(target).ok()?;
            repository.find_commit(Oid::from_str(full.as_str()).ok()?).ok()?.id()
        }
    };
    Sha::new(id.to_string()).ok()
}

/// The tree of a commit.
pub(crate) fn tree(path: &Path, commit: &Sha) -> Option<Sha> {
    let repository = Repository::open_bare(path).ok()?;
    let commit = repository.find_commit(Oid::from_str(commit.as_str()).ok()?).ok()?;
    Sha::new(commit.tree_id().to_string()).ok()
}

/// A commit and those before it.
pub(crate) fn history(path: &Path, from: &str) -> Result<Vec<Sha>, git2::Error> {
    let repository = Repository::open_bare(path)?;
    let mut walk = repository.revwalk()?;
    walk.push(Oid::from_str(from)?)?;
    let ids = walk.take(100).collect::<Result<Vec<_>, _>>()?;
    Ok(ids.into_iter().filter_map(|id| Sha::new(id.to_string()).ok()).collect())
}

fn message(repository: &Repository, object: &Sha) -> String {
    let id = Oid::from_str(object.as_str()).ok();
    let tag = id.and_then(|id| repository.find_tag(id).ok());
    let bytes = tag.as_ref().and_then(|tag| tag.message_bytes()).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

/// The email address of the committer, and whether the commit is signed.
pub(crate) fn signed(path: &Path, sha: &Sha) -> Option<(String, bool)> {
    let repository = Repository::open_bare(path).ok()?;
    let commit = repository.find_commit(Oid::from_str(sha.as_str()).ok()?).ok()?;
    let email = commit.committer().email().ok()?.to_owned();
    Some((email, commit.header_field_bytes("gpgsig").is_ok()))
}
