//! Which commits belong to the package that is released, where a repository holds several.

use super::unseen::unseen;
use crate::base::names::Sha;
use crate::facts::{FileAt, History, Seen};
use crate::judge::target::Target;
use crate::ports::{RefAt, Repository};
use crate::project::commits::Commit;
use crate::project::manifest::Manifest;
use crate::project::versions::{beside, package_folder, package_in};
use std::collections::BTreeSet;

/// How many other names in tags are looked for as packages.
const NAMES: usize = 50;

/// The folder of the package: its manifest lies in one, and tags name packages. Without such a tag the
/// repository is released as a whole, wherever the version is kept.
pub(super) fn folder(
    repository: &dyn Repository,
    manifest: &Manifest,
    target: &Target,
    sha: &Sha,
    refs: &[RefAt],
) -> Option<String> {
    let files: Vec<&str> =
        manifest.version.files.iter().map(|file| file.path.value.as_str()).collect();
    let (folder, file) = package_folder(&files)?;
    if package_in(target.tag.as_str()).is_some() {
        return Some(folder);
    }
    let tags = refs.iter().filter_map(|at| at.name.strip_prefix("refs/tags/"));
    let others: BTreeSet<&str> = tags.filter_map(package_in).collect();
    let is_package = |name: &&str| {
        let path = beside(&folder, &file, name);
        !files.contains(&path.as_str())
            && matches!(repository.file(sha, &path), Ok(FileAt::Text(_)))
    };
    others.iter().take(NAMES).any(is_package).then_some(folder)
}

/// Marks the commits of a history that change nothing in a folder.
pub(super) fn mark_history(
    repository: &dyn Repository,
    folder: Option<&str>,
    seen: Seen<History>,
) -> Seen<History> {
    match seen {
        Seen::Known(mut history) => {
            match mark(repository, folder, Seen::Known(std::mem::take(&mut history.since))) {
                Seen::Known(since) => Seen::Known(History { since, ..history }),
                Seen::Unseen(unseen) => Seen::Unseen(unseen),
            }
        }
        Seen::Unseen(unseen) => Seen::Unseen(unseen),
    }
}

/// Marks the commits that change nothing in a folder.
pub(super) fn mark(
    repository: &dyn Repository,
    folder: Option<&str>,
    seen: Seen<Vec<Commit>>,
) -> Seen<Vec<Commit>> {
    let (Some(folder), Seen::Known(mut commits)) = (folder, seen.clone()) else { return seen };
    let ids: Vec<Sha> = commits.iter().map(|commit| commit.sha.clone()).collect();
    match repository.touching(&ids, folder) {
        Ok(touching) => {
            for (commit, touches) in commits.iter_mut().zip(touching) {
                commit.elsewhere = !touches;
            }
            Seen::Known(commits)
        }
        Err(error) => unseen(error),
    }
}
