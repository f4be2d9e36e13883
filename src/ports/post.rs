//! Posts a verdict to a forge. Nothing here is part of a release.

use super::PortError;
use crate::base::names::Sha;
use async_trait::async_trait;

pub use crate::report::posts::Annotation;

/// The state of a commit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusState {
    /// Go.
    Success,
    /// No-go.
    Failure,
    /// Hold.
    Pending,
    /// Unknown.
    Error,
}

/// A commit status to create. Of several with the same context, the last one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatus {
    /// The commit.
    pub commit: Sha,
    /// Its state.
    pub state: StatusState,
    /// Its name.
    pub context: String,
    /// A text for people, at most 140 characters, without characters of four bytes.
    pub description: String,
    /// Its page.
    pub page: Option<String>,
}

/// A check run to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheckRun {
    /// The commit.
    pub commit: Sha,
    /// Its name.
    pub name: String,
    /// Whether it succeeded; `None` while it is in progress.
    pub passed: Option<bool>,
    /// One line.
    pub title: String,
    /// Markdown, at most 65,535 bytes.
    pub summary: String,
    /// Its page.
    pub page: Option<String>,
    /// Annotations of lines of files.
    pub annotations: Vec<Annotation>,
}

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// Its author, if known.
    pub author: Option<String>,
    /// Its text.
    pub body: String,
}

/// Posts a verdict to a forge.
#[async_trait(?Send)]
pub trait ForgePost {
    /// Sets a commit status.
    async fn set_status(&self, status: &NewStatus) -> Result<(), PortError>;

    /// Creates a check run. A second call creates a second one, and the newer one counts.
    async fn make_check_run(&self, run: &NewCheckRun) -> Result<(), PortError>;

    /// The account of the token.
    async fn login(&self) -> Result<String, PortError>;

    /// Every comment on a pull request.
    async fn comments(&self, pull: u64) -> Result<Vec<Comment>, PortError>;

    /// Creates a comment.
    async fn comment(&self, pull: u64, body: &str) -> Result<(), PortError>;

    /// Edits a comment.
    async fn edit_comment(&self, comment: u64, body: &str) -> Result<(), PortError>;

    /// Deletes a comment.
    async fn delete_comment(&self, comment: u64) -> Result<(), PortError>;
}
