//! The data types of the simulator.

use super::effect::EffectKind;
use super::faults::FaultKind;
use crate::base::names::{BranchName, EnvironmentName, Person, Sha, TagName};
use crate::facts::environment::{Approval, Deployment};
use crate::facts::rights::{Token, TokenKind, Workflows};
use crate::facts::{Blocker, Release};
use crate::ports::{CloseReason, Comment, NewCheckRun, NewStatus, Reaction};
use crate::project::manifest::Permission;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The program under test.
    Us,
    /// Somebody else, or the world as it was before.
    Foreign,
}

/// What kind of world it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Published releases can no longer be changed.
    pub immutable_releases: bool,
    /// A draft may be made beside a published release of the same tag.
    pub drafts_beside_published: bool,
    /// How long the listing of releases stays behind every write.
    pub listing_lag: SignedDuration,
    /// Dead processes of this machine can be told from living ones.
    pub tells_the_dead: bool,
    /// Whether a process can be told to be alive: then no clock takes a release from it.
    pub tells_the_living: bool,
    /// How long a command of the user takes.
    pub command_minutes: u32,
    /// A person allowed one process to take a valid lease from another.
    pub take_over: bool,
    /// The repository's page.
    pub page: String,
    /// Whose token it is.
    pub token: Token,
    /// The workflow files of every commit beside the default branch's.
    pub workflows: Workflows,
    /// The notes that the forge makes for any release.
    pub generated_notes: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            immutable_releases: true,
            drafts_beside_published: true,
            listing_lag: SignedDuration::ZERO,
            tells_the_dead: true,
            tells_the_living: false,
            command_minutes: 0,
            take_over: false,
            page: "https://github.com/acme/widget".into(),
            token: Token { login: "github-actions[bot]".into(), kind: TokenKind::Job },
            workflows: Workflows::Same,
            generated_notes: "## What's Changed\n* A change by @ada\n".into(),
        }
    }
}

/// What the credentials reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// `contents: write`; without it drafts are invisible.
    pub write: bool,
    /// `checks: read`.
    pub checks: bool,
    /// The branch's rules can be read.
    pub rules: bool,
    /// Statuses, check runs and comments can be written.
    pub tell: bool,
    /// `deployments: write`.
    pub deploy: bool,
    /// `issues: write`.
    pub issues: bool,
    /// There is a token that can read the organization.
    pub organization: bool,
}

impl Default for Rights {
    fn default() -> Self {
        Self {
            write: true,
            checks: true,
            rules: true,
            tell: true,
            deploy: true,
            issues: true,
            organization: true,
        }
    }
}

/// The statuses, check runs and comments that were posted.
#[derive(Debug, Default)]
pub struct Board {
    /// Statuses, oldest first.
    pub statuses: Vec<NewStatus>,
    /// Check runs, oldest first.
    pub check_runs: Vec<NewCheckRun>,
    /// Comments by pull request, oldest first.
    pub comments: Vec<(u64, Comment)>,
}

/// Issues, and the people who can do something there.
#[derive(Debug, Default)]
pub struct Society {
    /// Issues, oldest first.
    pub issues: Vec<SimTracking>,
    /// Permissions on the repository, if they are more than to read.
    pub permissions: BTreeMap<Person, Permission>,
    /// Members of teams, by `ORGANIZATION/TEAM`.
    pub teams: BTreeMap<String, BTreeSet<Person>>,
    /// The accounts of the authors of commits.
    pub authors: BTreeMap<Sha, BTreeSet<Person>>,
    /// People whose keys the allowed signers do not contain.
    pub foreign_keys: BTreeSet<Person>,
    /// Commits whose signature the forge verifies, with the account of the committer.
    pub verified: BTreeMap<Sha, Person>,
    /// Email addresses that accounts have verified; the forge verifies every signed commit of a real
    /// repository with such a committer.
    pub emails: BTreeMap<String, Person>,
    /// Reviews of pull requests, oldest first.
    pub reviews: Vec<SimReview>,
}

