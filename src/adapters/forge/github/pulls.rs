//! Reads pull requests.

use super::client::Http;
use super::graphql::{Answer, ask};
use crate::adapters::permission::grant;
use crate::base::names::{BranchName, Sha};
use crate::ports::{PortError, PullRequest};
use serde::Deserialize;
use serde_json::json;

const PULL: &str = include_str!("pull.graphql");
const WHAT: &str = "read the pull request";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    title: String,
    base_ref_name: BranchName,
    head_ref_oid: Sha,
    is_cross_repository: bool,
}

/// A pull request by its number.
pub(super) async fn pull(http: &Http, number: u64) -> Result<Option<PullRequest>, PortError> {
    parse(&ask(http, WHAT, PULL, json!({ "number": number })).await?)
}

/// The pull request in a response.
pub(super) fn parse(answer: &Answer) -> Result<Option<PullRequest>, PortError> {
    let Some(node) = answer.repository.get("pullRequest").filter(|node| !node.is_null()) else {
        return match answer.errors.iter().find(|error| error.forbids()) {
            Some(_) => {
                let needs = "pull-requests: read".to_owned();
                Err(PortError::Denied { what: WHAT.into(), help: grant(&needs), needs, said: None })
            }
            None => Ok(None),
        };
    };
    let wire = Wire::deserialize(node).map_err(|error| PortError::NoAnswer {
        what: WHAT.into(),
        why: format!("GitHub's response cannot be parsed: {error}"),
    })?;
    Ok(Some(PullRequest {
        title: wire.title,
        base: wire.base_ref_name,
        head: wire.head_ref_oid,
        fork: wire.is_cross_repository,
    }))
}
