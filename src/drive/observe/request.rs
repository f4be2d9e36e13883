//! What to observe, and errors that can be found before anything is read.

use crate::base::finding::Finding;
use crate::base::names::{BranchName, Sha, TagName};
use crate::base::source::Source;
use crate::base::version::Version;
use crate::facts::{Facts, OwnRun, Request};
use crate::judge::case::Case;
use crate::judge::gates::GateSelection;
use crate::ports::RepositoryError;
use crate::project::manifest::{Kinds, Manifest};
use crate::release::outcome::Outcome;

/// What to observe, from the command line.
#[derive(Debug, Clone)]
pub struct ObserveRequest {
    /// `--commit`; `HEAD` if it is not given.
    pub commit: Option<String>,
    /// `--branch`.
    pub branch: Option<BranchName>,
    /// The branch in `GITHUB_REF`, and its head at that time, `GITHUB_SHA`.
    pub event_branch: Option<(BranchName, Sha)>,
    /// The tag that `GITHUB_REF` names, if a pushed tag started the workflow.
    pub event_tag: Option<TagName>,
    /// The manifest, if it is not the commit's own (`--manifest`, or not committed yet).
    pub manifest: Option<Source>,
    /// The project's name, if neither the manifest nor a version file has one.
    pub name: String,
    /// Other arguments that the verdict depends on.
    pub request: Request,
    /// The job that tminus runs in.
    pub own_run: Option<OwnRun>,
    /// Whether missing history may be fetched.
    pub fetch: bool,
    /// The merge to evaluate, instead of `commit` and `branch`.
    pub merging: Option<Merging>,
    /// The pre-release that the version is promoted from; the commit follows from it.
    pub promotion: Option<PromotionRequest>,
    /// How much to read.
    pub depth: Scope,
    /// The gates, steps and forges that a manifest can name.
    pub kinds: Kinds,
    /// The connected forge, by its name in manifests.
    pub forge: &'static str,
}

impl ObserveRequest {
    /// A request for `HEAD`, without arguments and without an event. It fetches nothing.
    #[must_use]
    pub fn of_head(depth: Scope, kinds: Kinds, forge: &'static str) -> Self {
        Self {
            commit: None,
            branch: None,
            event_branch: None,
            event_tag: None,
            manifest: None,
            name: String::new(),
            request: Request::default(),
            own_run: None,
            fetch: false,
            merging: None,
            promotion: None,
            depth,
            kinds,
            forge,
        }
    }
}

/// The request to promote a pre-release to its final version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromotionRequest {
    /// The pre-release; if not set, the newest one of the version.
    pub from: Option<Version>,
}

/// A merge that is evaluated before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merging {
    /// The pull request, if there is one.
    pub number: Option<u64>,
    /// Its title.
    pub title: Option<String>,
    /// The branch that would be merged into.
    pub base: BranchName,
    /// The head of that branch.
    pub onto: Sha,
    /// Where the verdict is posted.
    pub head: Sha,
    /// The result of the merge: the commit that is evaluated.
    pub result: Sha,
}

/// How much to read.
#[derive(Debug, Clone)]
pub enum Scope {
    /// What these gates need.
    Check(GateSelection),
    /// In addition, everything that a plan and its progress need.
    Plan,
}

/// Why a commit cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A repository without commits.
    #[error("the repository has no commits yet")]
    NoCommits,
    /// No `tminus.yaml` and no `.github/tminus.yaml` exist.
    #[error("there is no `tminus.yaml` in {0}")]
    NoManifest(String),
    /// The manifest is wrong.
    #[error("the manifest is invalid")]
    Manifest {
        /// The file.
        source_file: Source,
        /// All errors in it.
        findings: Vec<Finding>,
    },
    /// The commit's manifest names another forge than the connected one.
    #[error("the manifest in the commit sets `forge: {wants}`, but this run uses `{connected}`")]
    OtherForge {
        /// The forge in the manifest.
        wants: &'static str,
        /// The connected forge.
        connected: &'static str,
    },
    /// There is no pre-release to promote.
    #[error("{}", .finding.message)]
    NotPromoted {
        /// How a command ends.
        outcome: Outcome,
        /// Why.
        finding: Box<Finding>,
    },
    /// The local repository cannot be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The manifest that is used, the facts, and what was fetched.
#[derive(Debug)]
pub struct Observed {
    /// The manifest.
    pub manifest: Manifest,
    /// The facts.
    pub facts: Facts,
    /// What was fetched, one line each.
    pub fetched: Vec<String>,
}

impl Observed {
    /// The input for gates and planner.
    #[must_use]
    pub fn case(&self) -> Case<'_> {
        Case::new(&self.manifest, &self.facts)
    }
}
