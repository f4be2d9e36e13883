//! The file that contained the version before it was moved to where it is now.

use super::{MOST, Search};
use crate::base::version::Version;
use crate::project::infer::Moved;
use crate::project::sources;
use crate::project::tags::Dated;
use crate::project::versions::{self, FileState, Site, SiteError, Tree};

/// How many releases are checked, starting with the newest: releases of older lines may be among
/// them.
const RELEASES: usize = 8;

/// The maximum number of files of a release that are listed.
const FILES: usize = 100_000;

/// A tree whose files are read when they are needed.
struct Files<F>(F);

impl<F: Fn(&str) -> Option<String>> Tree for Files<F> {
    fn look(&self, path: &str) -> FileState<'_> {
        (self.0)(path).map_or(FileState::Absent, |text| FileState::Text(text.into()))
    }
}

impl Search<'_> {
    /// The file that contained the version at the newest release without the version file.
    pub(super) fn moved(&self, folder: &str, tags: &[Dated]) -> Option<Moved> {
        let sources = sources::choose(&self.places, self.tags, &self.known);
        let to = sources.files.first()?;
        let releases = self.releases(&sources, tags, RELEASES);
        let mut lacking = releases.iter().filter(|(tag, _)| self.at(tag, to).is_none());
        let (newest, version) = lacking.next()?;
        let commit = self.commits.get(*newest)?;
        let files = self.repository.below(commit, folder.trim_end_matches('/'), FILES).ok()?;
        let places = sources::places(&files, folder).into_iter().map(|(_, path)| path);
        let fits = |from: &String| self.replaces(to, from, (newest, version), &releases);
        let from = places.filter(|path| path != to).find(fits);
        from.map(|from| Moved { from, to: to.clone() })
    }

    /// Whether a file contained the version at the newest release without the version file, and
    /// contains no other version in commits that have both files.
    fn replaces(
        &self,
        to: &str,
        from: &str,
        (newest, version): (&str, &Version),
        releases: &[(&str, Version)],
    ) -> bool {
        let at = |tag: &str, path: &str| {
            site(path, |path: &str| self.at(tag, path)).map(|found| found.map(|it| it.version))
        };
        let both = releases.iter().filter(|(tag, _)| self.at(tag, to).is_some());
        let mut both = both.map(|(tag, _)| (at(tag, from), at(tag, to)));
        let text = |path: &str| self.repository.text(path, MOST);
        let now = |path: &str| site(path, text).map(|found| found.map(|it| it.version));
        at(newest, from) == Ok(Some(version.clone()))
            && both.all(|(from, to)| from == Ok(None) || from == to)
            && [Ok(None), now(to)].contains(&now(from))
    }
}

/// The version in a file; `None` if there is no such file, or no version in it.
fn site(path: &str, read: impl Fn(&str) -> Option<String>) -> Result<Option<Site>, SiteError> {
    let Some(text) = read(path) else { return Ok(None) };
    match versions::read_path(path, &text, &Files(read)) {
        Ok(site) => Ok(Some(site)),
        Err(SiteError::Missing { .. } | SiteError::Elsewhere { .. }) => Ok(None),
        Err(SiteError::Placeholder { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
