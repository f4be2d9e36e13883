//! A case: the input of gates and planner.

use super::target::{NoTarget, Origin, Target, in_commit, target};
use crate::base::names::{Sha, StageName, TagName};
use crate::base::version::Version;
use crate::facts::{Behind, Facts, Seen, TagAt, Unseen, VersionTag};
use crate::project::commits::{ChangeKinds, Commit, account};
use crate::project::manifest::{Manifest, Touch};
use crate::release::ledger::Ledger;
use crate::release::statement::Candidate;
use jiff::Timestamp;

/// Characters that are reserved for text around the notes.
const ROOM: usize = 2000;

/// One package at one commit: its manifest, the facts, and the version to release.
/// Gates and planner get only this, so that they cannot read another package.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The facts.
    pub facts: &'a Facts,
    target: Result<Target, NoTarget>,
    stage: Option<&'a StageName>,
}

/// How many of the highest tags are checked for development versions.
const NEWEST: usize = 20;

/// How many of the last five releases must have an outdated version file.
pub const MOST_BEHIND: usize = 3;

impl<'a> Case<'a> {
    /// Finds the version to release.
    #[must_use]
    pub fn new(manifest: &'a Manifest, facts: &'a Facts) -> Self {
        let target = target(manifest, &facts.request, &facts.files, &facts.history);
        Self { manifest, facts, target, stage: None }
    }

    /// The same case, in a stage that is entered or continued.
    #[must_use]
    pub fn in_stage(self, stage: &'a StageName) -> Self {
        Self { stage: Some(stage), ..self }
    }

