//! Posts a verdict to a forge. Nothing here is part of a release.

use super::PortError;
use crate::base::names::Sha;
use async_trait::async_trait;

pub use crate::report::posts::Annotation;

/// What a commit status says.
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

/// A commit status to be set. The last one of a context is the one that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatus {
    /// The commit.
    pub commit: Sha,
    /// What it says.
    pub state: StatusState,
    /// Its name.
    pub context: String,
    /// For people, at most 140 characters, of which none takes four bytes.
    pub description: String,
    /// A page about it.
    pub page: Option<String>,
}

/// A check run to be made.
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
    /// A page about it.
    pub page: Option<String>,
    /// Marks on lines of files.
    pub annotations: Vec<Annotation>,
}

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// Its author, if known.
    pub author: Option<String>,
    /// What it says.
    pub body: String,
}

/// Telling a verdict on a forge.
#[async_trait(?Send)]
pub trait ForgePost {
    /// Sets a commit status.
    async fn set_status(&self, status: &NewStatus) -> Result<(), PortError>;

    /// Makes a check run; twice makes two, of which the newer counts.
    async fn make_check_run(&self, run: &NewCheckRun) -> Result<(), PortError>;

    /// The name that we write under.
    async fn login(&self) -> Result<String, PortError>;

    /// Every comment on a pull request.
    async fn comments(&self, pull: u64) -> Result<Vec<Comment>, PortError>;

    /// Writes a comment.
    async fn comment(&self, pull: u64, body: &str) -> Result<(), PortError>;

    /// Changes a comment.
    async fn edit_comment(&self, comment: u64, body: &str) -> Result<(), PortError>;

    /// Removes a comment.
    async fn delete_comment(&self, comment: u64) -> Result<(), PortError>;
}
