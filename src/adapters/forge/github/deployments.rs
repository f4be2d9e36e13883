//! Lists, creates and updates deployments.
//!
//! The list is read by REST: GraphQL's `databaseId` is a 32-bit number, and the numbers of real
//! deployments are larger. Their states are read by GraphQL, all in one request: REST takes a request
//! for each, and does not know `abandoned` and `waiting`.

use super::client::{ApiRequest, Http};
use super::graphql::{Answer, ask};
use super::retry::{get, write};
use super::wire::encode;
use crate::adapters::permission::grant;
use crate::base::clean::clip;
use crate::base::names::{EnvironmentName, Sha};
use crate::facts::environment::{Deployment, DeploymentMark, DeploymentState};
use crate::ports::{NewDeployment, NewDeploymentStatus, PortError};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many deployments are read; the newest ones.
const NEWEST: usize = 30;
/// The maximum length of a description on GitHub, in characters.
const MAX_DESCRIPTION: usize = 140;
/// The key of our mark in a deployment's payload.
const KEY: &str = "tminus";

const STATES: &str = include_str!("deployments.graphql");
const READ: &str = "deployments: read";
const WRITE: &str = "deployments: write";

/// A deployment in the format of the REST API.
#[derive(Debug, Deserialize)]
struct WireDeployment {
    id: u64,
    node_id: String,
    sha: Sha,
    environment: String,
    /// An object, or a text. Any client can write anything into it.
    #[serde(default)]
    payload: Value,
    creator: Option<Account>,
    created_at: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Account {
    login: String,
}

/// A deployment in the format of GraphQL.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    state: Option<String>,
    latest_status: Option<Status>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    state: String,
    log_url: Option<String>,
}

/// The newest deployments to an environment, newest first.
pub(super) async fn list(
    http: &Http,
    environment: &EnvironmentName,
) -> Result<Vec<Deployment>, PortError> {
    let slug = &http.settings.repository;
    let place = encode(environment.as_str());
    let target = format!("/repos/{slug}/deployments?environment={place}&per_page={NEWEST}");
    let what = format!("list the deployments to `{environment}`");
    let ask = ApiRequest {
        what: &what,
        endpoint: "GET /repos/{}/deployments",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: READ,
    };
    let Some(page) = get::<Vec<WireDeployment>>(http, &ask).await? else {
        let why = format!("repository `{slug}` was not found, or the token cannot see it");
        return Err(PortError::Refused { what, why });
    };
    let mut found = page.value;
    found.truncate(NEWEST);
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let nodes = nodes(http, &what, &found).await?;
    Ok(found.into_iter().zip(nodes).map(|(wire, node)| wire.with(node)).collect())
}

/// The state of each deployment, in the same order; `None` if GraphQL does not find it (yet).
async fn nodes(
    http: &Http,
    what: &str,
    found: &[WireDeployment],
) -> Result<Vec<Option<Node>>, PortError> {
    let ids: Vec<&str> = found.iter().map(|wire| wire.node_id.as_str()).collect();
    let answer: Answer = ask(http, what, STATES, json!({ "ids": ids })).await?;
    let what = what.to_owned();
    if let Some(error) = answer.errors.iter().find(|error| error.forbids()) {
        let said = Some(error.message().to_owned());
        return Err(PortError::Denied { what, needs: READ.into(), help: grant(READ), said });
    }
    if let Some(error) = answer.errors.iter().find(|error| !error.misses()) {
        return Err(PortError::NoAnswer { what, why: error.message().into() });
    }
    let nodes = answer.repository.get("nodes").cloned().unwrap_or_default();
    let nodes: Vec<Option<Node>> = serde_json::from_value(nodes).map_err(|error| {
        let why = format!("GitHub's response cannot be parsed: {error}");
        PortError::NoAnswer { what: what.clone(), why }
    })?;
    if nodes.len() != found.len() {
        let why = format!("GitHub returned {} of {} states", nodes.len(), found.len());
        return Err(PortError::NoAnswer { what, why });
    }
    Ok(nodes)
}

