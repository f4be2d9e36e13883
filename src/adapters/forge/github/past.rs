//! Check results of earlier commits, to estimate how long checks take.
//!
//! Best effort, in one request. Denied data and checks after the first hundred of a commit are
//! omitted, because no decision depends on them.

use super::checks::{Contexts, Gathered};
use super::client::Http;
use super::graphql::{Answer, ask};
use crate::base::names::Sha;
use crate::facts::{Check, CheckKind, CheckState};
use crate::ports::PortError;
use serde::Deserialize;
use serde_json::{Value, json};

const PAST: &str = concat!(include_str!("past.graphql"), include_str!("context.graphql"));
const WHAT: &str = "read checks on earlier commits";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Earlier {
    oid: Sha,
    status_check_rollup: Rollup,
}

#[derive(Deserialize)]
struct Rollup {
    contexts: Contexts,
}

/// Finished check runs on the five commits before this one.
pub(super) async fn past(http: &Http, commit: &Sha) -> Result<Vec<Check>, PortError> {
    let answer = ask(http, WHAT, PAST, json!({ "commit": commit.as_str() })).await?;
    Ok(parse(&answer, commit))
}

/// The checks on earlier commits in a response.
pub(super) fn parse(answer: &Answer, commit: &Sha) -> Vec<Check> {
    let commit_node = answer.repository.get("commit");
    let nodes = commit_node.and_then(|node| node.pointer("/history/nodes"));
    let nodes = nodes.and_then(Value::as_array);
    let mut gathered = Gathered::default();
    for node in nodes.into_iter().flatten() {
        match Earlier::deserialize(node) {
            Ok(earlier) if earlier.oid != *commit => {
                gathered.contexts(earlier.status_check_rollup.contexts);
            }
            Ok(_) | Err(_) => {}
        }
    }
    let finished = |check: &Check| matches!(check.state, CheckState::Finished(_));
    gathered.runs.retain(|check| check.kind == CheckKind::Run && finished(check));
    gathered.runs
}
