//! Reads the data that a new manifest is inferred from: the files that may contain the version or
//! be the changelog, now and at past releases. `project::sources` and `project::infer` make the
//! decisions.

mod former;

use crate::base::names::Sha;
use crate::base::version::Version;
use crate::facts::{FileAt, LARGEST_FILE};
use crate::ports::{RefAt, RepositoryError, WorkTree};
use crate::project::changelog::is_fragment;
use crate::project::infer::{
    Changelogs, OWNERS, ProposedPeople, RepositoryInfo, candidates, fragment_configs,
    fragment_folders, line_files, version_files,
};
use crate::project::manifest::PathTemplate;
use crate::project::sources::{self, Known, Sources, Wanted};
use crate::project::tags::Dated;
use crate::report::workflows::MARK;
use std::collections::BTreeMap;

/// The maximum depth of references from file to file.
const ROUNDS: usize = 12;

/// How many releases are used to find the changelog.
const RELEASES: usize = 5;

/// The maximum number of fragments that are counted.
const FRAGMENTS: usize = 1000;

/// The maximum size of a file that is read.
const MOST: usize = 1 << 20;

/// Reads the files and tags of a repository, relative to a folder in it: empty, or with a slash at
/// its end. The caller adds the remote and the default branch.
///
/// # Errors
/// When the repository cannot be read.
pub fn search(repository: &dyn WorkTree, folder: &str) -> Result<RepositoryInfo, RepositoryError> {
    let files = repository.files()?;
    let text = |path: &str| repository.text(path, MOST);
    let inside = |folder: &str| -> BTreeMap<String, String> {
        let names = files.iter().filter_map(|path| path.strip_prefix(folder));
        let names = names.filter(|name| !name.contains('/'));
        names
            .filter_map(|name| Some((name.to_owned(), text(&format!("{folder}{name}"))?)))
            .collect()
    };
    let folder = if sources::places(&files, folder).is_empty() { "" } else { folder };
    // A workflow that was written for another manifest does not show the project's checks.
    let mut workflows = inside(".github/workflows/");
    workflows.retain(|_, text| !text.starts_with(MARK));
    let refs = repository.tags()?;
    let commit = |tag: &'_ RefAt| {
        Some((tag.name.strip_prefix("refs/tags/")?.to_owned(), tag.commit.clone()))
    };
    let commits: BTreeMap<String, Sha> = refs.iter().filter_map(commit).collect();
    let dated = repository.dated(refs)?;
    let people = people(repository, &files, &dated);
    let dated = dated.into_iter();
    let tags = dated.filter_map(|(tag, at)| {
        let name = tag.name.strip_prefix("refs/tags/")?.to_owned();
        Some(Dated { name, at: at.unwrap_or(0) })
    });
    let tags: Vec<Dated> = tags.collect();
    let names: Vec<String> = tags.iter().map(|tag| tag.name.clone()).collect();
    let mut search = Search {
        repository,
        commits,
        tags: &names,
        places: sources::places(&files, folder),
        known: Known::default(),
    };
    search.run()?;
    let moved = search.moved(folder, &tags);
    let changelogs = search.changelogs(&files, folder, &tags);
    let Search { places, known, .. } = search;
    Ok(RepositoryInfo {
        changelogs,
        moved,
        places,
        known,
        folder: folder.to_owned(),
        tags,
        is_shallow: repository.shallow(),
        people,
        workflows,
        files,
        ..RepositoryInfo::default()
    })
}

/// The owners of the code or, without any, the people who made the last releases.
fn people(
    repository: &dyn WorkTree,
    files: &[String],
    tags: &[(RefAt, Option<i64>)],
) -> ProposedPeople {
    let exists = |path: &&str| files.iter().any(|file| file == path);
    if let Some(path) = OWNERS.into_iter().find(exists)
        && let Some(text) = repository.text(path, MOST)
    {
        return ProposedPeople::of_owners(path, &text);
    }
    let mut newest: Vec<&(RefAt, Option<i64>)> = tags.iter().collect();
    newest.sort_by(|(one, a), (other, b)| (b, &other.name).cmp(&(a, &one.name)));
    let newest = newest.into_iter().take(RELEASES);
    let addresses: Vec<String> = newest.flat_map(|(tag, _)| repository.addresses(tag)).collect();
    ProposedPeople::of_addresses(&addresses)
}

/// The files that may contain the version, and their content in the working tree and at past
/// releases.
struct Search<'r> {
    repository: &'r dyn WorkTree,
    commits: BTreeMap<String, Sha>,
    tags: &'r [String],
    places: Vec<(usize, String)>,
    known: Known,
}