impl WireDeployment {
    fn with(self, node: Option<Node>) -> Deployment {
        let (state, url) = match node {
            Some(Node { state, latest_status }) => state_of(state.as_deref(), latest_status),
            None => (DeploymentState::Other("unknown".into()), None),
        };
        Deployment {
            id: self.id,
            commit: self.sha,
            at: self.created_at,
            by: self.creator.map(|creator| creator.login),
            state,
            mark: mark(&self.payload),
            url,
        }
    }
}

/// The state is the newest status, except for states that GitHub sets itself.
fn state_of(state: Option<&str>, status: Option<Status>) -> (DeploymentState, Option<String>) {
    let concluded = state.filter(|state| matches!(*state, "ABANDONED" | "DESTROYED"));
    let word = concluded.or(status.as_ref().map(|status| status.state.as_str())).or(state);
    let state = read_state(word.unwrap_or("UNKNOWN"));
    let url = status.and_then(|status| status.log_url).filter(|url| !url.is_empty());
    (state, url)
}

fn read_state(word: &str) -> DeploymentState {
    match word {
        // A deployment without a status is pending.
        "QUEUED" | "PENDING" => DeploymentState::Queued,
        "IN_PROGRESS" => DeploymentState::InProgress,
        "SUCCESS" | "ACTIVE" => DeploymentState::Success,
        "FAILURE" | "ERROR" => DeploymentState::Failure,
        // GitHub reports an inactive transient deployment as destroyed.
        "INACTIVE" | "DESTROYED" => DeploymentState::Inactive,
        "ABANDONED" => DeploymentState::Abandoned,
        "WAITING" => DeploymentState::Waiting,
        other => DeploymentState::Other(other.to_ascii_lowercase()),
    }
}

/// Our mark, if there is one. A payload that was sent as text comes back as text.
fn mark(payload: &Value) -> Option<DeploymentMark> {
    let parsed = payload.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    DeploymentMark::deserialize(parsed.as_ref().unwrap_or(payload).get(KEY)?).ok()
}

/// Creates a deployment of exactly this commit.
pub(super) async fn create(http: &Http, new: &NewDeployment) -> Result<Deployment, PortError> {
    let target = format!("/repos/{}/deployments", http.settings.repository);
    let what = format!("create the deployment to `{}`", new.environment);
    // By default, GitHub merges the default branch into what is deployed, and refuses a commit unless
    // all its checks are green. The job that deploys is one of these checks.
    let body = json!({
        "ref": new.commit.as_str(),
        "environment": new.environment.as_str(),
        "description": clip(&new.description, MAX_DESCRIPTION),
        "payload": { KEY: &new.mark },
        "auto_merge": false,
        "required_contexts": [],
        "transient_environment": false,
    });
    let ask = ApiRequest {
        what: &what,
        endpoint: "POST /repos/{}/deployments",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: WRITE,
    };
    let reply = write(http, &ask).await?;
    if reply.status == StatusCode::ACCEPTED {
        let said = reply.said().unwrap_or_else(|| "http 202".into());
        let why = format!("GitHub created no deployment: {said}");
        return Err(PortError::Refused { what, why });
    }
    let made: WireDeployment =
        reply.decode(&what).map_err(|trouble| trouble.into_error(&what, http.clock.now()))?;
    if made.sha != new.commit || !new.environment.is_called(&made.environment) {
        let (id, sha, place) = (made.id, made.sha.short(), &made.environment);
        let why = format!("GitHub created deployment {id} of {sha} to `{place}`");
        return Err(PortError::NoAnswer { what, why });
    }
    let queued = Node { state: Some("PENDING".into()), latest_status: None };
    Ok(made.with(Some(queued)))
}

