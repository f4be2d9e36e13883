//! Facts: everything that gates and planner can know about one commit at one time.
//!
//! Facts are data. They can be serialized, so a verdict can be replayed from a file. A value that
//! could not be read is [`Seen::Unseen`], which no default turns into "nothing there".

use super::blockers::Blockers;
use super::environment::{EnvironmentState, Stored};
use super::file::{ChangedFile, ChangedWaivers, FileAt, Freshness, NamedFile, WaiverFile};
use super::history::{History, MovingTag, TagAt};
use super::people::{People, RepositoryHolds};
use super::release::{Candidate, Release};
use super::rights::Rights;
use super::state::CheckState;
use crate::base::finding::Finding;
use crate::base::names::{BranchName, EnvironmentName, Sha, StepKey, TagName};
use crate::base::source::Source;
use crate::base::version::Version;
use crate::project::commits::{
    Change, ChangeKinds, Commit, Excluded, account, changes, is_revert_subject,
};
use crate::release::latency::PastRelease;
use crate::release::ledger::Ledger;
use crate::release::outcome::Outcome;
use crate::release::sample::Verifications;
use crate::release::step::{Asset, AssetFault};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use crate::base::seen::{Seen, Unseen};

/// The format version of serialized [`Facts`].
pub const FORMAT: u32 = 1;

/// Everything that was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// [`FORMAT`].
    pub format: u32,
    /// When they were observed.
    pub at: Timestamp,
    /// The arguments that the verdict depends on.
    pub request: Request,
    /// The project's name, for headings.
    pub name: String,
    /// The commit that is evaluated.
    pub commit: Commit,
    /// Why this commit is used, if it is not `HEAD`.
    pub pinned: Option<String>,
    /// The branch of the commit.
    pub branch: Seen<BranchName>,
    /// The head of that branch, and whether the branch contains the commit.
    #[serde(default = "Seen::not_asked")]
    pub branch_head: Seen<BranchHead>,
    /// The manifest that is used.
    pub manifest: Source,
    /// Tracked files in the working tree that differ from `HEAD`.
    pub dirty: Seen<Vec<String>>,
    /// Tags, and the commits since the last release.
    pub history: Seen<History>,
    /// Version files, their lock files, and the changelog, at the commit.
    pub files: BTreeMap<String, Seen<FileAt>>,
    /// The calendars of the schedule that are in other repositories, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calendars: BTreeMap<String, Seen<FileAt>>,
    /// Fragments at the commit, if the manifest sets a folder for them.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub fragments: Seen<Vec<String>>,
    /// The notes that the forge generated, if the manifest requires them.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub forge_notes: Seen<String>,
    /// The page of the changelog at the release's tag, or of the commits, if the notes are too long
    /// for the forge.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub notes_page: Seen<String>,
    /// The release's tag in the remote.
    pub tag: Seen<Option<TagAt>>,
    /// The moving tags of the release, in the remote.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub moving: Seen<BTreeMap<TagName, MovingTag>>,
    /// Commits since that tag, newest first, if the tag is on an ancestor of the commit.
    #[serde(default = "Seen::not_asked")]
    pub after: Seen<Vec<Commit>>,
    /// What CI reported on the commit.
    pub checks: Seen<Checks>,
    /// The checks on other commits with the same tree: the heads of pull requests that were merged
    /// as this commit.
    #[serde(default = "Seen::not_asked", rename = "twins")]
    pub same_tree: Seen<Vec<Checks>>,
    /// The push that added the commit to its branch; `None` if the forge has no record of it.
    #[serde(default = "Seen::not_asked")]
    pub push: Seen<Option<Push>>,
    /// When the pull request of the commit was merged; `None` if the forge has no record of one.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub merged: Seen<Option<Timestamp>>,
    /// Files that the push changed, in the order of their names.
    #[serde(default = "Seen::not_asked")]
    pub changed: Seen<Vec<String>>,
    /// The workflow files at the commit.
    #[serde(default = "Seen::not_asked")]
    pub workflows: Seen<Vec<Source>>,
    /// Checks that the branch's rules require.
    pub rules: Seen<Vec<RequiredCheck>>,
    /// The permissions of the credentials, and rules that block the release.
    #[serde(default = "Seen::not_asked")]
    pub rights: Seen<Rights>,
    /// The published release of the tag.
    pub published: Seen<Option<Release>>,
    /// Draft releases of the tag; visible only with write access.
    pub drafts: Seen<Vec<Release>>,
    /// Local files that the release will contain.
    pub assets: Seen<Vec<Asset>>,
    /// What is wrong with those files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asset_faults: Vec<AssetFault>,
    /// The files that exist, if others are not built yet and `assets` is unseen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub built: Vec<Asset>,
    /// The result of the probe of each `run` step.
    pub probes: BTreeMap<StepKey, Seen<bool>>,
    /// The ledger of this release.
    pub ledger: Seen<Ledger>,
    /// The pre-release that the version is to be promoted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Box<Candidate>>,
    /// The environments of the stages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<EnvironmentName, EnvironmentState>,
    /// The verification samples of the release.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub samples: Seen<Stored<Verifications>>,
    /// What people said about the release, if a gate depends on it.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub people: Seen<People>,
    /// How long people took to answer in the last releases, if people are waited for.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub past: Seen<Vec<PastRelease>>,
    /// The holds on the whole repository; not read if nobody ever set one.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub repository_holds: Seen<RepositoryHolds>,
    /// The current time: the forge's time or, if it is unknown, this machine's. Unseen if this
    /// machine's clock is behind the ledger.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub time: Seen<Timestamp>,
    /// The waivers, as the release's branch has them.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub waivers: Seen<WaiverFile>,
    /// Open issues and pull requests that block the release.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub blockers: Seen<Blockers>,
    /// Open issues that testers reported, if the gate `accepted` lists them. They block nothing.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub feedback: Seen<Blockers>,
    /// The workflow run of tminus itself.
    pub own_run: Option<OwnRun>,
    /// The merge whose result is `commit`, if it is evaluated before it happens.
    #[serde(default)]
    pub merge: Option<Merge>,
}