impl Search<'_> {
    /// Searches the usual places. If no file there changed with the releases, searches for files
    /// that contain the version of the newest release.
    fn run(&mut self) -> Result<(), RepositoryError> {
        self.read();
        if sources::choose(&self.places, self.tags, &self.known).prefix.is_some() {
            return Ok(());
        }
        let mut said = Vec::new();
        for (tag, version) in sources::newest(self.tags) {
            if let Some(commit) = self.commits.get(&tag) {
                said.extend(self.repository.files_containing(commit, &version)?);
            }
        }
        let more = sources::in_unusual_places(said, &self.places);
        if !more.is_empty() {
            self.places.extend(more);
            self.read();
        }
        Ok(())
    }

    fn read(&mut self) {
        for _ in 0..ROUNDS {
            let wanted = sources::wanted(&self.places, self.tags, &self.known);
            if wanted.is_empty() {
                return;
            }
            for Wanted { tag, path } in wanted {
                let text = match &tag {
                    None => self.repository.text(&path, MOST),
                    Some(tag) => self.at(tag, &path),
                };
                match tag {
                    None => self.known.now.insert(path, text),
                    Some(tag) => self.known.past.entry(tag).or_default().insert(path, text),
                };
            }
        }
    }

    /// The content of the files that may be the changelog, now and at the last releases.
    fn changelogs(&self, all: &[String], folder: &str, tags: &[Dated]) -> Changelogs {
        let sources = sources::choose(&self.places, self.tags, &self.known);
        let files = &candidates(all, folder, &sources);
        let now = |path: &String| {
            let text = self.repository.text(path, LARGEST_FILE);
            text.or_else(|| self.readable(&self.repository.head().ok()??.commit, path))
        };
        let text = |path: &String| Some((path.clone(), now(path)?));
        let releases = self.releases(&sources, tags, RELEASES);
        let versions: Vec<Version> =
            releases.iter().map(|(_, it)| it.clone()).chain(sources.version.clone()).collect();
        let of_versions: Vec<PathTemplate> = line_files(all, &versions)
            .into_iter()
            .chain(version_files(all, &versions))
            .map(PathTemplate::new)
            .collect();
        let past = releases.iter().map(|(tag, version)| {
            let text =
                |path: String| Some((path.clone(), self.readable(self.commits.get(*tag)?, &path)?));
            let own = of_versions.iter().filter_map(|it| it.path(Some(version)));
            (version.clone(), files.iter().cloned().chain(own).filter_map(text).collect())
        });
        let configs: BTreeMap<String, String> =
            fragment_configs(all, folder).iter().filter_map(text).collect();
        let folders = fragment_folders(all, folder, &configs).into_iter().map(|it| it.folder);
        let left = folders.map(|folder| {
            let left = releases.iter().filter_map(|(tag, _)| self.fragments(tag, &folder));
            (folder.clone(), left.collect())
        });
        Changelogs {
            past: past.collect(),
            now: files.iter().filter_map(text).collect(),
            left: left.collect(),
            configs,
        }
    }

    /// The last releases of the package, the newest first.
    fn releases<'t>(
        &self,
        sources: &Sources,
        tags: &'t [Dated],
        most: usize,
    ) -> Vec<(&'t str, Version)> {
        let newest = || {
            let newest = sources::newest(self.tags).into_iter().next();
            newest.and_then(|(tag, _)| sources::prefix(&tag).map(str::to_owned))
        };
        let prefix = sources.prefix.clone().or_else(newest).unwrap_or_default();
        let of = |tag: &'t Dated| {
            Some((tag.at, tag.name.as_str(), sources::release(&tag.name, &prefix)?))
        };
        let mut releases: Vec<(i64, &str, Version)> = tags.iter().filter_map(of).collect();
        releases.sort_by(|one, other| (other.0, &other.2).cmp(&(one.0, &one.2)));
        releases.truncate(most);
        releases.into_iter().map(|(_, tag, version)| (tag, version)).collect()
    }

    /// How many fragments were left at a release.
    fn fragments(&self, tag: &str, folder: &str) -> Option<usize> {
        let files = self.repository.below(self.commits.get(tag)?, folder, FRAGMENTS).ok()?;
        Some(files.iter().filter(|path| is_fragment(folder, path)).count())
    }

    fn at(&self, tag: &str, path: &str) -> Option<String> {
        text_of(self.repository.file(self.commits.get(tag)?, path))
    }

    fn readable(&self, commit: &Sha, path: &str) -> Option<String> {
        text_of(self.repository.readable(commit, path))
    }
}

fn text_of(file: Result<FileAt, RepositoryError>) -> Option<String> {
    match file {
        Ok(FileAt::Text(text)) => Some(text),
        Ok(FileAt::Absent | FileAt::Binary | FileAt::TooLarge { .. }) | Err(_) => None,
    }
}
