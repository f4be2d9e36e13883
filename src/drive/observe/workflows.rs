//! The workflow files at the commit, and the pushed change: they can explain why a check is
//! missing.

use super::unseen::unseen;
use crate::base::names::Sha;
use crate::base::number::grouped;
use crate::base::source::Source;
use crate::facts::{Facts, FileAt, Seen};
use crate::ports::{Repository, RepositoryError};
use crate::project::manifest::yaml::MAX_BYTES;
use crate::project::workflow::{FOLDER, MAX_CHANGED, MAX_PUSHED, Workflow};

/// The maximum number of workflow files that are read.
const MAX_FILES: usize = 100;

/// All workflow files, or none: a file that was not read could report any check.
pub(super) fn workflow_files(repository: &dyn Repository, commit: &Sha) -> Seen<Vec<Source>> {
    let mut names = match repository.folder(commit, FOLDER) {
        Ok(names) => names,
        Err(error) => return unseen(error),
    };
    names.retain(|name| name.ends_with(".yml") || name.ends_with(".yaml"));
    if names.len() > MAX_FILES {
        return Seen::unseen(format!("`{FOLDER}` has more than {MAX_FILES} files"));
    }
    let read = |name: String| workflow_file(repository, commit, format!("{FOLDER}/{name}"));
    match names.into_iter().map(read).collect() {
        Ok(files) => Seen::Known(files),
        Err(error) => unseen(error),
    }
}

fn workflow_file(
    repository: &dyn Repository,
    commit: &Sha,
    name: String,
) -> Result<Source, RepositoryError> {
    let too_large = |bytes: u64| {
        format!("is too large: {} bytes (limit: {})", grouped(bytes), grouped(MAX_BYTES))
    };
    let why = match repository.file(commit, &name)? {
        FileAt::Text(text) if text.len() <= MAX_BYTES => return Ok(Source { name, text }),
        FileAt::Text(text) => too_large(text.len() as u64),
        FileAt::TooLarge { bytes } => too_large(bytes),
        FileAt::Binary => "is not UTF-8 text".into(),
        FileAt::Absent => "does not exist".into(),
    };
    Err(RepositoryError { why: format!("`{name}` {why}"), help: None })
}

/// Whether a path filter in any of them depends on the pushed files.
pub(super) fn some_filters(facts: &Facts) -> bool {
    let files = facts.workflows.known().map_or(&[][..], Vec::as_slice);
    files.iter().filter_map(Workflow::read).any(|workflow| workflow.filters_paths())
}

/// The files that the push changed.
pub(super) fn changed(repository: &dyn Repository, facts: &Facts) -> Seen<Vec<String>> {
    let before = match facts.push.known() {
        Ok(Some(push)) => push.before.as_ref(),
        Ok(None) => return Seen::unseen("there is no record of the push that added the commit"),
        Err(why) => return Seen::Unseen(why.clone()),
    };
    let Some(before) = before else {
        return Seen::unseen(
            "the push created the branch, so tminus cannot determine what it changed",
        );
    };
    // For larger pushes, the file names do not determine what GitHub does.
    let (files, commits) = (
        repository.changed(before, &facts.commit.sha, MAX_CHANGED),
        repository.ahead(before, &facts.commit.sha, MAX_PUSHED),
    );
    match (files, commits) {
        (Err(error), _) | (_, Err(error)) => unseen(error),
        (Ok(paths), _) if paths.len() > MAX_CHANGED => {
            Seen::unseen(format!("the push changed more than {} files", grouped(MAX_CHANGED)))
        }
        (_, Ok(count)) if count > MAX_PUSHED => {
            Seen::unseen(format!("more than {} commits were pushed at once", grouped(MAX_PUSHED)))
        }
        (Ok(paths), Ok(_)) => Seen::Known(paths),
    }
}
