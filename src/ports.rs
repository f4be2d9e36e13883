//! The interfaces to the outside, as traits; the first module below the line.
//!
//! Reading and writing are separate types: code that gets a [`ForgeRead`], a [`Remote`] or a
//! [`Prober`] cannot change anything. All data from these ports is untrusted until it is parsed.

mod error;
mod git;
mod post;
mod view;
mod deploy;
mod people;

pub use deploy::{
    Deployments, DeploymentsChange, HttpResponse, NewDeployment, NewDeploymentStatus,
};
pub use error::PortError;
pub(crate) use error::{UNTRUSTED, aside};
pub use git::{
    AssetError, AssetLimits, Branches, Document, DocumentChange, Fetch, HOLDS, Head, Lacking,
    NewTag, RefAt, Remote, RemoteChange, Repository, RepositoryError, TagMove, WorkTree,
};
pub use people::{
    CloseReason, ForgePeople, ForgePeopleChange, IssueComment, IssueText, Reaction, TrackingIssue,
};
pub use post::{Annotation, Comment, ForgePost, NewCheckRun, NewStatus, StatusState};
pub use view::RepositoryView;

use crate::base::names::{BranchName, Sha, Slug, TagName};
use crate::facts::environment::JobIdentity;
use crate::facts::rights::Rights;
use crate::facts::{
    BlockerQuery, Blockers, Check, Checks, FileAt, Push, Release, RemoteAsset, RequiredCheck, Seen,
    TagAt,
};
use crate::release::ledger::Holder;
use crate::release::sample::HttpSample;
use crate::release::step::Asset;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// What to read from the forge in one request. Without a branch and a tag, only the checks are
/// read, which is cheap enough to repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The commit whose checks are read.
    pub commit: Sha,
    /// The branch whose rules are read.
    pub branch: Option<BranchName>,
    /// The tag whose release is read.
    pub tag: Option<TagName>,
    /// Whether to read checks on commits with the same tree.
    pub same_tree: bool,
    /// Whether to read the push that added the commit to the branch.
    pub push: bool,
}

impl Survey {
    /// A survey of only the checks.
    #[must_use]
    pub fn checks_on(commit: Sha) -> Self {
        Self { commit, branch: None, tag: None, same_tree: false, push: false }
    }
}

/// The response of the forge. Each part can be known or unseen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitState {
    /// Checks on the commit.
    pub checks: Seen<Checks>,
    /// Checks on commits with the same tree.
    pub same_tree: Seen<Vec<Checks>>,
    /// The push that added the commit to the branch.
    pub push: Seen<Option<Push>>,
    /// Required checks of the branch.
    pub rules: Seen<Vec<RequiredCheck>>,
    /// The tag according to the forge, peeled: the object and the commit.
    pub tag: Seen<Option<(Sha, Sha)>>,
    /// The published release of the tag; asset digests may be missing.
    pub published: Seen<Option<Release>>,
}

/// Which permissions of the token to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionQuery {
    /// The tag to create.
    pub tag: TagName,
    /// The tags to move, each with its target; a tag without a target is to be created.
    pub moving: Vec<(TagName, Option<TagAt>)>,
    /// The commit that it will point to.
    pub commit: Sha,
    /// The tag of the previous release.
    pub previous: Option<TagName>,
    /// The environments of the stages.
    pub environments: Vec<String>,
    /// How much to check.
    pub extent: PermissionScope,
}

/// How much to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermissionScope {
    /// Everything.
    Whole,
    /// Only what can change and would stop a release: not whether releases are immutable.
    Again,
}

/// Which notes the forge should generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotesRequest {
    /// The tag of the release, which may not exist yet.
    pub tag: TagName,
    /// The commit that it will point to.
    pub commit: Sha,
    /// The tag of the previous release.
    pub previous: Option<TagName>,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its title.
    pub title: String,
    /// The base branch.
    pub base: BranchName,
    /// Its head commit.
    pub head: Sha,
    /// Whether its head is in another repository.
    pub fork: bool,
}

/// Reads from a forge.
#[async_trait(?Send)]
pub trait ForgeRead {
    /// A pull request by its number; `None` if it does not exist.
    async fn pull(&self, number: u64) -> Result<Option<PullRequest>, PortError>;

    /// Checks, rules, tag and release, in one request.
    async fn survey(&self, survey: &Survey) -> Result<CommitState, PortError>;

