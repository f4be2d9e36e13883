//! The files of a commit that contain the version and the notes.

use super::unseen::{from_port, unseen};
use crate::base::names::Sha;
use crate::base::version::Version;
use crate::facts::{Behind, FileAt, Seen, Unseen, VersionTag};
use crate::judge::case::MOST_BEHIND;
use crate::judge::target::{self, Fetched, Files, NoTarget, Target};
use crate::ports::{ReadPorts, Repository};
use crate::project::manifest::{Manifest, VersionSource};
use crate::project::versions::{self, SiteError};
use std::collections::BTreeMap;

/// The changelog and the version files at a commit, and the files that they refer to.
pub(super) fn files(repository: &dyn Repository, manifest: &Manifest, sha: &Sha) -> Files {
    let read = |path: &str| match repository.file(sha, path) {
        Ok(file) => Seen::Known(file),
        Err(error) => unseen(error),
    };
    let mut files = Files::new();
    if let Some(path) = manifest.changelog.file.fixed() {
        let text = repository.readable(sha, path).map_or_else(unseen, Seen::Known);
        files.insert(path.to_owned(), text);
    }
    for source in &manifest.version.files {
        let former = source.before();
        for source in std::iter::once(source).chain(&former) {
            let path = &source.path.value;
            files.entry(path.clone()).or_insert_with(|| read(path));
            while let Some(path) = next_file(source, &files) {
                let seen = read(&path);
                files.insert(path, seen);
            }
        }
    }
    files
}

/// The changelog of the version to release, if its path depends on the version.
pub(super) fn changelog(
    repository: &dyn Repository,
    manifest: &Manifest,
    target: Option<&Target>,
    sha: &Sha,
) -> Option<(String, Seen<FileAt>)> {
    let template = Some(&manifest.changelog.file).filter(|file| file.fixed().is_none())?;
    let path = template.path(target.map(|target| &target.version))?;
    let file = repository.readable(sha, &path).map_or_else(unseen, Seen::Known);
    Some((path, file))
}

/// The calendars of the schedule.
pub(super) fn calendars(repository: &dyn Repository, manifest: &Manifest, sha: &Sha) -> Files {
    let all = manifest.schedule.iter().flat_map(|schedule| &schedule.calendars);
    let paths = all.filter(|file| file.elsewhere.is_none()).map(|file| &file.path.value);
    let read = |path: &str| repository.file(sha, path).map_or_else(unseen, Seen::Known);
    paths.map(|path| (path.clone(), read(path))).collect()
}

/// The calendars of the schedule that are in other repositories, each at its commit.
pub(super) async fn calendars_elsewhere(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
) -> BTreeMap<String, Seen<FileAt>> {
    let mut found = BTreeMap::new();
    for file in manifest.schedule.iter().flat_map(|schedule| &schedule.calendars) {
        let Some((slug, commit)) = &file.elsewhere else { continue };
        let seen = match read_ports.forge {
            Err(why) => Seen::unseen(why),
            Ok(forge) => match forge.file_elsewhere(slug, commit, &file.path.value).await {
                Ok(read) => Seen::Known(read),
                Err(error) => from_port(&error),
            },
        };
        found.insert(file.name(), seen);
    }
    found
}

/// The next file that a version file refers to, or that may be its lock file, and that was not
/// fetched yet.
fn next_file(source: &VersionSource, files: &Files) -> Option<String> {
    let Some(Seen::Known(FileAt::Text(text))) = files.get(&source.path.value) else { return None };
    let tree = Fetched(files);
    let read =
        versions::read(source, text, &tree).and_then(|site| versions::locked(source, &site, &tree));
    match read {
        Err(SiteError::Unread { path, why: None }) if !files.contains_key(&path) => Some(path),
        Ok(_) | Err(_) => None,
    }
}

/// The version in the first version file at a commit.
pub(super) fn carried(
    repository: &dyn Repository,
    manifest: &Manifest,
    sha: &Sha,
) -> Option<Version> {
    let source = manifest.version.files.first()?;
    Some(target::site(source, &files(repository, manifest, sha)).ok()?.version)
}

/// How many releases are checked for an outdated version file.
const LAST: usize = 5;

/// The newest releases whose first version file has a lower version than their tag.
///
/// # Errors
/// When the files that determine this cannot be read. A partial clone lacks the files of older
/// commits; these are ignored.
pub(super) fn behind(
    repository: &dyn Repository,
    manifest: &Manifest,
    tags: &[VersionTag],
) -> Result<Vec<Behind>, Unseen> {
    let Some(source) = manifest.version.files.first() else { return Ok(Vec::new()) };
    let (mut behind, mut unread) = (Vec::new(), Vec::new());
    for tag in tags.iter().filter(|tag| tag.version.is_final()).take(LAST) {
        match target::site(source, &files(repository, manifest, &tag.commit)) {
            Ok(site) if site.version.cmp_precedence(&tag.version).is_lt() => {
                behind.push(Behind { tag: tag.tag.clone(), file: site.version });
            }
            Err(NoTarget::Unseen { what, unseen }) => {
                let why = format!("{what} at `{}`: {}", tag.tag, unseen.why);
                unread.push(Unseen { why, ..unseen });
            }
            // The file did not exist yet, or had no version.
            Ok(_) | Err(NoTarget::Wrong(_) | NoTarget::NotGiven | NoTarget::NotSet { .. }) => {}
        }
    }
    let open = behind.len() < MOST_BEHIND && behind.len() + unread.len() >= MOST_BEHIND;
    match unread.into_iter().next().filter(|_| open && !repository.is_partial()) {
        Some(unseen) => Err(unseen),
        None => Ok(behind),
    }
}
