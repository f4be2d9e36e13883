//! Caches responses for conditional requests, so that reading unchanged data is free.
//!
//! GitHub answers a GET with a known `ETag` with an empty 304, which does not count against the
//! primary rate limit ("Best practices for using the REST API"). An `ETag` is valid for one token
//! only, so the cache lives as long as the client.

use super::reply::Reply;
use super::verdict::header;
use http::{HeaderMap, HeaderValue, StatusCode};
use std::cell::RefCell;
use std::collections::VecDeque;

/// A release reads the same few URLs repeatedly.
const MAX_REPLIES: usize = 32;
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Responses by URL; the most recently used one is last.
#[derive(Default)]
pub(super) struct ResponseCache {
    kept: RefCell<VecDeque<CacheEntry>>,
}

struct CacheEntry {
    address: String,
    tag: HeaderValue,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl ResponseCache {
    /// What to send as `If-None-Match`.
    pub(super) fn tag(&self, address: &str) -> Option<HeaderValue> {
        let kept = self.kept.borrow();
        kept.iter().find(|one| one.address == address).map(|one| one.tag.clone())
    }

    /// The stored response that a 304 refers to. Only its date, limits and request ID are taken
    /// from the 304.
    pub(super) fn recall(
        &self,
        address: &str,
        tag: &HeaderValue,
        fresh: &HeaderMap,
    ) -> Option<Reply> {
        let mut kept = self.kept.borrow_mut();
        let place = kept.iter().position(|one| one.address == address && one.tag == *tag)?;
        let one = kept.remove(place)?;
        let mut headers = one.headers.clone();
        for (name, value) in fresh {
            if !name.as_str().starts_with("content-") {
                headers.insert(name, value.clone());
            }
        }
        let reply = Reply { status: StatusCode::OK, headers, body: one.body.clone() };
        kept.push_back(one);
        Some(reply)
    }

    /// Stores a response that could be parsed: a truncated response must not be cached.
    pub(super) fn keep(&self, address: &str, reply: &Reply) {
        let mut kept = self.kept.borrow_mut();
        kept.retain(|one| one.address != address);
        let Some(tag) = header(&reply.headers, "etag") else { return };
        let Ok(tag) = HeaderValue::from_str(tag) else { return };
        if reply.status != StatusCode::OK || reply.body.len() > MAX_BYTES {
            return;
        }
        let (headers, body) = (reply.headers.clone(), reply.body.clone());
        kept.push_back(CacheEntry { address: address.into(), tag, headers, body });
        let too_much = |kept: &VecDeque<CacheEntry>| {
            kept.len() > MAX_REPLIES
                || kept.iter().map(|one| one.body.len()).sum::<usize>() > MAX_BYTES
        };
        while too_much(&kept) {
            kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(tag: &str, size: usize) -> Reply {
        let headers = HeaderMap::from_iter([(http::header::ETAG, tag.parse().unwrap())]);
        Reply { status: StatusCode::OK, headers, body: vec![b'x'; size] }
    }

    #[test]
    fn the_response_cache_is_bounded_and_evicts_the_least_recently_used() {
        let memory = ResponseCache::default();
        for n in 0..=MAX_REPLIES {
            memory.keep(&format!("/{n}"), &reply("\"a\"", 1));
        }
        assert!(memory.tag("/0").is_none());
        assert!(memory.recall("/1", &"\"a\"".parse().unwrap(), &HeaderMap::new()).is_some());
        memory.keep("/more", &reply("\"a\"", 1));
        assert!(memory.tag("/1").is_some() && memory.tag("/2").is_none());
        memory.keep("/large", &reply("\"a\"", MAX_BYTES));
        assert!(memory.tag("/large").is_some() && memory.tag("/1").is_none());
        memory.keep("/large", &reply("\"b\"", MAX_BYTES + 1));
        assert!(memory.tag("/large").is_none(), "what is kept is never older than what came last");
    }

    #[test]
    fn the_cache_returns_a_body_only_for_its_own_path_and_etag() {
        let memory = ResponseCache::default();
        memory.keep("/1", &reply("\"a\"", 1));
        assert!(memory.recall("/1", &"\"b\"".parse().unwrap(), &HeaderMap::new()).is_none());
        assert!(memory.recall("/2", &"\"a\"".parse().unwrap(), &HeaderMap::new()).is_none());
    }
}
