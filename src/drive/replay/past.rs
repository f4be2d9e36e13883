//! The repository as it was before a release was tagged.

use crate::base::names::{BranchName, Sha};
use crate::facts::{FileAt, History, Seen, VersionTag};
use crate::ports::{AssetError, Branches, Head, Lacking, RefAt, Repository, RepositoryError};
use crate::project::commits::Commit;
use crate::project::manifest::Pattern;
use crate::release::step::Asset;

/// A repository whose `HEAD` is a past commit, with a clean working tree and only the tags of that
/// time. It uses the objects of the real repository.
pub(super) struct Past<'a> {
    pub(super) repository: &'a dyn Repository,
    pub(super) commit: Sha,
    pub(super) branch: Option<BranchName>,
    pub(super) tags: Vec<RefAt>,
}

impl Repository for Past<'_> {
    fn head(&self) -> Result<Option<Head>, RepositoryError> {
        Ok(Some(Head { commit: self.commit.clone(), branch: self.branch.clone() }))
    }

    fn resolve(&self, revision: &str) -> Result<Sha, RepositoryError> {
        self.repository.resolve(revision)
    }

    fn commit(&self, sha: &Sha) -> Result<Commit, RepositoryError> {
        self.repository.commit(sha)
    }

    fn branches(&self) -> Result<Branches, RepositoryError> {
        let mut branches = self.repository.branches()?;
        if let Some(branch) = &self.branch {
            branches.heads.insert(branch.clone(), self.commit.clone());
        }
        Ok(branches)
    }

    fn remote_branches_with(&self, sha: &Sha) -> Result<Vec<BranchName>, RepositoryError> {
        self.repository.remote_branches_with(sha)
    }

    fn dirty(&self) -> Result<Vec<String>, RepositoryError> {
        Ok(Vec::new())
    }

    fn shallow(&self) -> bool {
        self.repository.shallow()
    }

    fn is_partial(&self) -> bool {
        self.repository.is_partial()
    }

    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError> {
        Ok(self.tags.clone())
    }

    fn history(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<History>, RepositoryError> {
        self.repository.history(commit, tags)
    }

    fn merged(
        &self,
        commit: &Sha,
        tags: Vec<VersionTag>,
    ) -> Result<Seen<Option<VersionTag>>, RepositoryError> {
        self.repository.merged(commit, tags)
    }

    fn lacking(&self, from: &Sha, to: &Sha) -> Result<Seen<Lacking>, RepositoryError> {
        self.repository.lacking(from, to)
    }

    fn parents(&self, sha: &Sha) -> Result<Vec<Sha>, RepositoryError> {
        self.repository.parents(sha)
    }

    fn between(&self, from: &Sha, to: &Sha) -> Result<Seen<Vec<Commit>>, RepositoryError> {
        self.repository.between(from, to)
    }

    fn is_ancestor(&self, ancestor: &Sha, of: &Sha) -> Result<bool, RepositoryError> {
        self.repository.is_ancestor(ancestor, of)
    }

    fn file(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.repository.file(commit, path)
    }

    fn readable(&self, commit: &Sha, path: &str) -> Result<FileAt, RepositoryError> {
        self.repository.readable(commit, path)
    }

    fn folder(&self, commit: &Sha, path: &str) -> Result<Vec<String>, RepositoryError> {
        self.repository.folder(commit, path)
    }

    fn below(&self, commit: &Sha, path: &str, most: usize) -> Result<Vec<String>, RepositoryError> {
        self.repository.below(commit, path, most)
    }

    fn changed(&self, from: &Sha, to: &Sha, most: usize) -> Result<Vec<String>, RepositoryError> {
        self.repository.changed(from, to, most)
    }

    fn touching(&self, commits: &[Sha], folder: &str) -> Result<Vec<bool>, RepositoryError> {
        self.repository.touching(commits, folder)
    }

    fn ahead(&self, from: &Sha, to: &Sha, most: usize) -> Result<usize, RepositoryError> {
        self.repository.ahead(from, to, most)
    }

    fn assets(&self, _: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        Ok(Vec::new())
    }
}