    /// The stage that is entered or continued; `None` before the first.
    #[must_use]
    pub fn stage(&self) -> Option<&'a StageName> {
        self.stage
    }

    /// Whether the release is in a stage or in a later one.
    #[must_use]
    pub fn has_reached(&self, stage: &StageName) -> bool {
        let position = |name| self.manifest.position(name);
        self.stage.is_some_and(|now| position(now) >= position(stage))
    }

    /// The time that gates judge by: the requested one, the forge's, else this machine's.
    ///
    /// # Errors
    /// If the time is not known because this machine's clock is wrong.
    pub fn now(&self) -> Result<Timestamp, &'a Unseen> {
        self.facts.now()
    }

    /// What a statement of a person is about now: the sealed plan, or what would be sealed.
    #[must_use]
    pub fn candidate(&self) -> Option<Candidate> {
        let facts = self.facts;
        if let Some(plan) = facts.ledger.known().ok().and_then(Ledger::plan) {
            return Some(Candidate::of(plan));
        }
        Some(Candidate {
            version: self.target().ok()?.version.clone(),
            commit: facts.commit.sha.clone(),
            manifest: self.manifest.digest.clone(),
            plan: None,
            expected: None,
        })
    }

    /// The version to release.
    ///
    /// # Errors
    /// When a file or the history that it depends on is unseen or wrong.
    pub fn target(&self) -> Result<&Target, &NoTarget> {
        self.target.as_ref()
    }

    /// The path of the changelog: that of the version to release, if each has its own.
    #[must_use]
    pub fn changelog(&self) -> Option<String> {
        let version = self.target.as_ref().ok().map(|target| &target.version);
        self.manifest.changelog.file.path(version)
    }

    /// The maximum length of the notes, in characters, if the release is published where there is a
    /// limit. Some characters are reserved for text around the notes: the marker of a draft, and a
    /// link to the rest.
    #[must_use]
    pub fn longest_notes(&self) -> Option<usize> {
        let most = self.manifest.forge.longest_notes.filter(|_| self.publishes())?;
        Some(most.saturating_sub(ROOM))
    }

    /// The commit types that the project uses.
    #[must_use]
    pub fn change_kinds(&self) -> ChangeKinds<'a> {
        ChangeKinds::of(&self.manifest.version.kinds)
    }

    /// Whether the version is already released, so that no release is due. A tag alone is not a
    /// release: if it is on the evaluated commit and known not to be published, the release is
    /// still due.
    #[must_use]
    pub fn is_out(&self, tag: &TagAt) -> bool {
        let unpublished = matches!(self.facts.published, Seen::Known(None))
            && tag.commit == self.facts.commit.sha;
        !(self.publishes() && unpublished)
    }

    /// The higher final release among the ancestors of the commit: the version was not raised.
    #[must_use]
    pub fn higher(&self) -> Option<&'a VersionTag> {
        let last = self.facts.history.known().ok()?.last.as_ref()?;
        let version = &self.target().ok()?.version;
        let above = last.version.is_final() && last.version.cmp_precedence(version).is_gt();
        above.then_some(last)
    }

    /// Whether the tag of the version is valid: its commit has the version, and no higher version
    /// is released.
    #[must_use]
    pub fn is_true(&self, tag: &TagAt) -> bool {
        let Ok(target) = self.target() else { return false };
        let carries = tag.carries.as_ref().is_none_or(|version| *version == target.version);
        carries && self.higher().is_none() && self.behind(tag).is_none()
    }

    /// A recent release with an outdated version file, if most releases have one and there are
    /// commits since the version in the file was released. In that case, an unchanged version means
    /// nothing. Before a merge, the version need not be raised.
    #[must_use]
    pub fn behind(&self, tag: &TagAt) -> Option<&'a Behind> {
        let facts = self.facts;
        let behind = &facts.history.known().ok()?.behind;
        let most = behind.len() >= MOST_BEHIND && tag.commit != facts.commit.sha;
        behind.first().filter(|_| most && facts.merge.is_none())
    }

    /// The version and its tag, if it is released and nothing remains to be done. Values that could
    /// not be read do not count, because later jobs of a workflow may be skipped for this.
    #[must_use]
    pub fn all_done(&self) -> Option<(&Target, &'a TagAt)> {
        let facts = self.facts;
        let target = self.target().ok()?;
        let tag = facts.tag.known().ok()?.as_ref().filter(|tag| tag.ancestor)?;
        let under_way = facts.ledger.known().ok()?.under_way();
        let seen =
            !self.publishes() || tag.commit != facts.commit.sha || facts.published.known().is_ok();
        (seen && !under_way && self.is_out(tag) && self.is_true(tag)).then_some((target, tag))
    }

    /// The version, if it is a development version (`1.3.0-SNAPSHOT`): no release is due until the
    /// file contains the version to release. A version that was passed is due, and one of a project that currently tags such versions too; tags of long ago do not count.
    #[must_use]
    pub fn in_development(&self) -> Option<(&Target, &str)> {
        let target = self.target().ok()?;
        let Origin::File { path, .. } = &target.origin else { return None };
        let tags = self.facts.history.known().map(|history| history.tags.as_slice());
        let mut newest = tags.unwrap_or_default().iter().take(NEWEST);
        let tagged = newest.any(|tag| tag.version.is_development());
        let due = self.facts.request.version.is_some() || tagged;
        (!due && target.version.is_development()).then_some((target, path.as_str()))
    }

    /// The number of commits since the last release, and its tag, if a person must pass the version
    /// and did not. With `--expect-release`, the version is required.
    #[must_use]
    pub fn not_given(&self) -> Option<(usize, Option<&'a TagName>)> {
        let expected = self.facts.request.expect_release;
        if expected || self.target().err() != Some(&NoTarget::NotGiven) {
            return None;
        }
        let history = self.facts.history.known().ok();
        let base = history.and_then(|history| history.base.as_ref());
        let since = history.map_or(0, |history| history.since.len());
        Some((since, base.map(|base| &base.tag)))
    }

    /// The previous release, if a person must pass the version and did not.
    #[must_use]
    pub fn last_given(&self) -> Option<&'a VersionTag> {
        self.not_given()?;
        let history = self.facts.history.known().ok().filter(|history| !history.apart)?;
        history.base.as_ref()
    }

    /// The file and its placeholder, if the version file contains the version only at releases.
    /// With `--expect-release`, the file must contain it.
    #[must_use]
    pub fn not_set(&self) -> Option<(&str, &str)> {
        match self.target().err()? {
            NoTarget::NotSet { path, text } if !self.facts.request.expect_release => {
                Some((path, text))
            }
            NoTarget::NotSet { .. }
            | NoTarget::NotGiven
            | NoTarget::Wrong(_)
            | NoTarget::Unseen { .. } => None,
        }
    }

    /// The tag of the version and the commits after it, newest first, if the version is released on an
    /// ancestor of the evaluated commit.
    #[must_use]
    pub fn after(&self) -> Option<(&TagName, &'a [Commit])> {
        let facts = self.facts;
        let tag = facts.tag.known().ok()?.as_ref()?;
        let before = tag.ancestor && tag.commit != facts.commit.sha && self.is_true(tag);
        let commits = facts.after.known().ok().filter(|_| before)?;
        Some((&self.target().ok()?.tag, commits))
    }

    /// The commits since the version was released; `None` if it is not released, or is on the
    /// evaluated commit itself.
    #[must_use]
    pub fn since(&self) -> Option<Since> {
        let (manifest, facts) = (self.manifest, self.facts);
        let commits = facts.after.known().ok()?;
        let tag = facts.tag.known().ok()?.as_ref().filter(|tag| tag.ancestor)?;
        let out = self.target().ok()?.clone();
        if !self.is_true(tag) || facts.merge.is_some() || facts.ledger.known().ok()?.under_way() {
            return None;
        }
        let account = account(commits, self.change_kinds());
        let next = account.demand().and_then(|(bump, by)| {
            let such = account.changes.iter().filter(|change| change.bump() == Some(bump));
            let alike = such.filter(|change| by.breaking || change.kind == by.kind).count();
            let kind = match &by.kind {
                Some(kind) if !by.breaking => format!("`{kind}`"),
                Some(_) | None if alike == 1 => "breaking change".into(),
                Some(_) | None => "breaking changes".into(),
            };
            let next = out.version.bumped(bump, manifest.version.zero).ok()?;
            Some((next, alike, kind))
        });
        Some(Since {
            at: tag.commit.clone(),
            commits: commits.iter().filter(|commit| !commit.elsewhere).count(),
            next,
            files: (manifest.version.files.iter())
                .map(|file| in_commit(file, &facts.files).path.value.clone())
                .collect(),
            unpublished: self.publishes() && matches!(facts.published, Seen::Known(None)),
            out,
        })
    }

    /// Whether a release is published on the forge.
    #[must_use]
    pub fn publishes(&self) -> bool {
        let steps = self.manifest.stages.iter().flat_map(|stage| &stage.steps);
        steps.map(|step| &step.value).any(|step| step.touches(Touch::Publication))
    }
}

/// The commits since the version was released, and the next version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The released version, and its tag.
    pub out: Target,
    /// The commit of the tag.
    pub at: Sha,
    /// How many commits were made since then.
    pub commits: usize,
    /// The version that they require, and the number and kind of changes that require it.
    pub next: Option<(Version, usize, String)>,
    /// The files that contain the version.
    pub files: Vec<String>,
    /// Whether the tag is known to have no release although the manifest publishes one.
    pub unpublished: bool,
}
