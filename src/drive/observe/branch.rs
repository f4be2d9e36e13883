//! Finds the commit's branch, and whether that branch of the remote contains the commit.

use super::merge::fetch_branch_head;
use super::request::ObserveRequest;
use super::unseen::{from_port, unseen};
use crate::base::names::{BranchName, Sha};
use crate::base::version::Version;
use crate::facts::{BranchHead, BranchPosition, Facts, Freshness, Seen};
use crate::ports::{Branches, Fetch, Head, PortError, ReadPorts, RefAt, RepositoryError};
use crate::project::manifest::Manifest;

/// The maximum number of branches that are fetched to find the branch of a detached commit.
const MOST: usize = 4;

/// The inputs that determine the branch.
pub(super) struct At<'a> {
    pub(super) read_ports: &'a ReadPorts<'a>,
    pub(super) order: &'a ObserveRequest,
    pub(super) head: &'a Head,
    /// The remote's refs; `None` if the remote must not be used.
    pub(super) refs: Option<Result<&'a [RefAt], &'a PortError>>,
}

/// The branch of the commit, according to names. [`branch_head`] verifies it.
pub(super) async fn branch(
    at: &At<'_>,
    manifest: &Manifest,
    version: Option<&Version>,
    sha: &Sha,
) -> Seen<BranchName> {
    let At { read_ports, order, head, .. } = at;
    if let Some(merging) = &order.merging {
        return Seen::Known(merging.base.clone());
    }
    if let Some(branch) = &order.branch {
        return Seen::Known(branch.clone());
    }
    // The branch of the event applies only to the commit of the event: a workflow may have checked
    // out a commit that is not on that branch.
    let out = head.branch.as_ref().map(|branch| (branch, &head.commit));
    let event = order.event_branch.as_ref().map(|(branch, tip)| (branch, tip));
    let holds = |tip| read_ports.repository.is_ancestor(sha, tip).unwrap_or(false);
    if let Some((branch, _)) = out.or(event).filter(|(_, tip)| holds(tip)) {
        return Seen::Known(branch.clone());
    }
    let allowed = |branch: &BranchName| manifest.allowing(branch.as_str(), version).is_some();
    let mut heads = match at.refs {
        Some(Ok(refs)) => heads(refs),
        None | Some(Err(_)) => Vec::new(),
    };
    heads.retain(|(branch, _)| allowed(branch));
    if let Some((branch, _)) = heads.iter().find(|(_, head)| head == sha) {
        return Seen::Known(branch.clone());
    }
    let fetched = match read_ports.repository.remote_branches_with(sha) {
        Ok(branches) => branches.into_iter().find(allowed),
        Err(error) if heads.is_empty() => return unseen(error),
        Err(_) => None,
    };
    if let Some(branch) = fetched {
        return Seen::Known(branch);
    }
    let lacks = |head: &Sha| read_ports.repository.commit(head).is_err();
    for (branch, head) in heads.into_iter().filter(|(_, head)| lacks(head)).take(MOST) {
        if let Ok(BranchPosition::On) = position(read_ports, sha, &head).await {
            return Seen::Known(branch);
        }
    }
    Seen::unseen_help(
        "`HEAD` is detached, and no allowed remote branch contains the commit",
        "pass the branch with `--branch`",
    )
}

/// The head of the branch, and the position of the commit relative to it.
pub(super) async fn branch_head(at: &At<'_>, facts: &Facts) -> Seen<BranchHead> {
    let Ok(branch) = facts.branch.known() else { return Seen::not_asked() };
    let Branches { remote, heads: fetched } = match at.read_ports.repository.branches() {
        Ok(branches) => branches,
        Err(error) => return unseen(error),
    };
    let (freshness, head) = match at.refs {
        Some(Ok(refs)) => (Freshness::Now, found(refs, branch)),
        None => (Freshness::LastFetch, fetched.get(branch).cloned()),
        Some(Err(error)) => return from_port(error),
    };
    let commit = match &head {
        Some(head) => match position(at.read_ports, &facts.commit.sha, head).await {
            Ok(commit) => commit,
            Err(error) => return unseen(error),
        },
        // A checked-out branch that the remote does not have is not pushed yet.
        None if at.head.branch.as_ref() == Some(branch) => BranchPosition::Ahead,
        None => BranchPosition::Apart,
    };
    Seen::Known(BranchHead { remote, freshness, head, commit })
}

/// Reads the position of the commit again during a release, if the branch has moved in the remote.
/// Releases that are already public are not checked again.
pub(super) async fn branch_head_again(
    read_ports: &ReadPorts<'_>,
    refs: &[RefAt],
    facts: &mut Facts,
) {
    let (Ok(branch), Seen::Known(known)) = (facts.branch.known(), &facts.branch_head) else {
        return;
    };
    let head = found(refs, branch);
    let public = facts.ledger.known().is_ok_and(crate::release::ledger::Ledger::is_public);
    if public || head == known.head {
        return;
    }
    let commit = match &head {
        Some(head) => position(read_ports, &facts.commit.sha, head).await,
        None => Ok(BranchPosition::Apart),
    };
    facts.branch_head = match commit {
        Ok(commit) => {
            Seen::Known(BranchHead { head, commit, freshness: Freshness::Now, ..known.clone() })
        }
        Err(error) => unseen(error),
    };
}

/// The position of a commit relative to the head of a branch. Missing commits are fetched.
async fn position(
    read_ports: &ReadPorts<'_>,
    sha: &Sha,
    head: &Sha,
) -> Result<BranchPosition, RepositoryError> {
    if sha == head {
        return Ok(BranchPosition::On);
    }
    fetch_branch_head(read_ports, head).await;
    let repository = read_ports.repository;
    let read = || {
        Ok(match repository.is_ancestor(sha, head)? {
            true => BranchPosition::On,
            false if repository.is_ancestor(head, sha)? => BranchPosition::Ahead,
            false => BranchPosition::Apart,
        })
    };
    let first = read();
    match (read_ports.remote, &first) {
        (Some(remote), Err(_)) if repository.shallow() => {
            match remote.fetch(&Fetch::History).await {
                Ok(()) => read(),
                Err(_) => first,
            }
        }
        (Some(_) | None, _) => first,
    }
}

fn heads(refs: &[RefAt]) -> Vec<(BranchName, Sha)> {
    let head = |at: &RefAt| {
        let name = at.name.strip_prefix("refs/heads/")?;
        Some((BranchName::new(name).ok()?, at.commit.clone()))
    };
    refs.iter().filter_map(head).collect()
}

fn found(refs: &[RefAt], branch: &BranchName) -> Option<Sha> {
    let name = format!("refs/heads/{branch}");
    refs.iter().find(|at| at.name == name).map(|at| at.commit.clone())
}