/// Adds a state to a deployment.
pub(super) async fn set(http: &Http, status: &NewDeploymentStatus) -> Result<(), PortError> {
    let slug = &http.settings.repository;
    let target = format!("/repos/{slug}/deployments/{}/statuses", status.deployment);
    let what = format!("set the state of the deployment to `{}`", status.environment);
    let Some(word) = written_state(&status.state) else {
        let why = format!("GitHub sets the state `{:?}` itself", status.state);
        return Err(PortError::Refused { what, why });
    };
    let mut body = json!({
        "state": word,
        "description": clip(&status.description, MAX_DESCRIPTION),
        // Older deployments are set to inactive explicitly. GitHub would do so only outside of
        // production.
        "auto_inactive": false,
    });
    let urls = [("log_url", &status.log_url), ("environment_url", &status.environment_url)];
    if let Some(body) = body.as_object_mut() {
        let given = urls.into_iter().filter_map(|(key, url)| Some((key, url.as_deref()?)));
        body.extend(given.map(|(key, url)| (key.to_owned(), url.into())));
    }
    let ask = ApiRequest {
        what: &what,
        endpoint: "POST /repos/{}/deployments/{}/statuses",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: WRITE,
    };
    write(http, &ask).await.map(|_| ())
}

fn written_state(state: &DeploymentState) -> Option<&'static str> {
    match state {
        DeploymentState::Queued => Some("queued"),
        DeploymentState::InProgress => Some("in_progress"),
        DeploymentState::Success => Some("success"),
        DeploymentState::Failure => Some("failure"),
        DeploymentState::Inactive => Some("inactive"),
        DeploymentState::Abandoned | DeploymentState::Waiting | DeploymentState::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &Value) -> Option<DeploymentMark> {
        let wire = json!({
            "id": 4_442_074_271_u64, "node_id": "DE_1", "sha": "a".repeat(40), "payload": payload,
            "environment": "production", "creator": null, "created_at": "2026-11-01T10:00:00Z",
        });
        serde_json::from_value::<WireDeployment>(wire).unwrap().with(None).mark
    }

    #[test]
    fn a_foreign_deployment_payload_is_ignored() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let ours = json!({ "plan": digest, "stage": "stable", "entered": "2026-11-01T10:00:00Z" });
        let as_text = json!({ "tminus": ours }).to_string();
        assert!(read(&json!({ "tminus": ours, "more": 1 })).is_some());
        assert_eq!(read(&json!({ "tminus": ours })), read(&as_text.into()));
        for foreign in [
            json!(null),
            json!(""),
            json!("deploy it"),
            json!("\"tminus\""),
            json!([]),
            json!(7),
            json!({}),
            json!({ "tminus": null }),
            json!({ "tminus": "1.0.0" }),
            json!({ "tminus": { "plan": "x", "stage": "stable" } }),
            json!({ "tminus": { "plan": digest, "stage": "a b", "entered": "yesterday" } }),
        ] {
            assert_eq!(read(&foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_newest_status_is_the_deployment_state_unless_github_abandoned_it() {
        use DeploymentState::{
            Abandoned, Failure, InProgress, Inactive, Other, Queued, Success, Waiting,
        };
        for (state, status, expected) in [
            (Some("PENDING"), None, Queued),
            (Some("QUEUED"), Some("QUEUED"), Queued),
            (Some("IN_PROGRESS"), Some("IN_PROGRESS"), InProgress),
            (Some("ACTIVE"), Some("SUCCESS"), Success),
            (Some("ACTIVE"), Some("IN_PROGRESS"), InProgress),
            (Some("FAILURE"), Some("FAILURE"), Failure),
            (Some("ERROR"), Some("ERROR"), Failure),
            (Some("INACTIVE"), Some("INACTIVE"), Inactive),
            (Some("DESTROYED"), Some("INACTIVE"), Inactive),
            (Some("ABANDONED"), None, Abandoned),
            (Some("ABANDONED"), Some("PENDING"), Abandoned),
            (Some("WAITING"), Some("WAITING"), Waiting),
            (Some("PAUSED"), None, Other("paused".into())),
            (None, None, Other("unknown".into())),
        ] {
            let status = status.map(|state| Status { state: state.into(), log_url: None });
            let told = format!("{state:?} {status:?}");
            assert_eq!(state_of(state, status).0, expected, "{told}");
        }
    }
}
