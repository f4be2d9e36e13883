//! Checks on the heads of pull requests that became a commit with the same content.
//!
//! Only pull requests whose merge created this commit count: merging requires write access, but
//! anyone can open a pull request. A head in another repository, such as a fork, does not count,
//! because its owner decides what is reported there. A head that GitHub keeps in this repository
//! has the same workflows, because it has the same tree.

use super::associated::{Commit, Nothing, Pull};
use super::client::Http;
use super::commit::{Reported, reported};
use super::graphql::Answer;
use crate::base::names::Sha;
use crate::facts::{Checks, Seen};
use crate::ports::PortError;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pulls {
    total_count: usize,
    nodes: Option<Vec<Option<Pull<Nothing, Judged>>>>,
}

/// What else is read of the head of a pull request.
#[derive(Deserialize)]
struct Judged {
    repository: Home,
    #[serde(flatten)]
    reported: Reported,
}

#[derive(Deserialize)]
struct Home {
    id: String,
}

/// The checks on commits with the same tree that were merged as this commit.
pub(super) async fn same_tree(
    http: &Http,
    commit: &Sha,
    answer: &Answer,
    page: usize,
) -> Result<Seen<Vec<Checks>>, PortError> {
    let merged: Commit<Pulls> = match answer.part("twins") {
        Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
        // A commit that the forge does not have is reported with its checks.
        Seen::Known(None) => return Ok(Seen::Known(Vec::new())),
        Seen::Known(Some(merged)) => merged,
    };
    let (Some(tree), Some(pulls)) = (merged.tree, merged.associated_pull_requests) else {
        return Ok(Seen::unseen("GitHub's response has no pull requests"));
    };
    let total = pulls.total_count;
    let pulls: Vec<Pull<_, _>> = pulls.nodes.into_iter().flatten().flatten().collect();
    if pulls.len() != total {
        return Ok(Seen::unseen(format!(
            "GitHub's response has only {} of {total} pull requests",
            pulls.len()
        )));
    }
    let here = answer.repository.get("id").and_then(serde_json::Value::as_str);
    let pulls = pulls.into_iter().filter(|pull| pull.is_merged_as(commit));
    let heads = pulls.filter_map(|pull| pull.parts().1);
    let mut same_tree: Vec<Checks> = Vec::new();
    for head in heads {
        let same = head.tree.oid == tree.oid && head.oid != *commit;
        let ours = here == Some(head.more.repository.id.as_str());
        if !same || !ours || same_tree.iter().any(|twin| twin.commit == head.oid) {
            continue;
        }
        match reported(http, &head.oid, head.more.reported, page).await? {
            Seen::Known(checks) => same_tree.push(checks),
            Seen::Unseen(unseen) => return Ok(Seen::Unseen(unseen)),
        }
    }
    Ok(Seen::Known(same_tree))
}
