//! A repository as if another commit were checked out.

use crate::base::names::Sha;
use crate::ports::{Head, Repository, RepositoryError, RepositoryView};

/// A repository with another `HEAD`. Files that were built stay those of the disk.
pub struct Checkout<'a> {
    repository: &'a dyn Repository,
    head: Option<Sha>,
}

impl<'a> Checkout<'a> {
    /// The repository as it is.
    #[must_use]
    pub fn of(repository: &'a dyn Repository) -> Self {
        Self { repository, head: None }
    }

    /// Checks a commit out, in this view alone.
    pub fn switch(&mut self, commit: Sha) {
        self.head = Some(commit);
    }
}

impl RepositoryView for Checkout<'_> {
    fn objects(&self) -> &dyn Repository {
        self.repository
    }

    fn head(&self) -> Result<Option<Head>, RepositoryError> {
        let head = self.repository.head()?;
        let commit = self.head.clone();
        Ok(head.map(|head| Head { commit: commit.unwrap_or(head.commit), branch: head.branch }))
    }
}
