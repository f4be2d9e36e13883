//! Counts requests by endpoint, measures how long they took, and keeps the latest rate limits.

use super::verdict::{header, http_date, is_forge};
use crate::facts::rights::Quota;
use http::HeaderMap;
use jiff::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// Resources are a handful; further ones are ignored.
const MAX_RESOURCES: usize = 16;

/// Counts requests, retries included.
#[derive(Debug, Default)]
pub struct Meter {
    counts: RefCell<BTreeMap<&'static str, Count>>,
    waited: Cell<Duration>,
    quotas: RefCell<BTreeMap<String, Quota>>,
    server_time: Cell<Option<Timestamp>>,
}

/// Requests to one endpoint.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub requests: u64,
    /// Requests with the response 304, which do not count against the primary rate limit.
    pub not_modified: u64,
    /// Those that retried a failed request.
    pub retried: u64,
}

impl Meter {
    /// Requests by endpoint (`POST /repos/{}/releases`).
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, Count> {
        self.counts.borrow().clone()
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.borrow().values().map(|count| count.requests).sum()
    }

    /// The total time spent waiting between requests, for rate limits and retries.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited.get()
    }

    /// The newest rate limits, by resource; empty if no response had any.
    #[must_use]
    pub fn quotas(&self) -> BTreeMap<String, Quota> {
        self.quotas.borrow().clone()
    }

    /// The server's time in its newest response; `None` before the first.
    #[must_use]
    pub fn server_time(&self) -> Option<Timestamp> {
        self.server_time.get()
    }

    pub(super) fn count_request(&self, endpoint: &'static str) {
        self.change(endpoint, |count| count.requests += 1);
    }

    pub(super) fn unchanged(&self, endpoint: &'static str) {
        self.change(endpoint, |count| count.not_modified += 1);
    }

    /// Counts a retry and the pause before it.
    pub(super) fn again(&self, endpoint: &'static str, after: Duration) {
        self.change(endpoint, |count| count.retried += 1);
        self.waited.set(self.waited.get().saturating_add(after));
    }

    pub(super) fn record_response(&self, headers: &HeaderMap) {
        // The time in a proxy's response is the proxy's own.
        let date = header(headers, "date").filter(|_| is_forge(headers)).and_then(http_date);
        self.server_time.set(date.or(self.server_time.get()));
        let Some(quota) = quota(headers) else { return };
        let mut quotas = self.quotas.borrow_mut();
        if quotas.contains_key(&quota.resource) || quotas.len() < MAX_RESOURCES {
            quotas.insert(quota.resource.clone(), quota);
        }
    }

    fn change(&self, endpoint: &'static str, by: impl FnOnce(&mut Count)) {
        by(self.counts.borrow_mut().entry(endpoint).or_default());
    }
}

fn quota(headers: &HeaderMap) -> Option<Quota> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let resets = text("x-ratelimit-reset")?.parse().ok()?;
    Some(Quota {
        resource: text("x-ratelimit-resource").unwrap_or("core").into(),
        limit: text("x-ratelimit-limit")?.parse().ok()?,
        remaining: text("x-ratelimit-remaining")?.parse().ok()?,
        resets: Timestamp::from_second(resets).ok()?,
    })
}
