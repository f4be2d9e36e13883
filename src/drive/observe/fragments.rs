//! Fragments, and changelog files for a single version.

use super::unseen::unseen;
use crate::base::names::Sha;
use crate::base::number::grouped;
use crate::facts::{ChangedFile, FileAt, Seen};
use crate::ports::{Repository, RepositoryError};
use crate::project::changelog::is_fragment;
use crate::project::manifest::{ChangelogStyle, Manifest};

/// The maximum number of fragments that are read.
const MOST: usize = 5000;

/// The maximum number of files that a merge can change.
const MOST_CHANGED: usize = 20_000;

/// The fragments of a commit.
pub(super) fn fragments(
    repository: &dyn Repository,
    manifest: &Manifest,
    sha: &Sha,
) -> Seen<Vec<String>> {
    if manifest.changelog.style != ChangelogStyle::Fragments {
        return Seen::not_asked();
    }
    let folder = &manifest.changelog.fragments;
    match repository.below(sha, folder.trim_end_matches('/'), MOST) {
        Ok(files) if files.len() > MOST => {
            Seen::unseen(format!("`{folder}` has more than {} files", grouped(MOST)))
        }
        Ok(mut files) => {
            files.retain(|path| is_fragment(folder, path));
            Seen::Known(files)
        }
        Err(error) => unseen(error),
    }
}

/// Fragments and changelog files for a single version that differ between two commits.
pub(super) fn changed(
    repository: &dyn Repository,
    manifest: &Manifest,
    (from, to): (&Sha, &Sha),
) -> Seen<Vec<ChangedFile>> {
    let rules = &manifest.changelog;
    let has_fragments = rules.style == ChangelogStyle::Fragments;
    let has_files = rules.style.has_file() && rules.file.is_of_one_version();
    if !has_fragments && !has_files {
        return Seen::not_asked();
    }
    let wanted = |path: &String| {
        has_fragments && is_fragment(&rules.fragments, path)
            || has_files && rules.file.version(path).is_some()
    };
    let read = |path: String| -> Result<ChangedFile, RepositoryError> {
        let (before, after) = (repository.file(from, &path)?, repository.file(to, &path)?);
        Ok(ChangedFile { path, before, after })
    };
    match repository.changed(from, to, MOST_CHANGED) {
        Ok(paths) if paths.len() > MOST_CHANGED => {
            Seen::unseen(format!("the merge changes more than {} files", grouped(MOST_CHANGED)))
        }
        Ok(paths) => {
            let files: Result<Vec<ChangedFile>, _> =
                paths.into_iter().filter(wanted).map(read).collect();
            files.map_or_else(unseen, |mut files| {
                // A folder or a link counts as absent in a commit.
                files.retain(|file| file.before != FileAt::Absent || file.after != FileAt::Absent);
                Seen::Known(files)
            })
        }
        Err(error) => unseen(error),
    }
}
