//! Parses GraphQL responses: data, errors, or both.

use super::client::{ApiRequest, Http};
use super::reply::{Reply, Trouble};
use super::retry::read;
use super::verdict::reset;
use crate::adapters::permission::grant;
use crate::base::finding::Who;
use crate::facts::Unseen;
use crate::ports::PortError;
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::cell::Cell;

/// How often a query that is too expensive for the forge is sent.
const STRAINS: u32 = 2;

/// Optional fields: the environment that a check waits for, and the fields of classic protection
/// that only administrators can read.
const BESIDE: [&str; 2] = ["pendingDeploymentRequest", "branchProtectionRule"];

const ENDPOINT: &str = "POST /graphql";

/// A response that contains data about the repository.
#[derive(Default)]
pub(super) struct Answer {
    /// The data under `repository`, and the data beside it.
    pub(super) repository: Map<String, Value>,
    /// The reply's headers.
    pub(super) headers: HeaderMap,
    /// The parts that could not be read.
    pub(super) errors: Vec<Complaint>,
}

/// The result of a query that may be too expensive for the forge.
pub(super) enum QueryResult {
    /// An answer.
    Answer(Answer),
    /// The forge aborted the query; contains the reason. A smaller query may succeed.
    Strained(String),
}

#[derive(Deserialize)]
pub(super) struct Raw {
    #[serde(default)]
    data: Option<Map<String, Value>>,
    #[serde(default)]
    errors: Vec<Complaint>,
}

/// One entry of `errors`.
#[derive(Debug, Deserialize)]
pub(super) struct Complaint {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    path: Option<Vec<Value>>,
    #[serde(default)]
    message: String,
}

/// Sends a query about the repository. It is retried like any read.
pub(super) async fn ask(
    http: &Http,
    what: &str,
    query: &str,
    variables: Value,
) -> Result<Answer, PortError> {
    let (body, strain) = (body(http, query, variables), Cell::new(0));
    read(http, what, ENDPOINT, async || attempt(http, what, &body, &strain).await).await
}

/// Sends a query like [`ask`], but stops if the forge aborted it twice because of its cost.
pub(super) async fn ask_heavy(
    http: &Http,
    what: &str,
    query: &str,
    variables: Value,
) -> Result<QueryResult, PortError> {
    let (body, strain) = (body(http, query, variables), Cell::new(0));
    read(http, what, ENDPOINT, async || match attempt(http, what, &body, &strain).await {
        Ok(answer) => Ok(QueryResult::Answer(answer)),
        Err(Trouble::Passing(why)) if strain.get() >= STRAINS => Ok(QueryResult::Strained(why)),
        Err(trouble) => Err(trouble),
    })
    .await
}

fn body(http: &Http, query: &str, mut variables: Value) -> Value {
    let slug = &http.settings.repository;
    if let Some(map) = variables.as_object_mut() {
        map.insert("owner".into(), slug.owner().into());
        map.insert("name".into(), slug.name().into());
    }
    json!({ "query": query, "variables": variables })
}

/// One attempt. `strain` counts attempts that may have failed because the query is too expensive.
async fn attempt(
    http: &Http,
    what: &str,
    body: &Value,
    strain: &Cell<u32>,
) -> Result<Answer, Trouble> {
    let ask = ApiRequest {
        what,
        endpoint: ENDPOINT,
        // This is a read, although its HTTP method is POST.
        method: &Method::GET,
        target: "",
        body: None,
        needs: "contents: read",
    };
    let reply = http.graphql(body).await?;
    if matches!(reply.status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT) {
        strain.set(strain.get() + 1);
    }
    let reply = http.judge(&ask, reply)?;
    let raw: Raw = reply.decode(what)?;
    if raw.errors.iter().any(Complaint::passes) {
        strain.set(strain.get() + 1);
    }
    sort(http, what, &reply, raw)
}

/// Distinguishes a partial response from no response.
pub(super) fn sort(http: &Http, what: &str, reply: &Reply, raw: Raw) -> Result<Answer, Trouble> {
    let now = http.clock.now();
    if raw.errors.iter().any(Complaint::limits) {
        return Err(Trouble::Limited(reset(&reply.headers, now), reply.said()));
    }
    if let Some(passing) = raw.errors.iter().find(|error| error.passes()) {
        return Err(Trouble::Passing(passing.message.clone()));
    }
    let mut data = raw.data.unwrap_or_default();
    if let Some(Value::Object(mut repository)) = data.remove("repository") {
        repository.extend(data);
        let headers = reply.headers.clone();
        return Ok(Answer { repository, headers, errors: raw.errors });
    }
    let what = what.to_owned();
    let missing = raw.errors.iter().any(|error| error.kind.as_deref() == Some("NOT_FOUND"));
    let mut said: Vec<&str> = raw.errors.iter().map(|error| error.message.as_str()).collect();
    said.dedup();
    Err(Trouble::Final(if missing || said.is_empty() {
        let slug = &http.settings.repository;
        let why = format!("repository `{slug}` was not found, or the token cannot see it");
        PortError::Refused { what, why }
    } else if let Some(forbidden) = raw.errors.iter().find(|error| error.forbids()) {
        let needs = forbidden.permission().replace('`', "");
        PortError::Denied { what, help: grant(&needs), needs, said: Some(said.join("; ")) }
    } else {
        PortError::Refused { what, why: said.join("; ") }
    }))
}

