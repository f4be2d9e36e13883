//! The output of `--stats`: requests to the forge, and rate limits.

use crate::base::moment::short;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The cost of a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Requests to the forge's API.
    pub requests: u64,
    /// Seconds.
    pub seconds: f64,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let requests = match self.requests {
            0 => "no API requests".to_owned(),
            1 => "1 API request".to_owned(),
            n => format!("{n} API requests"),
        };
        write!(out, "({requests}, {:.1} s)", self.seconds)
    }
}

/// The cost of a command.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// The requests, by endpoint.
    pub endpoints: Vec<Endpoint>,
    /// The forge's latest rate limits.
    pub quotas: Vec<Left>,
    /// Seconds from start to end.
    pub seconds: f64,
    /// Seconds of these that were spent waiting for rate limits and retries.
    pub waited: f64,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its method and path (`POST /repos/{}/releases`).
    pub name: String,
    /// All requests.
    pub requests: u64,
    /// Requests that got the response 304.
    pub not_modified: u64,
    /// Requests that were retries.
    pub retried: u64,
}

/// A rate limit of the forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its name (`core`, `graphql`).
    pub resource: String,
    /// The remaining requests or points.
    pub remaining: u64,
    /// Requests or points per hour.
    pub limit: u64,
    /// When the limit resets.
    pub resets: Timestamp,
}

impl Stats {
    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.endpoints.iter().map(|endpoint| endpoint.requests).sum()
    }

    /// The two numbers at the end of every report.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost { requests: self.requests(), seconds: self.seconds }
    }

    /// Requests by endpoint, as JSON.
    #[must_use]
    pub fn by_endpoint(&self) -> Value {
        let one = |endpoint: &Endpoint| {
            let Endpoint { name, requests, not_modified, retried } = endpoint;
            let counts =
                json!({ "requests": requests, "not_modified": not_modified, "retried": retried });
            (name.clone(), counts)
        };
        Value::Object(self.endpoints.iter().map(one).collect())
    }

    /// Rate limits by resource, as JSON.
    #[must_use]
    pub fn quotas(&self) -> Value {
        let one = |left: &Left| {
            let Left { resource, remaining, limit, resets } = left;
            (resource.clone(), json!({ "remaining": remaining, "limit": limit, "resets": resets }))
        };
        Value::Object(self.quotas.iter().map(one).collect())
    }

    /// As a table.
    #[must_use]
    pub fn table(&self) -> String {
        let time = format!(
            "{:.1} s, including {:.1} s for rate limits and \
                     retries",
            self.seconds, self.waited
        );
        if self.endpoints.is_empty() {
            return format!("no requests to the forge; {time}\n");
        }
        let sum = |count: fn(&Endpoint) -> u64| self.endpoints.iter().map(count).sum();
        let total = Endpoint {
            name: "all".into(),
            requests: sum(|one| one.requests),
            not_modified: sum(|one| one.not_modified),
            retried: sum(|one| one.retried),
        };
        let names = self.endpoints.iter().map(|endpoint| endpoint.name.len());
        let width = names.max().unwrap_or_default().max("endpoint".len());
        let mut text = format!("{:<width$}  requests  not modified  retried\n", "endpoint");
        for Endpoint { name, requests, not_modified, retried } in
            self.endpoints.iter().chain([&total])
        {
            let _ =
                writeln!(text, "{name:<width$}  {requests:>8}  {not_modified:>9}  {retried:>8}");
        }
        for Left { resource, remaining, limit, resets } in &self.quotas {
            let until = short(*resets);
            let _ = writeln!(text, "{resource}: {remaining} of {limit} left until {until}");
        }
        let _ = writeln!(text, "time: {time}");
        text
    }
}
