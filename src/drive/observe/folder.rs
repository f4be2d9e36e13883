//! Finds the commits of the released package, if a repository contains several packages.

use super::unseen::unseen;
use crate::base::names::Sha;
use crate::facts::{Facts, FileAt, Seen};
use crate::judge::target::Target;
use crate::ports::{RefAt, Repository, RepositoryError};
use crate::project::commits::Commit;
use crate::project::manifest::Manifest;
use crate::project::versions::{beside, package_folder, package_in};
use std::collections::BTreeSet;

/// The maximum number of other names in tags that are checked for being packages.
const NAMES: usize = 50;

/// The folder of the package, if its manifest is in a subfolder and tags contain package names.
/// Without such a tag, the whole repository is released, wherever the version file is.
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

/// Marks the commits that change nothing in a folder, in all parts of the facts that contain
/// commits.
pub(super) fn mark(repository: &dyn Repository, folder: &str, facts: &mut Facts) {
    if let Seen::Known(history) = &mut facts.history
        && let Err(error) = mark_each(repository, folder, &mut history.since)
    {
        facts.history = unseen(error);
    }
    let merge = facts.merge.as_mut().map(|merge| &mut merge.commits);
    for seen in [Some(&mut facts.after), merge].into_iter().flatten() {
        if let Seen::Known(commits) = seen
            && let Err(error) = mark_each(repository, folder, commits)
        {
            *seen = unseen(error);
        }
    }
}

fn mark_each(
    repository: &dyn Repository,
    folder: &str,
    commits: &mut [Commit],
) -> Result<(), RepositoryError> {
    let ids: Vec<Sha> = commits.iter().map(|commit| commit.sha.clone()).collect();
    let touching = repository.touching(&ids, folder)?;
    for (commit, touches) in commits.iter_mut().zip(touching) {
        commit.elsewhere = !touches;
    }
    Ok(())
}