impl Facts {
    /// The time that gates judge by: the requested one, the forge's, else this machine's.
    ///
    /// # Errors
    /// If the time is not known because this machine's clock is wrong.
    pub fn now(&self) -> Result<Timestamp, &Unseen> {
        match (self.request.at, &self.time) {
            (Some(at), _) => Ok(at),
            (None, Seen::Known(at)) => Ok(*at),
            (None, time) if time.is_not_asked() => Ok(self.at),
            (None, Seen::Unseen(unseen)) => Err(unseen),
        }
    }
}

/// The head of a branch, and the position of the evaluated commit relative to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchHead {
    /// The remote that has the branch; `None` if there is no remote and the local branch counts.
    pub remote: Option<String>,
    /// Whether the head was read now or at the last fetch.
    #[serde(rename = "asked")]
    pub freshness: Freshness,
    /// The head of the branch; `None` if the branch does not exist.
    pub head: Option<Sha>,
    /// The position of the evaluated commit.
    pub commit: BranchPosition,
}

/// The position of a commit relative to the head of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BranchPosition {
    /// It is the head or one of its ancestors.
    On,
    /// It is a descendant of the head, and not pushed yet.
    Ahead,
    /// It is neither.
    Apart,
}

/// A merge that is evaluated before it happens: a pull request, or a group of the merge queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The pull request; `None` if the queue's event does not name one.
    pub number: Option<u64>,
    /// Its title, which becomes the commit subject in a squash merge.
    pub title: Option<String>,
    /// Its newest commit, or the queue's. The verdict is posted there.
    pub head: Sha,
    /// The head of the base branch before the merge.
    pub onto: Sha,
    /// The commits of the merge, newest first.
    pub commits: Seen<Vec<Commit>>,
    /// The changelog on the base branch.
    pub changelog: Seen<FileAt>,
    /// The changelog after the merge, if the new manifest names another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_changelog: Option<NamedFile>,
    /// Fragments and changelog files for a single version that the merge changes.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub told: Seen<Vec<ChangedFile>>,
    /// The workflow files on the base branch.
    pub workflows: Seen<Vec<Source>>,
    /// The manifest after the merge; `None` if the merge does not change it.
    pub manifest: Seen<Option<ChangedManifest>>,
    /// The waivers after the merge; `None` if the merge does not change them. They do not count for
    /// the merge itself.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub waivers: Seen<Option<ChangedWaivers>>,
}

impl Merge {
    /// The changes that the title describes, as the subject of a squash commit. A title never
    /// reverts a change.
    #[must_use]
    pub fn squashed(&self, kinds: ChangeKinds<'_>) -> Option<Vec<Change>> {
        let message = self.title.clone()?;
        let commit = Commit::saying(self.head.clone(), message);
        Some(changes(&commit, kinds))
    }

    /// Whether it changes nothing in the folder of the package that is released.
    #[must_use]
    pub fn touches_other_packages_only(&self) -> bool {
        let Seen::Known(commits) = &self.commits else { return false };
        !commits.is_empty() && commits.iter().all(|commit| commit.elsewhere)
    }

