//! The interfaces to the outside, as traits; the first module below the line.
//!
//! Reading and writing are separate types: code that gets a [`ForgeRead`], a [`Remote`] or a
//! [`Prober`] cannot change anything. All data from these ports is untrusted until it is parsed.

mod git;
mod post;
mod deploy;
mod people;

pub use deploy::{
    Deployments, DeploymentsChange, HttpResponse, NewDeployment, NewDeploymentStatus,
};
pub use git::{
    AssetError, AssetLimits, Branches, Document, DocumentChange, Fetch, Head, Lacking, NewTag,
    RefAt, Remote, RemoteChange, Repository, RepositoryError, TagMove, WorkTree,
};
pub use people::{
    CloseReason, ForgePeople, ForgePeopleChange, IssueComment, IssueText, Reaction, TrackingIssue,
};
pub use post::{Annotation, Comment, ForgePost, NewCheckRun, NewStatus, StatusState};

use crate::base::finding::Who;
use crate::base::names::{BranchName, Sha, TagName};
use crate::facts::environment::JobIdentity;
use crate::facts::rights::Rights;
use crate::facts::{Check, Checks, Push, Release, RemoteAsset, RequiredCheck, Seen, TagAt};
use crate::release::ledger::Holder;
use crate::release::sample::HttpSample;
use crate::release::step::Asset;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// Why a call through a port failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// No response, or one that cannot be parsed: a write may have taken effect.
    #[error("{what}: no usable response: {why}")]
    NoAnswer {
        /// The operation (`create release`).
        what: String,
        /// The cause.
        why: String,
    },
    /// A clear refusal; nothing was changed.
    #[error("{what} was refused: {why}")]
    Refused {
        /// The operation.
        what: String,
        /// The other side's message.
        why: String,
    },
    /// Too many requests.
    #[error("{what}: {}", self.why())]
    Limited {
        /// The operation.
        what: String,
        /// When it can be tried again, by our clock.
        until: Timestamp,
        /// What the other side said, and its id of the request.
        said: Option<String>,
    },
    /// The credentials lack a permission.
    #[error("{what}: {}", self.why())]
    Denied {
        /// The operation.
        what: String,
        /// The permission, as it is written in a workflow (`contents: write`).
        needs: String,
        /// What grants it.
        help: String,
        /// What the other side said, and its id of the request.
        said: Option<String>,
    },
    /// What is there was damaged or replaced; tminus does not touch it.
    #[error("{what}: {why}")]
    Damaged {
        /// The operation.
        what: String,
        /// What is wrong with it.
        why: String,
        /// The way out.
        help: String,
    },
    /// The compare-and-swap failed: another process changed it first.
    #[error("{what}: another process changed it first")]
    Behind {
        /// The operation.
        what: String,
    },
}

impl PortError {
    /// A write that would make a secret public.
    #[must_use]
    pub fn contains_secret(what: &str) -> Self {
        let why = "it contains a secret that is available to this run; remove the secret from it, and \
                   revoke the secret";
        Self::Refused { what: what.into(), why: why.into() }
    }

    /// The reason without the operation, for messages that already name it.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::NoAnswer { why, .. } | Self::Refused { why, .. } | Self::Damaged { why, .. } => {
                why.clone()
            }
            Self::Limited { until, said, .. } => {
                format!("rate limit reached, resets at {until}{}", aside(said.as_deref()))
            }
            Self::Denied { needs, said, .. } => {
                // What is needed is not always a permission: it may be a token.
                let lacks = match needs.contains(':') {
                    true => format!("the token lacks `{}`", needs.replace(" or ", "` or `")),
                    false => format!("{needs} is needed"),
                };
                format!("permission denied: {lacks}{}", aside(said.as_deref()))
            }
            Self::Behind { .. } => "another process changed it first".into(),
        }
    }

    /// What to do about it, if known. Running again is always safe.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Limited { until, .. } => Some(format!("run the command again after {until}")),
            Self::Denied { help, .. } | Self::Damaged { help, .. } => Some(help.clone()),
            Self::NoAnswer { why, .. } if why.contains(UNTRUSTED) => {
                Some("set `SSL_CERT_FILE` to a file that contains the certificate of the server's certificate authority".into())
            }
            Self::NoAnswer { .. } => Some("run the command again".into()),
            Self::Behind { .. } => Some("run `tminus status` to see which one".into()),
            Self::Refused { .. } => None,
        }
    }

    /// Who can fix it; `None` if the other side gave its own reason.
    #[must_use]
    pub fn who(&self) -> Option<Who> {
        match self {
            Self::Limited { .. } => Some(Who::Nobody),
            Self::Denied { .. } => Some(Who::Grantor),
            Self::NoAnswer { .. } | Self::Damaged { .. } | Self::Behind { .. } => {
                Some(Who::Operator)
            }
            Self::Refused { .. } => None,
        }
    }
}

