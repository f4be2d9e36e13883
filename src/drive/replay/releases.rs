//! Which releases there were, and each judged again.

use super::past::Past;
use crate::base::names::BranchName;
use crate::base::source::Source;
use crate::drive::observe::{ObserveError, ObserveRequest, Scope, observe, version_tags};
use crate::facts::{Request, VersionTag};
use crate::judge::gates::Asking;
use crate::judge::replay::{Replayed, judge, newest_first};
use crate::planner::steps::kinds;
use crate::ports::{Eyes, RefAt, RepositoryError};
use crate::project::manifest::{self, Manifest};
use std::collections::{BTreeMap, BTreeSet};

/// The tags of a repository, each with the time of its commit. It is read once, however many
/// manifests are tried.
pub struct PastReleases<'a> {
    eyes: Eyes<'a>,
    tags: Vec<(RefAt, i64)>,
    /// The branches whose names releases are cut from, the default branch first.
    default_branch: Option<BranchName>,
}

impl<'a> PastReleases<'a> {
    /// Reads the tags.
    ///
    /// # Errors
    /// When they or their commits cannot be read.
    pub fn read(
        eyes: Eyes<'a>,
        default_branch: Option<BranchName>,
    ) -> Result<Self, RepositoryError> {
        let mut times = BTreeMap::new();
        let mut tags = Vec::new();
        for tag in eyes.repository.tags()? {
            let at = match times.get(&tag.commit) {
                Some(at) => *at,
                // A shallow clone has tags whose commits it lacks.
                None => match eyes.repository.commit(&tag.commit) {
                    Ok(commit) => commit.committed_at,
                    Err(_) => continue,
                },
            };
            times.insert(tag.commit.clone(), at);
            tags.push((tag, at));
        }
        Ok(Self { eyes, tags, default_branch })
    }

    /// The last final releases by the manifest's tags, newest first.
    fn last(&self, manifest: &Manifest, last: usize) -> Vec<(VersionTag, i64)> {
        let refs: Vec<RefAt> = self.tags.iter().map(|(tag, _)| tag.clone()).collect();
        let times: BTreeMap<_, i64> =
            self.tags.iter().map(|(tag, at)| (&tag.commit, *at)).collect();
        let tags = version_tags(manifest, &refs).into_iter();
        let finals = tags.filter(|tag| tag.version.is_final());
        let dated = finals.filter_map(|tag| Some((tag.clone(), *times.get(&tag.commit)?)));
        newest_first(dated.collect()).into_iter().take(last).collect()
    }

    /// The tags that existed when a release was about to be tagged: those of older commits.
    fn before(&self, manifest: &Manifest, release: &VersionTag, at: i64) -> Vec<RefAt> {
        let same = |tag: &RefAt| {
            let name = tag.name.strip_prefix("refs/tags/").unwrap_or(&tag.name);
            let version = manifest.tag.value.version(name);
            tag.commit == release.commit || version.as_ref() == Some(&release.version)
        };
        let older = self.tags.iter().filter(|(tag, then)| *then <= at && !same(tag));
        older.map(|(tag, _)| tag.clone()).collect()
    }

    /// The branch that a release was cut from: the default branch, if that has the commit.
    fn branch(&self, release: &VersionTag) -> Option<BranchName> {
        let repository = self.eyes.repository;
        let with = repository.remote_branches_with(&release.commit).ok()?;
        let with: BTreeSet<BranchName> = with.into_iter().collect();
        let default = self.default_branch.clone();
        match default.filter(|branch| with.is_empty() || with.contains(branch)) {
            Some(branch) => Some(branch),
            None => with.into_iter().next(),
        }
    }
}

/// Judges the last releases of a repository by a manifest, newest first.
///
/// # Errors
/// When the manifest is wrong, or a release cannot be read.
pub async fn replay(
    past: &PastReleases<'_>,
    source: &Source,
    last: usize,
) -> Result<Vec<Replayed>, ObserveError> {
    let manifest = manifest::read(source.clone(), &kinds())
        .map_err(|findings| ObserveError::Manifest { source_file: source.clone(), findings })?;
    let mut replayed = Vec::new();
    for (release, at) in past.last(&manifest, last) {
        let repository = Past {
            repository: past.eyes.repository,
            commit: release.commit.clone(),
            branch: past.branch(&release),
            tags: past.before(&manifest, &release, at),
        };
        let eyes = Eyes {
            repository: &repository,
            remote: None,
            forge: Err("past releases are judged without a forge"),
            ..past.eyes
        };
        let order = ObserveRequest {
            commit: None,
            branch: None,
            event_branch: None,
            event_tag: None,
            manifest: Some(source.clone()),
            name: String::new(),
            request: Request {
                version: manifest.version.is_given().then(|| release.version.clone()),
                expect_release: false,
            },
            own_run: None,
            fetch: false,
            merging: None,
            depth: Scope::Check(Asking { offline: true, ..Asking::default() }),
        };
        let seen = observe(&eyes, &order).await?;
        let judgment = judge(&seen.case(), &release);
        replayed.push(Replayed { release, at, judgment });
    }
    Ok(replayed)
}
