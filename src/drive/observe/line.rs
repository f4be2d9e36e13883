//! The previous release: its tag, and the commits since then.

use super::unseen::unseen;
use crate::base::names::{Sha, TagName};
use crate::base::version::Version;
use crate::facts::{History, Seen, VersionTag};
use crate::ports::{Lacking, RefAt, Repository, RepositoryError};
use crate::project::manifest::Manifest;
use crate::project::tags;
use std::collections::{BTreeMap, BTreeSet};

/// How many of the highest tags are checked for being on an unmerged release branch.
const MAX_ASIDE: usize = 3;
/// The maximum number of commits on a release branch. A branch with more commits is a separate
/// release line.
const MAX_OWN: usize = 30;

/// The tags of the package.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tags {
    /// Those that contain versions, highest first.
    pub(crate) versions: Vec<VersionTag>,
    /// If there are none, those that look like versions in a format that tminus does not read.
    pub(crate) strange: Vec<TagName>,
}

impl Tags {
    /// Removes one tag.
    pub(super) fn without(mut self, tag: &TagName) -> Self {
        self.versions.retain(|other| other.tag != *tag);
        self
    }
}

/// The tags of a package, among all refs.
pub(crate) fn version_tags(manifest: &Manifest, names: &[String], refs: &[RefAt]) -> Tags {
    let at: BTreeMap<&str, &Sha> = refs
        .iter()
        .filter_map(|at| Some((at.name.strip_prefix("refs/tags/")?, &at.commit)))
        .collect();
    let template = match names.first() {
        Some(name) => manifest.tag.value.with_name(name),
        None => manifest.tag.value.clone(),
    };
    let stays = |tag: &&str| !manifest.is_moving(tag, names.first());
    let scheme = manifest.version.scheme.as_ref().map(|scheme| scheme.value);
    let reading = tags::read(&template, scheme, names, at.keys().copied().filter(stays));
    let version = |(name, version): (&str, Version)| {
        let commit = (*at.get(name)?).clone();
        Some(VersionTag { tag: TagName::new(name).ok()?, version, commit })
    };
    let mut versions: Vec<_> = reading.versions.into_iter().filter_map(version).collect();
    versions.sort_by(|a, b| b.version.cmp(&a.version));
    let strange = reading.strange.into_iter().filter_map(|name| TagName::new(name).ok()).collect();
    Tags { versions, strange }
}

/// The history of a commit. If the version is known, of the release of that version.
pub(super) fn history(
    repository: &dyn Repository,
    sha: &Sha,
    tags: &Tags,
    version: Option<&Version>,
) -> Seen<History> {
    let read = match version {
        Some(version) => below(repository, sha, &tags.versions, version),
        None => newest(repository, sha, &tags.versions),
    };
    match read {
        Ok(seen) => seen.map(|history| History { strange: tags.strange.clone(), ..history }),
        Err(error) => unseen(error),
    }
}

/// The release before a version: the greatest lower version, no matter where its tag is.
fn below(
    repository: &dyn Repository,
    sha: &Sha,
    tags: &[VersionTag],
    version: &Version,
) -> Result<Seen<History>, RepositoryError> {
    let above: Vec<VersionTag> =
        tags.iter().filter(|tag| forbids(&tag.version, version)).cloned().collect();
    let higher = match above.is_empty() {
        true => None,
        false => match repository.merged(sha, above)? {
            Seen::Known(higher) => higher,
            Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
        },
    };
    let lower: Vec<VersionTag> =
        tags.iter().filter(|tag| tag.version.cmp_precedence(version).is_lt()).cloned().collect();
    let last = higher.or_else(|| lower.first().cloned());
    let Some(base) = lower.iter().find(|tag| tag.version.is_final()).cloned() else {
        let seen = repository.history(sha, Vec::new())?;
        return Ok(seen.map(|history| History { tags: tags.to_vec(), last, ..history }));
    };
    let lacking = match repository.lacking(&base.commit, sha) {
        // The clone does not have its commit: use the history that the clone has.
        Err(_) => {
            let seen = repository.history(sha, lower)?;
            return Ok(seen.map(|history| History { tags: tags.to_vec(), last, ..history }));
        }
        Ok(lacking) => lacking,
    };
    Ok(lacking.map(|lacking| counted(tags, last, base, lacking)))
}

