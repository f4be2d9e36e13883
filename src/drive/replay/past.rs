//! The repository as it was before a release was tagged.

use crate::base::names::{BranchName, Sha};
use crate::ports::{
    AssetError, Branches, Head, RefAt, Repository, RepositoryError, RepositoryView,
};
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

impl RepositoryView for Past<'_> {
    fn objects(&self) -> &dyn Repository {
        self.repository
    }

    fn head(&self) -> Result<Option<Head>, RepositoryError> {
        Ok(Some(Head { commit: self.commit.clone(), branch: self.branch.clone() }))
    }

    fn branches(&self) -> Result<Branches, RepositoryError> {
        let mut branches = self.repository.branches()?;
        if let Some(branch) = &self.branch {
            branches.heads.insert(branch.clone(), self.commit.clone());
        }
        Ok(branches)
    }

    fn dirty(&self) -> Result<Vec<String>, RepositoryError> {
        Ok(Vec::new())
    }

    fn tags(&self) -> Result<Vec<RefAt>, RepositoryError> {
        Ok(self.tags.clone())
    }

    fn assets(&self, _: &[&Pattern]) -> Result<Vec<Asset>, AssetError> {
        Ok(Vec::new())
    }
}
