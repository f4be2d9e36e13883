//! The pull requests that a commit comes from, as GraphQL returns them. Each query adds what else it
//! reads of them and of their heads.

use crate::base::names::Sha;
use serde::Deserialize;

/// A commit, with a page of its pull requests.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit<Page> {
    pub(super) tree: Option<Object>,
    pub(super) associated_pull_requests: Option<Page>,
}

/// Something that has an object ID.
#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) oid: Sha,
}

/// A pull request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pull<More, MoreOfHead> {
    merged: bool,
    merge_commit: Option<Object>,
    commits: Heads<MoreOfHead>,
    #[serde(flatten)]
    more: More,
}

#[derive(Deserialize)]
struct Heads<More> {
    nodes: Option<Vec<Option<Wrapped<More>>>>,
}

#[derive(Deserialize)]
struct Wrapped<More> {
    commit: Head<More>,
}

/// The last commit of a pull request.
#[derive(Deserialize)]
pub(super) struct Head<More> {
    pub(super) oid: Sha,
    pub(super) tree: Object,
    #[serde(flatten)]
    pub(super) more: More,
}

/// Nothing else.
#[derive(Deserialize)]
pub(super) struct Nothing {}

impl<More, MoreOfHead> Pull<More, MoreOfHead> {
    /// Whether it was merged as this commit.
    pub(super) fn is_merged_as(&self, commit: &Sha) -> bool {
        self.merged && self.merge_commit.as_ref().is_some_and(|merge| merge.oid == *commit)
    }

    /// What else was read of it, and its last commit, if GitHub has it.
    pub(super) fn parts(self) -> (More, Option<Head<MoreOfHead>>) {
        let last = self.commits.nodes.into_iter().flatten().flatten().next_back();
        (self.more, last.map(|wrapped| wrapped.commit))
    }
}