/// Whether a release prevents its descendants from releasing a lower version: final versions are
/// compared with final ones, and a pre-release also with those of the same version.
fn forbids(out: &Version, version: &Version) -> bool {
    let same = !version.is_final() && out.released() == version.released();
    out.cmp_precedence(version).is_gt() && (out.is_final() || same)
}

/// The newest release: one that was cut after the last one on a separate branch or, if there is none,
/// the highest one among the ancestors of the commit.
fn newest(
    repository: &dyn Repository,
    sha: &Sha,
    tags: &[VersionTag],
) -> Result<Seen<History>, RepositoryError> {
    // If a shallow clone lacks commits, only the search can determine this.
    if repository.shallow()
        && let Seen::Unseen(unseen) = repository.merged(sha, tags.to_vec())?
    {
        return Ok(Seen::Unseen(unseen));
    }
    // The search may read all commits. A short branch is found after a few.
    for tag in tags.iter().filter(|tag| tag.version.is_final()).take(MAX_ASIDE) {
        match place(repository, sha, tags, tag).unwrap_or(Place::Elsewhere) {
            Place::Merged => break,
            Place::Elsewhere => {}
            Place::UnmergedBranch => return beside(repository, sha, tags, tag),
        }
    }
    repository.history(sha, tags.to_vec())
}

/// The position of a release relative to a commit.
enum Place {
    /// The commit descends from it.
    Merged,
    /// It was cut after the last release among the ancestors of the commit, on a short branch that was
    /// not merged.
    UnmergedBranch,
    Elsewhere,
}

fn place(
    repository: &dyn Repository,
    sha: &Sha,
    tags: &[VersionTag],
    tag: &VersionTag,
) -> Result<Place, RepositoryError> {
    let own = repository.ahead(sha, &tag.commit, MAX_OWN)?;
    if own == 0 {
        return Ok(Place::Merged);
    }
    if own > MAX_OWN || repository.is_ancestor(sha, &tag.commit)? {
        return Ok(Place::Elsewhere);
    }
    let Seen::Known(apart) = repository.between(&tag.commit, sha)? else {
        return Ok(Place::UnmergedBranch);
    };
    let apart: BTreeSet<&Sha> = apart.iter().map(|commit| &commit.sha).collect();
    let lower = |other: &&VersionTag| other.version.is_final() && other.version <= tag.version;
    let lower = tags.iter().filter(lower).filter(|other| other.tag != tag.tag);
    let Some(rival) = lower.clone().find(|other| apart.contains(&other.commit)) else {
        return Ok(Place::UnmergedBranch);
    };
    // It is the last one, unless a higher one was made before the branch.
    let higher = lower.filter(|other| other.version > rival.version).cloned().collect();
    Ok(match repository.merged(sha, higher)? {
        Seen::Known(Some(_)) => Place::UnmergedBranch,
        Seen::Known(None) | Seen::Unseen(_) => Place::Elsewhere,
    })
}

/// The history of a commit after a release on a separate branch.
fn beside(
    repository: &dyn Repository,
    sha: &Sha,
    tags: &[VersionTag],
    tag: &VersionTag,
) -> Result<Seen<History>, RepositoryError> {
    let higher = tags.iter().filter(|other| other.version > tag.version).cloned().collect();
    let last = match repository.merged(sha, higher)? {
        Seen::Known(last) => last.or_else(|| Some(tag.clone())),
        Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
    };
    let lacking = repository.lacking(&tag.commit, sha)?;
    Ok(lacking.map(|lacking| counted(tags, last, tag.clone(), lacking)))
}

fn counted(
    tags: &[VersionTag],
    last: Option<VersionTag>,
    base: VersionTag,
    lacking: Lacking,
) -> History {
    let Lacking { commits, apart } = lacking;
    let base = Some(base);
    History { tags: tags.to_vec(), last, base, apart, since: commits, ..History::default() }
}
