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

/// What to look at, as the command line has it.
#[derive(Debug, Clone)]
pub struct ObserveRequest {
    /// `--commit`; `HEAD` if it is not given.
    pub commit: Option<String>,
    /// `--branch`.
    pub branch: Option<BranchName>,
    /// The branch that `GITHUB_REF` names, and what it held then, `GITHUB_SHA`.
    pub event_branch: Option<(BranchName, Sha)>,
    /// The tag that `GITHUB_REF` names, if a pushed tag started the workflow.
    pub event_tag: Option<TagName>,
    /// The manifest, if it is not the commit's own (`--manifest`, or not committed yet).
    pub manifest: Option<Source>,
    /// The project's name, if neither the manifest nor a version file has one.
    pub name: String,
    /// What the verdict depends on besides.
    pub request: Request,
    /// The job that tminus runs in.
    pub own_run: Option<OwnRun>,
    /// Whether missing history may be fetched.
    pub fetch: bool,
    /// The merge that is judged, in place of `commit` and `branch`.
    pub merging: Option<Merging>,
    /// The pre-release that the version is promoted from; the commit follows from it.
    pub promotion: Option<PromotionRequest>,
    /// How much to look at.
    pub depth: Scope,
    /// What a manifest may name.
    pub kinds: Kinds,
    /// The connected forge, by its name in manifests.
    pub forge: &'static str,
}

impl ObserveRequest {
    /// A look at `HEAD` that uses no argument, no event, and nothing that would have to be fetched.
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

/// A final version is wanted of a pre-release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromotionRequest {
    /// Which pre-release; the newest one of the version if it is not given.
    pub from: Option<Version>,
}

/// A merge that is judged before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merging {
    /// The pull request, if there is one.
    pub number: Option<u64>,
    /// Its title.
    pub title: Option<String>,
    /// The branch that would be merged into.
    pub base: BranchName,
    /// What that branch holds.
    pub onto: Sha,
    /// Where the verdict is posted.
    pub head: Sha,
    /// The commit that the merge makes: this is judged.
    pub result: Sha,
}

/// How much to look at.
#[derive(Debug, Clone)]
pub enum Scope {
    /// What these gates need.
    Check(GateSelection),
    /// Everything that a plan and its progress need besides.
    Plan,
}

/// Why there is nothing to judge.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A repository without commits.
    #[error("the repository has no commits yet")]
    NoCommits,
    /// Neither place has a manifest.
    #[error("there is no `tminus.yaml` in {0}")]
    NoManifest(String),
    /// The manifest is wrong.
    #[error("the manifest is invalid")]
    Manifest {
        /// The file.
        source_file: Source,
        /// Everything that is wrong with it.
        findings: Vec<Finding>,
    },
    /// The commit's manifest is for another forge than the one that was connected.
    #[error("the manifest in the commit sets `forge: {wants}`, but this run uses `{connected}`")]
    OtherForge {
        /// What the manifest says.
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

/// The manifest that judges, what was seen, and what was done to see it.
#[derive(Debug)]
pub struct Observed {
    /// The manifest.
    pub manifest: Manifest,
    /// What was seen.
    pub facts: Facts,
    /// What was fetched, a line each.
    pub fetched: Vec<String>,
}

impl Observed {
    /// The same, as gates and planner take it.
    #[must_use]
    pub fn case(&self) -> Case<'_> {
        Case::new(&self.manifest, &self.facts)
    }
}
