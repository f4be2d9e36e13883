//! Environments and deployments of a forge, and requests to the user's own systems.

use super::PortError;
use crate::base::names::{EnvironmentName, Sha};
use crate::facts::environment::{
    Approval, Deployment, DeploymentMark, DeploymentState, Protection,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// Reads environments and deployments.
#[async_trait(?Send)]
pub trait Deployments {
    /// The protection of an environment; `None` if there is no such environment.
    async fn protection(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Option<Protection>, PortError>;

    /// Approvals of workflow runs of a commit for an environment. Only runs that started at `since`
    /// or later count.
    async fn approvals(
        &self,
        environment: &EnvironmentName,
        commit: &Sha,
        since: Timestamp,
    ) -> Result<Vec<Approval>, PortError>;

    /// The newest deployments to an environment, at most 30, newest first, each with its newest state.
    async fn deployments(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<Deployment>, PortError>;
}

/// A deployment to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeployment {
    /// Its environment.
    pub environment: EnvironmentName,
    /// The commit.
    pub commit: Sha,
    /// The mark that identifies it.
    pub mark: DeploymentMark,
    /// A short text for people.
    pub description: String,
}

/// The next state of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeploymentStatus {
    /// The deployment.
    pub deployment: u64,
    /// Its environment.
    pub environment: EnvironmentName,
    /// The state.
    pub state: DeploymentState,
    /// A short text for people, at most 140 characters.
    pub description: String,
    /// The page of the run, if there is one.
    pub log_url: Option<String>,
    /// The address of what was deployed, if the manifest has one.
    pub environment_url: Option<String>,
}

/// Writes deployments. No method retries: after [`PortError::NoAnswer`], read the state first.
#[async_trait(?Send)]
pub trait DeploymentsChange: Deployments {
    /// Creates a deployment of exactly this commit. A second call creates a second deployment.
    async fn create_deployment(&self, new: &NewDeployment) -> Result<Deployment, PortError>;

    /// Adds a state to a deployment; doing it twice is harmless. It never changes older
    /// deployments.
    async fn set_deployment(&self, status: &NewDeploymentStatus) -> Result<(), PortError>;
}

/// The response to an HTTP request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, names in lowercase.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, at most 1 MiB.
    pub body: Vec<u8>,
    /// When the server's certificate expires; `None` without TLS, and if the certificate cannot be read.
    pub certificate_expires: Option<Timestamp>,
}
