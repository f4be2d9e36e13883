//! Finds past releases, and evaluates each of them.

use super::past::Past;
use crate::base::names::{BranchName, Sha};
use crate::base::source::Source;
use crate::drive::observe::{ObserveError, ObserveRequest, Scope, observe, version_tags};
use crate::facts::Seen;
use crate::facts::{Request, VersionTag};
use crate::judge::gates::GateSelection;
use crate::judge::replay::{Replayed, judge, newest_first};
use crate::ports::{ReadPorts, RefAt, RepositoryError};
use crate::project::branches::{is_line, is_line_of};
use crate::project::manifest::{self, Kinds, Manifest};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How many commits of a branch are searched for a release.
const MAX_FIRST_PARENTS: usize = 5_000;

/// How much older than its parent a commit can seem to be, in seconds, because clocks differ.
const CLOCK_SKEW: i64 = 24 * 60 * 60;

/// The tags of a repository, each with the time of its commit. They are read once, no matter how
/// many manifests are tried.
pub struct PastReleases<'a> {
    read_ports: ReadPorts<'a>,
    kinds: Kinds,
    tags: Vec<(RefAt, i64)>,
    /// The heads of the branches.
    heads: BTreeMap<BranchName, Sha>,
    /// The default branch, from which most releases are made.
    default_branch: Option<BranchName>,
    /// When to stop checking releases.
    until: Option<Timestamp>,
}

impl<'a> PastReleases<'a> {
    /// Reads the tags. After `until`, no further release is checked, but at least one always is.
    ///
    /// # Errors
    /// When they or their commits cannot be read.
    pub fn read(
        read_ports: ReadPorts<'a>,
        kinds: Kinds,
        default_branch: Option<BranchName>,
        until: Option<Timestamp>,
    ) -> Result<Self, RepositoryError> {
        let mut times = BTreeMap::new();
        let mut tags = Vec::new();
        for tag in read_ports.repository.tags()? {
            let at = match times.get(&tag.commit) {
                Some(at) => *at,
                // A shallow clone has tags whose commits it lacks.
                None => match read_ports.repository.commit(&tag.commit) {
                    Ok(commit) => commit.committed_at,
                    Err(_) => continue,
                },
            };
            times.insert(tag.commit.clone(), at);
            tags.push((tag, at));
        }
        let heads = read_ports.repository.branches()?.heads;
        Ok(Self { read_ports, kinds, tags, heads, default_branch, until })
    }

    /// The last final releases by the manifest's tags, newest first.
    fn last(&self, manifest: &Manifest, last: usize) -> Vec<(VersionTag, i64)> {
        let refs: Vec<RefAt> = self.tags.iter().map(|(tag, _)| tag.clone()).collect();
        let times: BTreeMap<_, i64> =
            self.tags.iter().map(|(tag, at)| (&tag.commit, *at)).collect();
        let tags = version_tags(manifest, &[], &refs).versions.into_iter();
        let ours = |tag: &VersionTag| manifest.tag.value.version(tag.tag.as_str()).is_some();
        let finals = tags.filter(|tag| tag.version.is_final() && ours(tag));
        let dated = finals.filter_map(|tag| Some((tag.clone(), *times.get(&tag.commit)?)));
        newest_first(dated.collect()).into_iter().take(last).collect()
    }

    /// The tags that existed before a release was tagged: those of older commits.
    fn before(&self, manifest: &Manifest, release: &VersionTag, at: i64) -> Vec<RefAt> {
        let same = |tag: &RefAt| {
            let name = tag.name.strip_prefix("refs/tags/").unwrap_or(&tag.name);
            let version = manifest.tag.value.version(name);
            tag.commit == release.commit || version.as_ref() == Some(&release.version)
        };
        let older = self.tags.iter().filter(|(tag, then)| *then <= at && !same(tag));
        older.map(|(tag, _)| tag.clone()).collect()
    }

