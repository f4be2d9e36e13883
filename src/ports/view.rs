//! A repository as if something else were checked out. Whatever does not depend on that is delegated
//! here, once.

use super::{AssetError, Branches, Head, Lacking, RefAt, Repository, RepositoryError};
use crate::base::names::{BranchName, Sha};
use crate::facts::{FileAt, History, Seen, VersionTag};
use crate::project::commits::Commit;
use crate::project::manifest::Pattern;
use crate::release::step::Asset;

/// The parts of a [`Repository`] that depend on what is checked out.
pub trait RepositoryView {
    /// The repository with the objects.
    fn objects(&self) -> &dyn Repository;

    /// As [`Repository::head`].
    fn head(&self) -> Result<Option<Head>, RepositoryError>;

    /// As [`Repository::branches`].
    fn branches(&self) -> Result<Branches, RepositoryError> {
        self.objects().branches()
    }

    /// As [`Repository::dirty`].
    fn dirty(&self) -> Result<Vec<String>, RepositoryError> {
        self.objects().dirty()
    }

    /// As [`Repository::tags`].
    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError> {
        self.objects().tags()
    }

    /// As [`Repository::assets`].
    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        self.objects().assets(patterns)
    }
}

impl<V: RepositoryView> Repository for V {
    fn head(&self) -> Result<Option<Head>, RepositoryError> {
        RepositoryView::head(self)
    }

    fn resolve(&self, revision: &str) -> Result<Sha, RepositoryError> {
        self.objects().resolve(revision)
    }

    fn commit(&self, sha: &Sha) -> Result<Commit, RepositoryError> {
        self.objects().commit(sha)
    }

    fn branches(&self) -> Result<Branches, RepositoryError> {
        RepositoryView::branches(self)
    }

    fn remote_branches_with(&self, sha: &Sha) -> Result<Vec<BranchName>, RepositoryError> {
        self.objects().remote_branches_with(sha)
    }

    fn below(&self, commit: &Sha, path: &str, most: usize) -> Result<Vec<String>, RepositoryError> {
        self.objects().below(commit, path, most)
    }

    fn dirty(&self) -> Result<Vec<String>, RepositoryError> {
        RepositoryView::dirty(self)
    }

    fn shallow(&self) -> bool {
        self.objects().shallow()
    }

    fn is_partial(&self) -> bool {
        self.objects().is_partial()
    }

    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError> {
        RepositoryView::tags(self)
    }

    fn history(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError> {
        self.objects().history(commit, tags)
    }

    fn merged(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<Option<VersionTag>>, RepositoryError> {
        self.objects().merged(commit, tags)
    }

    fn lacking(&self, from: &Sha, to: &Sha) -> Result<Seen<Lacking>, RepositoryError> {
        self.objects().lacking(from, to)
    }

    fn parents(&self, sha: &Sha) -> Result<Vec<Sha>, RepositoryError> {
        self.objects().parents(sha)
    }

    fn between(&self, from: &Sha, to: &Sha) -> Result<Seen<Vec<Commit>>, RepositoryError> {
        self.objects().between(from, to)
    }

    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Result<bool, RepositoryError> {
        self.objects().is_ancestor(ancestor, of)
    }

    fn file(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.objects().file(commit, path)
    }

    fn readable(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.objects().readable(commit, path)
    }

    fn folder(&self, commit: &Sha, path: &str) -> Result<Vec<String>, RepositoryError> {
        self.objects().folder(commit, path)
    }

    fn changed(&self, from: &Sha, to: &Sha, most: usize) -> Result<Vec<String>, RepositoryError> {
        self.objects().changed(from, to, most)
    }

    fn touching(&self, commits: &[Sha], folder: &str) -> Result<Vec<bool>, RepositoryError> {
        self.objects().touching(commits, folder)
    }

    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Result<usize, RepositoryError> {
        self.objects().ahead(from, to, most)
    }

    fn assets(&self, patterns: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        RepositoryView::assets(self, patterns)
    }
}
