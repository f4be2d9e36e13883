//! Facts: everything that gates and planner may know about one commit at one time.
//!
//! Facts are data. They can be serialized, so a verdict can be replayed from a file. A value that
//! could not be read is [`Seen::Unseen`], which no default turns into "nothing there".

use super::environment::{EnvironmentState, Stored};
use super::file::{ChangedFile, FileAt, NamedFile};
use super::history::{History, MovingTag, TagAt};
use super::rights::Rights;
use super::state::CheckState;
use crate::base::finding::Finding;
use crate::base::names::{BranchName, Digest, EnvironmentName, Sha, StepKey, TagName};
use crate::base::source::Source;
use crate::base::version::Version;
use crate::project::commits::{
    Change, ChangeKinds, Commit, Excluded, account, changes, is_revert_subject,
};
use crate::release::ledger::Ledger;
use crate::release::outcome::Outcome;
use crate::release::sample::Verifications;
use crate::release::step::{Asset, AssetFault};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use crate::base::seen::{Seen, Unseen};

/// The version of the format that [`Facts`] serialise to.
pub const FORMAT: u32 = 1;

/// Everything that was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// [`FORMAT`].
    pub format: u32,
    /// When.
    pub at: Timestamp,
    /// The arguments that the verdict depends on.
    pub request: Request,
    /// The project's name for headlines.
    pub name: String,
    /// The commit that is judged.
    pub commit: Commit,
    /// Why it is this one, where that is not plain `HEAD`.
    pub pinned: Option<String>,
    /// The branch it is on.
    pub branch: Seen<BranchName>,
    /// The head of that branch, and whether the branch contains the commit.
    #[serde(default = "Seen::not_asked")]
    pub branch_head: Seen<BranchHead>,
    /// The manifest that is used.
    pub manifest: Source,
    /// Tracked files of the work tree that differ from `HEAD`.
    pub dirty: Seen<Vec<String>>,
    /// Tags, and the commits since the last release.
    pub history: Seen<History>,
    /// Version files, their lock files, and the changelog, at the commit.
    pub files: BTreeMap<String, Seen<FileAt>>,
    /// Fragments at the commit, where the manifest has a folder of them.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub fragments: Seen<Vec<String>>,
    /// Notes that the forge made for the release, where the manifest wants them.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub forge_notes: Seen<String>,
    /// The page of the changelog at the release's tag, or of the commits, if the notes are too long
    /// for the forge.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub notes_page: Seen<String>,
    /// The release's tag in the remote.
    pub tag: Seen<Option<TagAt>>,
    /// The tags that the release moves, in the remote.
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
    /// The permissions of the credentials, and what blocks them.
    #[serde(default = "Seen::not_asked")]
    pub rights: Seen<Rights>,
    /// The published release of the tag.
    pub published: Seen<Option<Release>>,
    /// Draft releases of the tag; seen only by those who may write.
    pub drafts: Seen<Vec<Release>>,
    /// Local files that the release will carry.
    pub assets: Seen<Vec<Asset>>,
    /// What is wrong with those files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asset_faults: Vec<AssetFault>,
    /// Those files that are there, where others are not built yet and `assets` is unseen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub built: Vec<Asset>,
    /// What each `run` step's probe said.
    pub probes: BTreeMap<StepKey, Seen<bool>>,
    /// The record of this release.
    pub ledger: Seen<Ledger>,
    /// The environments of the stages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<EnvironmentName, EnvironmentState>,
    /// The verification samples of the release.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub samples: Seen<Stored<Verifications>>,
    /// The time that waiting is measured by: the forge's, else this machine's, unless that is behind
    /// the ledger.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub time: Seen<Timestamp>,
    /// The workflow run that tminus itself is part of.
    pub own_run: Option<OwnRun>,
    /// The merge that `commit` is the result of, where it is judged before it happens.
    #[serde(default)]
    pub merge: Option<Merge>,
}

/// The head of a branch, and the position of the evaluated commit relative to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchHead {
    /// The remote that has the branch; `None` where there is no remote and the local branch counts.
    pub remote: Option<String>,
    /// Whether the head was read now, or is the last one that was fetched.
    pub asked: Asked,
    /// What the branch holds; `None` where there is no such branch.
    pub head: Option<Sha>,
    /// Where the judged commit stands.
    pub commit: BranchPosition,
}

/// How recent the head of a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// It was read now.
    Now,
    /// It is what was fetched last.
    LastFetch,
}

/// Where a commit stands to the head of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BranchPosition {
    /// It is the head or an ancestor of it.
    On,
    /// It descends from the head: it is not pushed yet.
    Ahead,
    /// Neither.
    Apart,
}