    /// The branch that a release was made from: the default branch, if it contains the commit;
    /// otherwise, one that is named like its release line, or like any line. A branch into which
    /// the release was merged later has the lowest priority. `None` if a commit that decides this
    /// cannot be read.
    fn branch(&self, release: &VersionTag, at: i64) -> Option<BranchName> {
        let default = self.default_branch.clone();
        let repository = self.read_ports.repository;
        let Ok(with) = repository.remote_branches_with(&release.commit) else { return default };
        let numbers = release.version.numbers();
        let is_default = |branch: &&BranchName| Some(*branch) == default.as_ref();
        let own = |branch: &&BranchName| is_line_of(branch.as_str(), numbers);
        let line = |branch: &&BranchName| is_line(branch.as_str());
        let usual = with.iter().filter(is_default);
        let usual = usual.chain(with.iter().filter(own)).chain(with.iter().filter(line));
        let usual: Vec<&BranchName> = usual.collect();
        if let several @ [_, _, ..] = usual.as_slice() {
            for branch in several {
                match self.is_made_on(branch, &release.commit, at) {
                    Some(true) => return Some((*branch).clone()),
                    Some(false) => {}
                    None => return None,
                }
            }
        }
        usual.first().copied().cloned().or(default)
    }

    /// Whether a commit is on the first-parent line of a branch; `None` if that cannot be read.
    fn is_made_on(&self, branch: &BranchName, commit: &Sha, at: i64) -> Option<bool> {
        let repository = self.read_ports.repository;
        let mut next = self.heads.get(branch).cloned();
        for _ in 0..MAX_FIRST_PARENTS {
            let Some(sha) = next else { return (!repository.shallow()).then_some(false) };
            if sha == *commit {
                return Some(true);
            }
            if repository.commit(&sha).ok()?.committed_at < at - CLOCK_SKEW {
                return Some(false);
            }
            next = repository.parents(&sha).ok()?.into_iter().next();
        }
        Some(false)
    }

    /// Reads a manifest.
    pub(super) fn manifest(&self, source: &Source) -> Result<Manifest, ObserveError> {
        manifest::read(source.clone(), &self.kinds)
            .map_err(|findings| ObserveError::Manifest { source_file: source.clone(), findings })
    }

    /// The branches that the last releases were made from, and the checked-out branch if it is
    /// named like a release line; without the default branch.
    pub(super) fn lines(&self, manifest: &Manifest, last: usize) -> Vec<String> {
        let head = self.read_ports.repository.head().ok().flatten().and_then(|head| head.branch);
        let head = head.filter(|branch| is_line(branch.as_str()));
        let releases = self.last(manifest, last);
        let cut = releases.iter().filter_map(|(release, at)| self.branch(release, *at));
        let lines = cut.chain(head).filter(|branch| Some(branch) != self.default_branch.as_ref());
        let lines: BTreeSet<BranchName> = lines.collect();
        lines.into_iter().map(|line| line.to_string()).collect()
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| self.read_ports.clock.now() >= until)
    }
}

/// Evaluates the last releases of a repository with a manifest, newest first.
///
/// # Errors
/// When the manifest is invalid, or a release cannot be read.
pub async fn replay(
    past: &PastReleases<'_>,
    source: &Source,
    last: usize,
) -> Result<Vec<Replayed>, ObserveError> {
    let manifest = past.manifest(source)?;
    let mut replayed = Vec::new();
    for (release, at) in past.last(&manifest, last) {
        if past.is_late() && !replayed.is_empty() {
            break;
        }
        let repository = Past {
            repository: past.read_ports.repository,
            commit: release.commit.clone(),
            branch: past.branch(&release, at),
            tags: past.before(&manifest, &release, at),
        };
        let read_ports = ReadPorts {
            repository: &repository,
            remote: None,
            forge: Err("past releases are checked without a forge"),
            ..past.read_ports
        };
        let depth = Scope::Check(GateSelection { offline: true, ..GateSelection::default() });
        let order = ObserveRequest {
            manifest: Some(source.clone()),
            request: Request {
                version: manifest.version.is_given().then(|| release.version.clone()),
                ..Request::default()
            },
            ..ObserveRequest::of_head(depth, past.kinds.clone(), manifest.forge.name)
        };
        let mut seen = observe(&read_ports, &order).await?;
        // A waiver is for a release that is to be made.
        seen.facts.waivers = Seen::not_asked();
        let judgment = judge(&seen.case(), &release);
        replayed.push(Replayed { release, at, judgment });
    }
    Ok(replayed)
}
