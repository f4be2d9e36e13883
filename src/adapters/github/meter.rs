//! How many requests were made, by endpoint, and what the forge last said of its limits.

use http::HeaderMap;
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Counts requests, retries included.
#[derive(Debug, Default)]
pub struct Meter {
    counts: RefCell<BTreeMap<&'static str, u64>>,
    quota: RefCell<Option<Quota>>,
}

/// What a reply said of the rate limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Which budget (`core`, `graphql`).
    pub resource: String,
    /// Requests or points an hour.
    pub limit: u64,
    /// What is left of them.
    pub remaining: u64,
    /// When they are whole again.
    pub resets: Timestamp,
}

impl Meter {
    /// Requests by endpoint (`POST /repos/{}/releases`).
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.borrow().clone()
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.borrow().values().sum()
    }

    /// The limits as the last reply told them; `None` where none did.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        self.quota.borrow().clone()
    }

    pub(super) fn count(&self, endpoint: &'static str) {
        *self.counts.borrow_mut().entry(endpoint).or_default() += 1;
    }

    pub(super) fn note(&self, headers: &HeaderMap) {
        if let Some(quota) = quota(headers) {
            *self.quota.borrow_mut() = Some(quota);
        }
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