/// A merge that is judged before it happens: a pull request, or a group of the merge queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The pull request; `None` if the queue's event does not name one.
    pub number: Option<u64>,
    /// Its title, which a squash merge makes the commit's subject.
    pub title: Option<String>,
    /// Its newest commit, or the queue's: where the verdict is posted.
    pub head: Sha,
    /// What the branch holds before.
    pub onto: Sha,
    /// The commits that it brings, newest first.
    pub commits: Seen<Vec<Commit>>,
    /// The changelog as the branch has it.
    pub changelog: Seen<FileAt>,
    /// The changelog after the merge, if the new manifest names another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_changelog: Option<NamedFile>,
    /// Fragments, and files that tell of one version each, that it changes.
    #[serde(default = "Seen::not_asked", skip_serializing_if = "Seen::is_not_asked")]
    pub told: Seen<Vec<ChangedFile>>,
    /// The workflow files as the branch has them.
    pub workflows: Seen<Vec<Source>>,
    /// The manifest after the merge; `None` if the merge does not change it.
    pub manifest: Seen<Option<ChangedManifest>>,
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

/// A manifest that a merge brings. It does not judge its own merge.
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

/// A gate that a changed manifest would let rule otherwise, about the same merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The gate.
    pub gate: String,
    /// What it rules now: `go`, `off`, `not asked`, …
    pub now: String,
    /// What it would rule.
    pub then: String,
}

/// What was asked for on the command line that a verdict depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `--version`.
    pub version: Option<Version>,
    /// `--expect-release`.
    pub expect_release: bool,
    /// `--at`: the moment that the schedule is evaluated for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Request {
    /// The outcome where nothing is to be released.
    #[must_use]
    pub fn nothing(&self) -> Outcome {
        if self.expect_release { Outcome::NothingThoughExpected } else { Outcome::NothingToRelease }
    }
}

/// What CI reported on one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// The commit that was looked at.
    pub commit: Sha,
    /// How many the forge says there are; more than `runs` means that some were not seen.
    pub total: usize,
    /// Check runs and commit statuses, in no meaningful order.
    pub runs: Vec<Check>,
    /// When CI first received the commit: the creation time of the newest suite, if known.
    pub since: Option<Timestamp>,
}

/// How a commit came to its branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// When.
    pub at: Timestamp,
    /// What the branch held before; `None` where it was made by this push.
    pub before: Option<Sha>,
}

/// A check run or a commit status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which of the two.
    pub kind: CheckKind,
    /// The forge's id, opaque.
    pub id: String,
    /// Its name or context.
    pub name: String,
    /// The app that reported it, by its name on the forge.
    pub app: Option<String>,
    /// The app's number; rules pin by it.
    pub app_id: Option<i64>,
    /// The workflow's name.
    pub workflow: Option<String>,
    /// What started the workflow (`push`).
    pub event: Option<String>,
    /// The number of the workflow run it belongs to.
    pub run: Option<u64>,
    /// Whether it is running, or how it ended.
    pub state: CheckState,
    /// When it was created or started, where known.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// A page about it.
    pub url: Option<String>,
    /// The environment whose protection it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who created it, and for which job. Every adapter sets this. Facts files of older versions do
    /// not contain it; it is added when they are read. A check without an origin cannot be
    /// evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl Check {
    /// Who made it, where that is known.
    #[must_use]
    pub fn maker(&self) -> Option<CheckCreator> {
        self.origin.as_ref().map(|origin| origin.maker)
    }

    /// Whether it comes from the forge's CI host: a job, a run, or something that a job created.
    #[must_use]
    pub fn is_of_ci(&self) -> bool {
        matches!(self.maker(), Some(CheckCreator::CiHost | CheckCreator::Job))
    }

    /// The job that it is, by the number that the job knows of itself.
    #[must_use]
    pub fn job(&self) -> Option<&str> {
        self.origin.as_ref()?.job.as_deref()
    }
}

/// The origin of a check, as determined by the forge's adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Who made it.
    pub maker: CheckCreator,
    /// The job of the CI host that it is, by the number that the job knows of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

/// Who made a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckCreator {
    /// The forge's own CI host, for a job, or for a run that has no jobs.
    CiHost,
    /// A job, which wrote it through the forge's API.
    Job,
    /// Another app, or an account.
    Other,
}

/// Where a check comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// A check run, written by an app.
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

/// A release on the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its number.
    pub id: u64,
    /// Its tag; for a draft, the tag may not exist yet.
    pub tag: String,
    /// Its title.
    pub name: String,
    /// Its notes.
    pub body: String,
    /// Whether it is a draft, visible only to people with write access.
    pub draft: bool,
    /// Whether it is a pre-release.
    pub prerelease: bool,
    /// The commit or branch that it says it is made from.
    pub target: String,
    /// Its page.
    pub url: String,
    /// Where assets are sent, as the forge gives it.
    pub upload_url: String,
    /// Its assets.
    pub assets: Vec<RemoteAsset>,
}

/// An asset of a release on the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAsset {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Whether the upload is complete; an incomplete one blocks the name.
    pub uploaded: bool,
    /// Its SHA-256, where the forge tells it.
    pub digest: Option<Digest>,
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
    /// The job's check run, where the workflow passed it.
    pub check_run: Option<String>,
}