impl Answer {
    /// Adds the response for a single part.
    pub(super) fn join(&mut self, part: &str, answer: Self) {
        self.repository.extend(answer.repository);
        self.errors.extend(answer.errors.into_iter().map(|error| error.pinned(part)));
    }

    /// Records that one part could not be read.
    pub(super) fn lack(&mut self, part: &str, why: String) {
        self.errors.push(Complaint { kind: None, path: None, message: why }.pinned(part));
    }
}

impl Complaint {
    fn limits(&self) -> bool {
        let text = self.message.to_ascii_lowercase();
        matches!(self.kind.as_deref(), Some("RATE_LIMITED" | "RATE_LIMIT"))
            || text.contains("rate limit")
    }

    /// GitHub's own words for a fault or a timeout on its side; the status stays 200.
    fn passes(&self) -> bool {
        let text = self.message.to_ascii_lowercase();
        self.kind.as_deref() == Some("RESOURCE_LIMITS_EXCEEDED")
            || text.contains("something went wrong while executing")
            || text.contains("resource limits")
    }

    pub(super) fn forbids(&self) -> bool {
        matches!(self.kind.as_deref(), Some("FORBIDDEN" | "INSUFFICIENT_SCOPES"))
            || self.message.contains("not accessible")
    }

    /// Whether there is nothing with the requested ID.
    pub(super) fn misses(&self) -> bool {
        self.kind.as_deref() == Some("NOT_FOUND")
    }

    /// The message of the forge.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Whether the error affects a part of the response. An error without a path can affect any
    /// part; an error about an optional field affects none.
    pub(super) fn about(&self, part: &str) -> bool {
        match self.path.as_deref() {
            None | Some([]) => true,
            Some(_) if BESIDE.iter().any(|field| self.through(field)) => false,
            Some([first, ..]) if first.as_str() == Some(part) => true,
            Some([only]) => only.as_str() == Some("repository"),
            Some([_, second, ..]) => second.as_str() == Some(part),
        }
    }

    /// The same error, limited to one part if it could affect any part.
    fn pinned(mut self, part: &str) -> Self {
        let whole = |path: &[Value]| match path {
            [] => true,
            [only] => only.as_str() == Some("repository"),
            [_, _, ..] => false,
        };
        if self.path.as_deref().is_none_or(whole) {
            self.path = Some(vec!["repository".into(), part.into()]);
        }
        self
    }

    fn through(&self, field: &str) -> bool {
        self.path.iter().flatten().any(|step| step.as_str() == Some(field))
    }

    /// Whether it is about one of the numbered parts of this name.
    fn within(&self, name: &str) -> bool {
        let numbered = |part: &str| {
            let digits = part.strip_prefix(name).unwrap_or_default();
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        self.path.iter().flatten().filter_map(Value::as_str).any(numbered)
    }

    /// The missing permission, if that is the cause of the error.
    pub(super) fn unseen(&self) -> Unseen {
        if !self.forbids() {
            return Unseen { why: self.message.clone(), help: None, who: None };
        }
        let needs = self.permission();
        let why = format!("the token lacks {needs}");
        let help = format!("add {needs} to the job's `permissions`");
        Unseen { why, help: Some(help), who: Some(Who::Grantor) }
    }

    /// The permission that the denied field needs.
    fn permission(&self) -> &'static str {
        if self.through("workflowRun") || self.through("environments") {
            "`actions: read`"
        } else if self.through("checkSuites") || self.through("checkSuite") {
            "`checks: read`"
        } else if self.through("nodes") && self.through("contexts") {
            "`checks: read` or `statuses: read`"
        } else if self.through("commit") && self.through("statusCheckRollup") {
            "`checks: read` and `statuses: read`"
        } else if self.through("pullRequests") || self.within("pulls") {
            "`pull-requests: read`"
        } else if self.within("issues") || self.within("label") || self.within("milestones") {
            "`issues: read`"
        } else if self.through("associatedPullRequests") {
            "`pull-requests: read`"
        } else if self.through("branchProtectionRules") {
            "`administration: read`"
        } else {
            "`contents: read`"
        }
    }
}
