//! The facts about an environment: its protection on the forge, and its releases.

use crate::base::names::{Digest, EnvironmentName, Sha, StageName};
use crate::base::seen::Seen;
use crate::release::environment::EnvironmentRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentState {
    /// Its protection; `None` if the forge has no such environment.
    pub protection: Seen<Option<Protection>>,
    /// Whether this process runs in a job of the environment, as the job's identity token shows.
    pub inside: Seen<bool>,
    /// Approvals of workflow runs of the release's commit for this environment, since the plan was
    /// sealed.
    pub approvals: Seen<Vec<Approval>>,
    /// The releases that tminus made to it.
    pub record: Seen<Stored<EnvironmentRecord>>,
    /// Its newest deployments on the forge, newest first; `None` if the forge has no deployments.
    pub deployments: Seen<Option<Vec<Deployment>>>,
}

impl EnvironmentState {
    /// The deployment of the release that the record names.
    #[must_use]
    pub fn own_deployment(&self) -> Option<&Deployment> {
        let entry = self.record.known().ok()?.value.current.as_ref()?;
        let all = self.deployments.known().ok()?.as_ref()?;
        all.iter().find(|one| {
            one.mark
                .as_ref()
                .is_some_and(|mark| mark.plan == entry.plan && mark.entered == entry.at)
        })
    }

    /// The deployments that the release of a plan replaces: every successful one but its own.
    pub fn replaced_by(&self, plan: &Digest) -> impl Iterator<Item = &Deployment> {
        let own = self
            .own_deployment()
            .filter(|own| own.mark.as_ref().is_some_and(|mark| mark.plan == *plan));
        let own = own.map(|own| own.id);
        let all = self.deployments.known().ok().and_then(Option::as_ref);
        all.into_iter()
            .flatten()
            .filter(move |one| Some(one.id) != own && one.state == DeploymentState::Success)
    }
}

/// A document that tminus stores in the remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored<T> {
    /// The commit that contains it; `None` if the document does not exist yet.
    pub at: Option<Sha>,
    /// Its content.
    pub value: T,
}

/// The protection rules of an environment
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// How long a job waits before it starts, in minutes; 0 if there is no wait timer.
    pub wait_minutes: u64,
    /// People and teams; the approval of one is enough. Empty if no review is required.
    pub reviewers: Vec<Reviewer>,
    /// Whether the person who started a run cannot approve it.
    pub prevents_self_review: bool,
    /// The branches and tags that may be deployed.
    pub refs: AllowedRefs,
    /// Apps that decide by their own rules, by their names.
    pub apps: Vec<String>,
}

impl Protection {
    /// How many rules there are.
    #[must_use]
    pub fn rules(&self) -> usize {
        let timer = usize::from(self.wait_minutes > 0);
        let review = usize::from(!self.reviewers.is_empty());
        let refs = usize::from(self.refs != AllowedRefs::Any);
        timer + review + refs + self.apps.len()
    }
}

/// Who may approve a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reviewer {
    /// A person, by login.
    User(String),
    /// A team, by its name in the organization.
    Team(String),
}

/// The branches and tags that may be deployed to an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllowedRefs {
    /// All of them.
    #[default]
    Any,
    /// Branches with a protection rule.
    Protected,
    /// Those that match a pattern.
    Patterns(Vec<RefPattern>),
}

/// A pattern of branches or tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefPattern {
    /// The pattern; `*` does not match `/`.
    pub name: String,
    /// Whether it is for tags.
    pub tag: bool,
}

/// An approval of a workflow run for an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// The workflow run.
    pub run: u64,
    /// Who started that run.
    pub started_by: Option<String>,
    /// When the run was created, which is before the approval: the forge does not show when it was
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Its page.
    pub url: Option<String>,
}

/// A deployment on the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its number.
    pub id: u64,
    /// The commit that is deployed.
    pub commit: Sha,
    /// When it was created.
    pub at: Timestamp,
    /// Who created it.
    pub by: Option<String>,
    /// Its newest state.
    pub state: DeploymentState,
    /// tminus's data in its payload, if tminus created it.
    pub mark: Option<DeploymentMark>,
    /// Its page, or the page of its log.
    pub url: Option<String>,
}

/// The data that tminus stores in the payload of a deployment, to find it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentMark {
    /// The digest of the plan.
    pub plan: Digest,
    /// The stage.
    pub stage: StageName,
    /// When the stage entered the environment; if it enters again, there is a new deployment.
    pub entered: Timestamp,
}

/// The state of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentState {
    /// It has not started.
    Queued,
    /// It is in progress.
    InProgress,
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// Another deployment replaced it.
    Inactive,
    /// The forge received no status for too long.
    Abandoned,
    /// It waits for the protection of its environment.
    Waiting,
    /// An unknown state.
    Other(String),
}

/// The identity of a job, according to its identity token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobIdentity {
    /// The repository, `owner/name`.
    pub repository: String,
    /// The commit that the run was started for.
    pub commit: Option<Sha>,
    /// The environment of the job.
    pub environment: Option<EnvironmentName>,
}