/// A review of a pull request.
#[derive(Debug, Clone)]
pub struct SimReview {
    /// The number of the pull request: its place among all of them, from 1.
    pub pull: usize,
    /// Who wrote it.
    pub author: SimAccount,
    /// When.
    pub at: Timestamp,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED` or `DISMISSED`.
    pub state: &'static str,
    /// The commit that was reviewed.
    pub commit: Sha,
}

/// An issue.
#[derive(Debug, Clone)]
pub struct SimTracking {
    /// Its number.
    pub number: u64,
    /// Who opened it.
    pub author: SimAccount,
    /// Whether it is open.
    pub open: bool,
    /// Why it was closed last.
    pub closed: Option<CloseReason>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its comments, oldest first.
    pub comments: Vec<SimComment>,
    /// How often its text was replaced.
    pub edits: usize,
}

/// A comment on an issue.
#[derive(Debug, Clone)]
pub struct SimComment {
    /// Its number.
    pub id: u64,
    /// Who wrote it.
    pub author: SimAccount,
    /// When.
    pub at: Timestamp,
    /// When it was edited last.
    pub edited: Option<Timestamp>,
    /// Markdown.
    pub body: String,
    /// Who reacted to it, and how.
    pub reactions: BTreeSet<(String, Reaction)>,
}

/// An account of the forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimAccount {
    /// A person.
    User(String),
    /// An app; its name ends in `[bot]`.
    Bot(String),
    /// An account that was deleted.
    Deleted,
}

/// A release and what only the forge knows of it.
#[derive(Debug, Clone)]
pub struct SimRelease {
    /// As it is shown.
    pub release: Release,
    /// When it was made.
    pub created: Timestamp,
    /// When it went public.
    pub published: Option<Timestamp>,
    /// Who made it public.
    pub published_by: Option<Author>,
    /// Whether it can no longer be changed.
    pub immutable: bool,
}

/// A tag of the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRef {
    /// What it holds: a tag object, or the commit itself.
    pub object: Sha,
    /// The commit that it leads to.
    pub commit: Sha,
    /// The message of the tag object.
    pub message: String,
    /// Who made it.
    pub by: Author,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// The newest commit of its branch.
    pub head: Sha,
    /// The commit that merging it made.
    pub merge: Option<Sha>,
    /// When it was merged.
    pub merged_at: Option<Timestamp>,
    /// Whether its branch belongs to another repository.
    pub fork: bool,
}

/// An issue or a pull request, as far as it can block a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimIssue {
    /// As the forge tells it, with all its labels.
    pub blocker: Blocker,
    /// Whether it is open.
    pub open: bool,
}

/// A push to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The branch.
    pub branch: BranchName,
    /// What it held before.
    pub before: Option<Sha>,
    /// What it holds since.
    pub after: Sha,
    /// When.
    pub at: Timestamp,
}

/// A deployment and where it goes.
#[derive(Debug, Clone)]
pub struct SimDeployment {
    /// The environment.
    pub environment: EnvironmentName,
    /// As it is shown.
    pub deployment: Deployment,
}

/// A review of a run.
#[derive(Debug, Clone)]
pub struct SimApproval {
    /// The environment.
    pub environment: EnvironmentName,
    /// The commit of the run.
    pub commit: Sha,
    /// When the run started.
    pub at: Timestamp,
    /// As it is shown.
    pub approval: Approval,
}

/// One call, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its number, from 1.
    pub n: usize,
    /// Which call it is.
    pub kind: EffectKind,
    /// What was asked, for people.
    pub line: String,
    /// When.
    pub at: Timestamp,
    /// By which process.
    pub process: u32,
    /// What went wrong on purpose.
    pub fault: Option<FaultKind>,
    /// The response that the caller got, for display; empty if the caller was already dead.
    pub answer: String,
}

/// An old view of the releases that is still shown.
#[derive(Debug)]
pub(super) struct Stale {
    pub(super) releases: Vec<Release>,
    pub(super) reads: u32,
    pub(super) until: Timestamp,
}

/// What the oracle saw before.
#[derive(Debug, Default)]
pub(super) struct OracleState {
    pub(super) samples: BTreeMap<String, Vec<(Timestamp, bool)>>,
    pub(super) tags: BTreeMap<TagName, TagRef>,
    pub(super) greens: BTreeMap<(u32, Sha), bool>,
    pub(super) published: BTreeMap<TagName, usize>,
    /// The tags that each process saw last.
    pub(super) listed: BTreeMap<u32, BTreeSet<TagName>>,
    /// Where moving tags have been moved to.
    pub(super) moved: BTreeSet<(TagName, Sha)>,
}
