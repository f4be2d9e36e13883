//! A repository as if another commit were checked out.

use crate::base::names::{BranchName, Sha};
use crate::facts::{FileAt, History, Seen, VersionTag};
use crate::ports::{AssetError, Branches, Head, Lacking, RefAt, Repository, RepositoryError};
use crate::project::commits::Commit;
use crate::project::manifest::Pattern;
use crate::release::step::Asset;

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

type Done<T> = Result<T, RepositoryError>;

impl Repository for Checkout<'_> {
    fn head(&self) -> Done<Option<Head>> {
        let head = self.repository.head()?;
        let commit = self.head.clone();
        Ok(head.map(|head| Head { commit: commit.unwrap_or(head.commit), branch: head.branch }))
    }

    fn resolve(&self, revision: &str) -> Done<Sha> {
        self.repository.resolve(revision)
    }

    fn commit(&self, sha: &Sha) -> Done<Commit> {
        self.repository.commit(sha)
    }

    fn branches(&self) -> Done<Branches> {
        self.repository.branches()
    }

    fn remote_branches_with(&self, sha: &Sha) -> Done<Vec<BranchName>> {
        self.repository.remote_branches_with(sha)
    }

    fn below(&self, commit: &Sha, path: &str, most: usize) -> Done<Vec<String>> {
        self.repository.below(commit, path, most)
    }

    fn dirty(&self) -> Done<Vec<String>> {
        self.repository.dirty()
    }

    fn shallow(&self) -> bool {
        self.repository.shallow()
    }

    fn is_partial(&self) -> bool {
        self.repository.is_partial()
    }

    fn tags(&self) -> Done<Vec<RefAt>> {
        self.repository.tags()
    }

    fn history(&self, commit: &Sha, tags: Vec<VersionTag>) -> Done<Seen<History>> {
        self.repository.history(commit, tags)
    }

    fn merged(&self, commit: &Sha, tags: Vec<VersionTag>) -> Done<Seen<Option<VersionTag>>> {
        self.repository.merged(commit, tags)
    }

    fn lacking(&self, from: &Sha, to: &Sha) -> Done<Seen<Lacking>> {
        self.repository.lacking(from, to)
    }

    fn parents(&self, sha: &Sha) -> Done<Vec<Sha>> {
        self.repository.parents(sha)
    }

    fn between(&self, from: &Sha, to: &Sha) -> Done<Seen<Vec<Commit>>> {
        self.repository.between(from, to)
    }

    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Done<bool> {
        self.repository.is_ancestor(ancestor, of)
    }

    fn file(&self, commit: &Sha, path: &str) -> Done<FileAt> {
        self.repository.file(commit, path)
    }

    fn folder(&self, commit: &Sha, path: &str) -> Done<Vec<String>> {
        self.repository.folder(commit, path)
    }

    fn changed(&self, from: &Sha, to: &Sha, most: usize) -> Done<Vec<String>> {
        self.repository.changed(from, to, most)
    }

    fn touching(&self, commits: &[Sha], folder: &str) -> Done<Vec<bool>> {
        self.repository.touching(commits, folder)
    }

    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Done<usize> {
        self.repository.ahead(from, to, most)
    }

    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        self.repository.assets(patterns)
    }
}
