//! Which commits belong to each pull request.

use super::change::Commit;
use super::pull::pull;
use crate::base::names::Sha;
use std::collections::HashMap;

/// For each commit of a range, newest first: the merge of the innermost pull request that contains
/// it.
pub(super) fn brought_by(commits: &[Commit]) -> Vec<Option<usize>> {
    let at: HashMap<&Sha, usize> =
        commits.iter().enumerate().map(|(n, commit)| (&commit.sha, n)).collect();
    let mut walk = Walk {
        commits,
        at,
        seen: vec![false; commits.len()],
        owner: vec![None; commits.len()],
        chains: Vec::new(),
    };
    for root in 0..commits.len() {
        walk.from(root, None);
        walk.all();
    }
    walk.owner
}

/// A walk along first parents, oldest commit first. A merge adds the commits that are reachable
/// from its other parents but not from earlier commits.
struct Walk<'c> {
    commits: &'c [Commit],
    at: HashMap<&'c Sha, usize>,
    seen: Vec<bool>,
    owner: Vec<Option<usize>>,
    /// Commits that follow each other, newest first, and the pull request that they are in.
    chains: Vec<(Vec<usize>, Option<usize>)>,
}

impl Walk<'_> {
    fn is_new(&self, at: usize) -> bool {
        self.seen.get(at).is_some_and(|seen| !seen)
    }

    fn parent(&self, at: usize) -> Option<usize> {
        self.at.get(self.commits.get(at)?.parent_commits.first()?).copied()
    }

    fn from(&mut self, at: usize, owner: Option<usize>) {
        let next = |one: &usize| self.parent(*one);
        let chain = std::iter::successors(Some(at), next);
        let chain: Vec<usize> = chain.take_while(|one| self.is_new(*one)).collect();
        if !chain.is_empty() {
            self.chains.push((chain, owner));
        }
    }

    fn all(&mut self) {
        while let Some((chain, owner)) = self.chains.last_mut() {
            let owner = *owner;
            let Some(one) = chain.pop() else {
                self.chains.pop();
                continue;
            };
            if !self.is_new(one) {
                continue;
            }
            if let (Some(seen), Some(place)) = (self.seen.get_mut(one), self.owner.get_mut(one)) {
                (*seen, *place) = (true, owner);
            }
            let Some(commit) = self.commits.get(one).filter(|commit| commit.parents > 1) else {
                continue;
            };
            let inner = if pull(&commit.message).is_some() { Some(one) } else { owner };
            let others: Vec<usize> = commit
                .parent_commits
                .iter()
                .skip(1)
                .filter_map(|sha| self.at.get(sha).copied())
                .collect();
            for other in others {
                self.from(other, inner);
            }
        }
    }
}
