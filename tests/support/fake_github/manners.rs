//! What every request meets before it is read, and every answer before it leaves.

use super::books::Shared;
use super::message::{Answer, Ask};
use super::options::{Options, Scopes};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::PoisonError;

/// The number of the repository, for links and moves.
pub(crate) const REPOSITORY_ID: u64 = 1_296_269;

const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// Who is asking, or why he is turned away.
pub(crate) fn admit(options: &Options, ask: &Ask) -> Result<Scopes, Answer> {
    if ask.header("user-agent").is_none_or(str::is_empty) {
        let text = "Request forbidden by administrative rules. Please make sure your request has \
                    a User-Agent header";
        return Err(Answer::html(403, text));
    }
    if let Some(version) = ask.header("x-github-api-version")
        && !VERSIONS.contains(&version)
    {
        let text = format!("\"{version}\" is not a supported version of the GitHub API");
        return Err(Answer::error(400, &text));
    }
    let Some(given) = ask.header("authorization") else {
        return Err(Answer::error(401, "Requires authentication"));
    };
    let token = given.split_once(' ').filter(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token")
    });
    let scopes = token.and_then(|(_, token)| options.tokens.get(token.trim()));
    scopes.copied().ok_or_else(|| Answer::error(401, "Bad credentials"))
}

/// Refuses what is over the limit, and counts the rest.
pub(crate) fn charge(shared: &Shared, graphql: bool) -> Result<(), Answer> {
    let mut used = shared.used.lock().unwrap_or_else(PoisonError::into_inner);
    let (count, limit) = if graphql {
        (&mut used.graphql, shared.options.graphql_limit)
    } else {
        (&mut used.rest, shared.options.rest_limit)
    };
    if *count >= limit {
        let text = "API rate limit exceeded for user ID 41898282.";
        return Err(if graphql {
            Answer::json(200, &json!({ "errors": [{ "type": "RATE_LIMITED", "message": text }] }))
        } else {
            Answer::error(403, text)
        });
    }
    *count += 1;
    Ok(())
}

/// The limits, as `/rate_limit` tells them.
pub(crate) fn limits(shared: &Shared) -> Value {
    let used = *shared.used.lock().unwrap_or_else(PoisonError::into_inner);
    let one = |limit: u32, used: u32| {
        json!({
            "limit": limit, "used": used, "remaining": limit.saturating_sub(used),
            "reset": reset(shared),
        })
    };
    let core = one(shared.options.rest_limit, used.rest);
    let graphql = one(shared.options.graphql_limit, used.graphql);
    let search = one(30, 0);
    json!({
        "resources": { "core": core, "graphql": graphql, "search": search },
        "rate": core,
    })
}

/// Adds what every answer bears, and turns what the client has already into 304, which is free.
pub(crate) fn dress(shared: &Shared, ask: &Ask, n: usize, graphql: bool, answer: Answer) -> Answer {
    let mut answer = answer;
    if ask.method == "GET" && answer.status == 200 {
        let hash: String =
            Sha256::digest(&answer.body).iter().map(|byte| format!("{byte:02x}")).collect();
        let tag = format!("W/\"{hash}\"");
        if ask.header("if-none-match") == Some(tag.as_str()) {
            answer = Answer::empty(304);
            let mut used = shared.used.lock().unwrap_or_else(PoisonError::into_inner);
            used.rest = used.rest.saturating_sub(1);
        }
        answer = answer.with("etag", tag).with("cache-control", "private, max-age=60, s-maxage=60");
    }
    let used = *shared.used.lock().unwrap_or_else(PoisonError::into_inner);
    let (count, limit, resource) = if graphql {
        (used.graphql, shared.options.graphql_limit, "graphql")
    } else {
        (used.rest, shared.options.rest_limit, "core")
    };
    // The limit resets by the same clock.
    let now = shared.state.lock().unwrap_or_else(PoisonError::into_inner).now;
    answer
        .with("server", "github.com")
        .with("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .with("x-github-request-id", format!("FACE:{n:04X}:1:2:3"))
        .with("x-github-media-type", "github.v3; format=json")
        .with("x-github-api-version-selected", VERSIONS[0])
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", limit.saturating_sub(count).to_string())
        .with("x-ratelimit-used", count.to_string())
        .with("x-ratelimit-reset", reset(shared).to_string())
        .with("x-ratelimit-resource", resource)
}

fn reset(shared: &Shared) -> i64 {
    shared.started.as_second() + 3600
}

/// The real time, where no world with a time of its own is given.
#[expect(clippy::disallowed_methods, reason = "the program that is run has the real time too")]
pub(crate) fn wall() -> Timestamp {
    Timestamp::now()
}