    /// What a squash merge adds to the changes since the last release. A merge whose commits only
    /// revert unreleased changes adds nothing, and neither does one that does not touch the
    /// package.
    #[must_use]
    pub fn adds(&self, history: &Seen<History>, kinds: ChangeKinds<'_>) -> Vec<Change> {
        if self.touches_other_packages_only() {
            return Vec::new();
        }
        let reverts = self.title.as_deref().is_some_and(is_revert_subject);
        if reverts && let (Seen::Known(history), Seen::Known(commits)) = (history, &self.commits) {
            let excluded = account(&history.since, kinds).excluded;
            let undoes = |commit: &Commit| {
                excluded.iter().any(|(sha, rule)| {
                    *sha == commit.sha && matches!(rule, Excluded::Reverts | Excluded::Merge)
                })
            };
            if !commits.is_empty() && commits.iter().all(undoes) {
                return Vec::new();
            }
        }
        self.squashed(kinds).unwrap_or_default()
    }
}

/// A manifest that a merge changes. It is not used to evaluate that merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedManifest {
    /// The file; `None` if the merge removes it.
    pub source: Option<Source>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Gates whose ruling would change.
    #[serde(default)]
    pub rules: Vec<RuleChange>,
}

/// A gate with another result under the changed manifest, for the same merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The gate.
    pub gate: String,
    /// Its result now: `go`, `off`, `not asked`, …
    pub now: String,
    /// Its result with the changed manifest.
    pub then: String,
}

/// Command-line arguments that a verdict depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `--version`.
    pub version: Option<Version>,
    /// `--expect-release`.
    pub expect_release: bool,
    /// `--at`: the time for which the schedule is evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Request {
    /// The outcome if there is nothing to release.
    #[must_use]
    pub fn nothing(&self) -> Outcome {
        if self.expect_release { Outcome::NothingThoughExpected } else { Outcome::NothingToRelease }
    }
}

/// What CI reported on one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// The commit.
    pub commit: Sha,
    /// The total according to the forge; if it is higher than the number of `runs`, some were not
    /// read.
    pub total: usize,
    /// Check runs and commit statuses, in no meaningful order.
    pub runs: Vec<Check>,
    /// When CI first received the commit: the creation time of the newest suite, if known.
    pub since: Option<Timestamp>,
}

/// The push that added a commit to its branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// When.
    pub at: Timestamp,
    /// The branch's head before the push; `None` if the push created the branch.
    pub before: Option<Sha>,
}

/// A check run or a commit status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The type.
    pub kind: CheckKind,
    /// The forge's id, opaque.
    pub id: String,
    /// Its name or context.
    pub name: String,
    /// The app that reported it, by its name on the forge.
    pub app: Option<String>,
    /// The app's number, which rules refer to.
    pub app_id: Option<i64>,
    /// The workflow's name.
    pub workflow: Option<String>,
    /// The event that triggered the workflow (`push`).
    pub event: Option<String>,
    /// The number of its workflow run.
    pub run: Option<u64>,
    /// Whether it is running, or how it ended.
    pub state: CheckState,
    /// When it was created or started, if known.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// Its page.
    pub url: Option<String>,
    /// The environment whose protection rules it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who created it, and for which job. Every adapter sets this. Facts files of older versions do
    /// not contain it; it is added when they are read. A check without an origin cannot be
    /// evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl Check {
    /// Its creator, if known.
    #[must_use]
    pub fn maker(&self) -> Option<CheckCreator> {
        self.origin.as_ref().map(|origin| origin.maker)
    }

    /// Whether it comes from the forge's CI host: a job, a run, or something that a job created.
    #[must_use]
    pub fn is_of_ci(&self) -> bool {
        matches!(self.maker(), Some(CheckCreator::CiHost | CheckCreator::Job))
    }

    /// The number of the job that it belongs to, as the job itself knows it.
    #[must_use]
    pub fn job(&self) -> Option<&str> {
        self.origin.as_ref()?.job.as_deref()
    }
}

/// The origin of a check, as determined by the forge's adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its creator.
    pub maker: CheckCreator,
    /// The number of the CI host's job, as the job itself knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

/// The creator of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckCreator {
    /// The forge's own CI host, for a job, or for a run that has no jobs.
    CiHost,
    /// A job, which created it through the forge's API.
    Job,
    /// Another app, or an account.
    Other,
}

/// The type of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// A check run, created by an app.
    Run,
    /// A commit status.
    Status,
}

/// A check that the rules of a branch require.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredCheck {
    /// Its name.
    pub name: String,
    /// The app that must report it.
    pub app_id: Option<i64>,
    /// The rule that requires it, for display.
    pub rule: String,
}

/// The workflow run and job that tminus itself runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRun {
    /// `GITHUB_RUN_ID`.
    pub run: u64,
    /// `GITHUB_JOB`.
    pub job: String,
    /// `GITHUB_WORKFLOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The job's check run, if the workflow passed it.
    pub check_run: Option<String>,
}