    /// When the pull request of a commit was merged; `None` if there is none. Where several contain the
    /// commit, the one that was merged as it counts.
    async fn merged(&self, _: &Sha) -> Result<Option<Timestamp>, PortError> {
        Ok(None)
    }

    /// A file of another repository at a commit, of at most 1 MiB. A repository that cannot be seen
    /// looks like one that does not exist: both are an error.
    async fn file_elsewhere(&self, slug: &Slug, _: &Sha, _: &str) -> Result<FileAt, PortError> {
        let what = format!("read a file of {slug}");
        Err(PortError::Refused { what, why: "this forge has no files that tminus reads".into() })
    }

    /// Finished check runs on the commits just before this one, as far as one request returns them:
    /// enough for an estimate, but not for a decision.
    async fn past(&self, commit: &Sha) -> Result<Vec<Check>, PortError>;

    /// Every release with this tag, including drafts, from the list of releases. This needs write
    /// permission, and the list may be a few seconds out of date.
    async fn releases(&self, tag: &TagName) -> Result<Vec<Release>, PortError>;

    /// One release by its number, with all assets; `None` if it does not exist.
    async fn release(&self, id: u64) -> Result<Option<Release>, PortError>;

    /// The permissions of the token, determined by requests that change nothing. The forge cannot
    /// report whether git can push.
    async fn rights(&self, inquiry: &PermissionQuery) -> Result<Rights, PortError>;

    /// Whether the tag belongs to an immutable release, so that it cannot be moved.
    async fn is_locked(&self, tag: &TagName) -> Result<bool, PortError>;

    /// Open issues and pull requests that block a release, in one request. What is unseen names the
    /// permission.
    async fn blockers(&self, _: &BlockerQuery) -> Result<Seen<Blockers>, PortError> {
        let why = "this forge has no issues that tminus reads".into();
        Err(PortError::Refused { what: "read the open issues".into(), why })
    }

    /// Notes that the forge generates for a release. Nothing is saved.
    async fn notes(&self, _: &NotesRequest) -> Result<String, PortError> {
        let why = "this forge does not generate notes".into();
        Err(PortError::Refused { what: "generate the notes".into(), why })
    }

    /// The page of a file at a tag, which may not exist yet; this needs no request.
    fn file_page(&self, _: &TagName, _: &str) -> Option<String> {
        None
    }

    /// The page that lists the commits between two tags, or all commits up to the tag. The tags may
    /// not exist yet; this needs no request.
    fn commits_page(&self, _: Option<&TagName>, _: &TagName) -> Option<String> {
        None
    }

    /// Environments and deployments; `None` if this forge has none.
    fn deployments(&self) -> Option<&dyn Deployments> {
        None
    }

    /// Tracking issues and roles; `None` if this forge has none.
    fn people(&self) -> Option<&dyn ForgePeople> {
        None
    }

    /// The server's time in its newest response (the `Date` header); `None` before the first.
    fn server_time(&self) -> Option<Timestamp> {
        None
    }
}

/// A draft to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDraft {
    /// Its tag.
    pub tag: TagName,
    /// The commit, in full.
    pub commit: Sha,
    /// Its title.
    pub title: String,
    /// Its notes, including the marker.
    pub body: String,
    /// Whether it is a pre-release.
    pub prerelease: bool,
}

/// How to publish a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The draft.
    pub release: u64,
    /// The tag, sent again because drafts can lose it.
    pub tag: TagName,
    /// The commit, in full.
    pub commit: Sha,
    /// Whether it becomes the latest release.
    pub latest: bool,
    /// Whether it is a pre-release.
    pub prerelease: bool,
}

/// Writes to a forge. No method retries: after [`PortError::NoAnswer`], read the state first.
#[async_trait(?Send)]
pub trait ForgeWrite: ForgeRead {
    /// Creates a draft. A second call creates a second draft.
    async fn create_draft(&self, draft: &NewDraft) -> Result<Release, PortError>;

    /// Uploads an asset.
    async fn upload(&self, to: &Release, asset: &Asset) -> Result<RemoteAsset, PortError>;

    /// Removes an asset of a draft.
    async fn delete_asset(&self, asset: u64) -> Result<(), PortError>;

    /// Removes a draft; refuses to remove a public release. It is not an error if the draft no longer
    /// exists: lists show removals late.
    async fn delete_draft(&self, release: u64) -> Result<(), PortError>;

    /// Publishes a draft.
    async fn publish(&self, publication: &Publication) -> Result<Release, PortError>;

