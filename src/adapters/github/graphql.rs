//! GraphQL replies: data, errors, or both.

use super::client::{Ask, Http, Reply, Trouble};
use super::retry::read;
use super::verdict::reset_or_wait;
use crate::facts::Unseen;
use crate::ports::PortError;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// A reply that has something to say of the repository.
pub(super) struct Answer {
    /// What stands under `repository`.
    pub(super) repository: Value,
    /// What could not be had of it.
    pub(super) errors: Vec<Complaint>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    data: Value,
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

/// Asks something of the repository; a read, and repeated like one.
pub(super) async fn ask(
    http: &Http,
    what: &str,
    query: &str,
    mut variables: Value,
) -> Result<Answer, PortError> {
    let slug = &http.settings.repository;
    if let Some(map) = variables.as_object_mut() {
        map.insert("owner".into(), slug.owner().into());
        map.insert("name".into(), slug.name().into());
    }
    let body = json!({ "query": query, "variables": variables });
    read(http, what, async || {
        let ask = Ask {
            what,
            endpoint: "POST /graphql",
            // A read, whatever HTTP calls it.
            method: &Method::GET,
            target: "",
            body: None,
            needs: "contents: read",
        };
        let reply = http.judge(&ask, http.graphql(&body).await?)?;
        let raw: Raw = reply.decode(what)?;
        sort(http, what, &reply, raw)
    })
    .await
}

/// Tells a partial answer from none.
fn sort(http: &Http, what: &str, reply: &Reply, raw: Raw) -> Result<Answer, Trouble> {
    let now = http.clock.now();
    if raw.errors.iter().any(Complaint::limits) {
        return Err(Trouble::Limited(reset_or_wait(&reply.headers, now)));
    }
    if let Some(passing) = raw.errors.iter().find(|error| error.passes()) {
        return Err(Trouble::Passing(passing.message.clone()));
    }
    let repository = raw.data.get("repository").cloned().unwrap_or(Value::Null);
    if !repository.is_null() {
        return Ok(Answer { repository, errors: raw.errors });
    }
    let what = what.to_owned();
    let missing = raw.errors.iter().any(|error| error.kind.as_deref() == Some("NOT_FOUND"));
    let said: Vec<&str> = raw.errors.iter().map(|error| error.message.as_str()).collect();
    Err(Trouble::Final(if missing || said.is_empty() {
        let slug = &http.settings.repository;
        let why = format!("repository `{slug}` was not found, or the token cannot see it");
        PortError::Refused { what, why }
    } else if raw.errors.iter().any(Complaint::forbids) {
        PortError::Denied { what, needs: "contents: read".into() }
    } else {
        PortError::Refused { what, why: said.join("; ") }
    }))
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
        text.contains("something went wrong while executing") || text.contains("resource limits")
    }

    pub(super) fn forbids(&self) -> bool {
        matches!(self.kind.as_deref(), Some("FORBIDDEN" | "INSUFFICIENT_SCOPES"))
            || self.message.contains("not accessible")
    }

    /// Whether this is about a part of the repository. One without a path may be about any.
    pub(super) fn about(&self, part: &str) -> bool {
        match self.path.as_deref() {
            None | Some([]) => true,
            Some([_only]) => true,
            Some([_, second, ..]) => second.as_str() == Some(part),
        }
    }

    fn through(&self, field: &str) -> bool {
        self.path.iter().flatten().any(|step| step.as_str() == Some(field))
    }

    /// The permission whose lack this is, where it is one.
    pub(super) fn unseen(&self) -> Unseen {
        if !self.forbids() {
            return Unseen { why: self.message.clone(), help: None };
        }
        let needs = if self.through("workflowRun") {
            "`actions: read`"
        } else if self.through("checkSuites") || self.through("checkSuite") {
            "`checks: read`"
        } else if self.through("nodes") && self.through("contexts") {
            "`checks: read` or `statuses: read`"
        } else if self.through("commit") && self.through("statusCheckRollup") {
            "`checks: read` and `statuses: read`"
        } else {
            "`contents: read`"
        };
        let why = format!("the token lacks {needs}");
        let help = format!("grant {needs} under the job's `permissions`");
        Unseen { why, help: Some(help) }
    }
}