/// How rustls begins to say that the other side is not trusted.
pub(crate) const UNTRUSTED: &str = "invalid peer certificate";

pub(crate) fn aside(said: Option<&str>) -> String {
    said.map(|said| format!(" ({said})")).unwrap_or_default()
}

/// What to ask the forge, in one request. With neither branch nor tag it is a look at the checks
/// alone, light enough to be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The commit whose checks are wanted.
    pub commit: Sha,
    /// The branch whose rules are wanted.
    pub branch: Option<BranchName>,
    /// The tag whose release is wanted.
    pub tag: Option<TagName>,
    /// Whether checks on commits with the same tree are wanted.
    pub same_tree: bool,
    /// Whether the push that brought the commit to the branch is wanted.
    pub push: bool,
}

impl Survey {
    /// The checks alone.
    #[must_use]
    pub fn checks_on(commit: Sha) -> Self {
        Self { commit, branch: None, tag: None, same_tree: false, push: false }
    }
}

/// The forge's answer. Each part can be known or unseen.
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
    /// The tags to move, and where they are; one that is not there is to be created.
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

/// Which notes the forge is to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotesOrder {
    /// The tag of the release, which need not exist.
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

    /// Finished check runs on the few commits before this one, as far as one request tells them:
    /// enough to estimate by, never to decide by.
    async fn past(&self, commit: &Sha) -> Result<Vec<Check>, PortError>;

    /// Every release that names the tag, drafts included, by listing: needs write permission, and
    /// may lag some seconds behind a write.
    async fn releases(&self, tag: &TagName) -> Result<Vec<Release>, PortError>;

    /// One release by its number, with all assets; `None` if it does not exist.
    async fn release(&self, id: u64) -> Result<Option<Release>, PortError>;

    /// What the token may do, by asking things that change nothing; whether git may push is not
    /// the forge's to tell.
    async fn rights(&self, inquiry: &PermissionQuery) -> Result<Rights, PortError>;

    /// Whether a published release that can no longer be changed has the tag, so that the tag cannot
    /// be moved.
    async fn is_locked(&self, tag: &TagName) -> Result<bool, PortError>;

    /// Notes that the forge makes for a release. Nothing is saved.
    async fn notes(&self, _: &NotesOrder) -> Result<String, PortError> {
        let why = "this forge makes no notes".into();
        Err(PortError::Refused { what: "generate the notes".into(), why })
    }

    /// The page of a file at a tag, which need not exist; known without a request.
    fn file_page(&self, _: &TagName, _: &str) -> Option<String> {
        None
    }

    /// The page that lists the commits from one tag to another, or to the tag from the beginning; they
    /// need not exist, and it is known without a request.
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
    /// The tag it announces.
    pub tag: TagName,
    /// The commit, in full.
    pub commit: Sha,
    /// Its title.
    pub title: String,
    /// Its notes, marker included.
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

    /// Removes a draft.
    async fn delete_draft(&self, release: u64) -> Result<(), PortError>;

    /// Publishes a draft.
    async fn publish(&self, publication: &Publication) -> Result<Release, PortError>;

    /// Deployments, to write them; `None` if this forge has none.
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

/// Runs the user's probes.
#[async_trait(?Send)]
pub trait Prober {
    /// Runs a command that changes nothing.
    async fn probe(&self, command: &[String], env: &[(String, String)])
    -> Result<Ended, PortError>;

    /// Sends an HTTP request that changes nothing. Redirects are not followed; a body of more than
    /// 1 MiB is cut there.
    async fn http(&self, _: &HttpSample) -> Result<HttpResponse, PortError> {
        let why = "HTTP requests are not supported here".into();
        Err(PortError::Refused { what: "send the request".into(), why })
    }

    /// The identity of the CI job that this process runs in, as the CI host signs it; `None` outside
    /// of a job, and in a job that may not request it.
    async fn identity(&self) -> Result<Option<JobIdentity>, PortError> {
        Ok(None)
    }

    /// This process.
    fn me(&self) -> Holder;

    /// Whether a holder is provably gone.
    fn gone(&self, holder: &Holder) -> bool;

    /// Whether a holder, or a command that it started, provably runs on this machine. Where nobody
    /// can tell it is neither gone nor alive.
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

    /// What is left of the time that everything may take together; `None` where there is no end.
    /// No pause is begun that is as long.
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

impl<'a> WritePorts<'a> {
    /// The forge, to write to it.
    ///
    /// # Errors
    /// When there is none.
    pub fn forge_write(&self) -> Result<&'a dyn ForgeWrite, PortError> {
        let none = |why: &str| PortError::Refused { what: "the forge".into(), why: why.into() };
        self.forge.map_err(none)
    }

    /// The ports of these that only read.
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