    /// Write access to deployments; `None` if this forge has none.
    fn deployments_change(&self) -> Option<&dyn DeploymentsChange> {
        None
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; `None` if a signal or the timeout ended it.
    pub code: Option<i32>,
    /// The end of its output.
    pub tail: String,
}

/// A probe that takes longer does not answer.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(120);

/// Runs the user's probes.
#[async_trait(?Send)]
pub trait Prober {
    /// Runs a command that changes nothing, for [`PROBE_TIMEOUT`] at most.
    async fn probe(&self, command: &[String], env: &[(String, String)])
    -> Result<Ended, PortError>;

    /// Sends an HTTP request that changes nothing. It does not follow redirects. Only the first 1
    /// MiB of the body is read.
    async fn http(&self, _: &HttpSample) -> Result<HttpResponse, PortError> {
        let why = "HTTP requests are not supported here".into();
        Err(PortError::Refused { what: "send the request".into(), why })
    }

    /// The identity of the CI job that this process runs in, signed by the CI host; `None` outside
    /// of a job, and in a job that is not permitted to request it.
    async fn identity(&self) -> Result<Option<JobIdentity>, PortError> {
        Ok(None)
    }

    /// This process.
    fn me(&self) -> Holder;

    /// Whether it is certain that a holder's process and commands have ended.
    fn gone(&self, holder: &Holder) -> bool;

    /// Whether it is certain that a holder's process, or a command that it started, is running on
    /// this machine. If neither is certain, the holder is neither gone nor alive.
    fn alive(&self, _: &Holder) -> bool {
        false
    }
}

/// Runs the user's commands.
#[async_trait(?Send)]
pub trait Runner: Prober {
    /// Runs a command, at most for `timeout`.
    async fn run(
        &self,
        command: &[String],
        env: &[(String, String)],
        timeout: Duration,
    ) -> Result<Ended, PortError>;
}

/// The clock.
#[async_trait(?Send)]
pub trait Clock {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Waits while another operation runs. This wait is never shortened, and can be dropped.
    async fn lapse(&self, duration: Duration) {
        self.sleep(duration).await;
    }

    /// The remaining time of `--timeout`; `None` without a limit. Pauses that would exceed it do
    /// not start.
    fn left(&self) -> Option<Duration> {
        None
    }
}

/// All ports that only read.
#[derive(Clone, Copy)]
pub struct ReadPorts<'a> {
    /// The local repository.
    pub repository: &'a dyn Repository,
    /// Its remote; `None` without network access.
    pub remote: Option<&'a dyn Remote>,
    /// The forge, or why there is none.
    pub forge: Result<&'a dyn ForgeRead, &'a str>,
    /// The user's commands.
    pub prober: &'a dyn Prober,
    /// The clock.
    pub clock: &'a dyn Clock,
}

/// All ports, including those that write.
#[derive(Clone, Copy)]
pub struct WritePorts<'a> {
    /// The local repository.
    pub repository: &'a dyn Repository,
    /// Its remote.
    pub remote: &'a dyn RemoteChange,
    /// The forge, or why there is none.
    pub forge: Result<&'a dyn ForgeWrite, &'a str>,
    /// The user's commands.
    pub runner: &'a dyn Runner,
    /// The clock.
    pub clock: &'a dyn Clock,
}

impl ReadPorts<'_> {
    /// The time of a new ledger entry: this machine's, but not before the newest response of the
    /// forge. If the clock is behind, a comment on an earlier plan would otherwise count for a plan
    /// that was sealed after it.
    #[must_use]
    pub fn entry_time(&self) -> Timestamp {
        let now = self.clock.now();
        let server = self.forge.ok().and_then(ForgeRead::server_time);
        server.map_or(now, |server| now.max(server))
    }
}

impl<'a> WritePorts<'a> {
    /// Write access to the forge.
    ///
    /// # Errors
    /// When no forge is connected.
    pub fn forge_write(&self) -> Result<&'a dyn ForgeWrite, PortError> {
        let none = |why: &str| PortError::Refused { what: "the forge".into(), why: why.into() };
        self.forge.map_err(none)
    }

    /// The read-only ports among these.
    #[must_use]
    pub fn read_ports(&self) -> ReadPorts<'a> {
        ReadPorts {
            repository: self.repository,
            remote: Some(self.remote),
            forge: self.forge.map(|forge| forge as &dyn ForgeRead),
            prober: self.runner,
            clock: self.clock,
        }
    }
}
