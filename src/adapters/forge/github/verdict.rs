//! What the status and headers of a response mean, before its body is read.
//!
//! Source: GitHub's pages "Troubleshooting the REST API" and "Rate limits for the REST API".

pub(super) use crate::adapters::retry::Limit;

use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// The meaning of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The request succeeded.
    Fine,
    /// The resource has moved.
    Moved(Option<String>),
    /// The resource does not exist, or is hidden from this token.
    Missing,
    /// The token is not accepted at all.
    Unauthenticated,
    /// The token lacks a permission; contains its name, if the forge reports it.
    Denied(Option<String>),
    /// Refused because of a rate limit, without any effect.
    Limited(Limit),
    /// Refused, with the message of the forge.
    Refused(String),
    /// A server error, possibly temporary; it is unknown whether a write took effect.
    Passing,
    /// A proxy or another intermediary responded instead of the forge.
    Stranger,
}

/// Evaluates a response. `body` can be only its start.
pub(super) fn verdict(
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
    now: Timestamp,
) -> Verdict {
    if status.is_success() {
        return Verdict::Fine;
    }
    if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        return Verdict::Passing;
    }
    if !is_forge(headers) {
        return Verdict::Stranger;
    }
    match status.as_u16() {
        301 | 302 | 307 | 308 => Verdict::Moved(header(headers, "location").map(String::from)),
        // A 304 is valid only if the request had `If-None-Match`.
        304 => Verdict::Stranger,
        401 => Verdict::Unauthenticated,
        403 | 429 => limit(status, headers, body, now)
            .map_or_else(|| Verdict::Denied(accepted(headers)), Verdict::Limited),
        404 => Verdict::Missing,
        code => Verdict::Refused(explain(code, body)),
    }
}

/// The forge returns JSON, or at least a request ID; a proxy's page has neither.
pub(super) fn is_forge(headers: &HeaderMap) -> bool {
    headers.contains_key("x-github-request-id") || is_json(headers)
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    header(headers, "content-type").is_some_and(|kind| kind.contains("json"))
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// When the rate limit resets, if this is one.
fn limit(status: StatusCode, headers: &HeaderMap, body: &str, now: Timestamp) -> Option<Limit> {
    if let Some(until) = retry_after(headers, now) {
        return Some(Limit::Until(until));
    }
    let body = body.to_ascii_lowercase();
    // The refusal is permanent, regardless of the rate limit headers.
    if body.contains("not accessible by") {
        return None;
    }
    let exhausted = header(headers, "x-ratelimit-remaining") == Some("0");
    let said = body.contains("rate limit") || body.contains("abuse detection");
    match (exhausted, said || status == StatusCode::TOO_MANY_REQUESTS) {
        (true, _) => Some(reset(headers, now)),
        (false, true) => Some(Limit::Unnamed),
        (false, false) => None,
    }
}

/// When the primary limit resets, plus one second, because the header is truncated to seconds. A
/// time in the past is ignored.
pub(super) fn reset(headers: &HeaderMap, now: Timestamp) -> Limit {
    let told = || {
        let second: i64 = header(headers, "x-ratelimit-reset")?.parse().ok()?;
        ours(Timestamp::from_second(second.checked_add(1)?).ok()?, headers, now)
    };
    told().filter(|until| *until > now).map_or(Limit::Unnamed, Limit::Until)
}

fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = header(headers, "retry-after")?;
    match text.trim().parse::<i64>() {
        Ok(seconds) => now.checked_add(SignedDuration::from_secs(seconds)).ok(),
        Err(_) => ours(http_date(text)?, headers, now),
    }
}

/// Converts a time of the forge's clock to our clock, using the response's `Date`: a machine whose
/// clock is an hour off then neither waits an hour nor retries too early.
fn ours(theirs: Timestamp, headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let Some(date) = header(headers, "date").and_then(http_date) else { return Some(theirs) };
    now.checked_add(theirs.duration_since(date)).ok()
}

/// RFC 9110, 5.6.7, in the form that is sent today.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

/// `contents=write,workflows=write; …` in the format of a workflow; `;` separates alternatives.
pub(super) fn accepted(headers: &HeaderMap) -> Option<String> {
    let value = header(headers, "x-accepted-github-permissions")?;
    let one = |grant: &str| match grant.trim().split_once('=') {
        Some((key, level)) => format!("{}: {level}", key.replace('_', "-")),
        None => grant.trim().to_owned(),
    };
    let all = |set: &str| set.split(',').map(one).collect::<Vec<_>>().join(", ");
    let text = value.split(';').map(all).collect::<Vec<_>>().join(" or ");
    (!text.is_empty()).then_some(text)
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

/// The forge's own error message, if there is one.
pub(super) fn message(body: &str) -> Option<String> {
    let complaint: Complaint = serde_json::from_str(body).ok()?;
    let message = complaint.message.trim().replace(['\n', '\r'], " ");
    (!message.is_empty()).then_some(message)
}

/// A rejection in the forge's words; two well-known ones in ours.
fn explain(code: u16, body: &str) -> String {
    let Ok(complaint) = serde_json::from_str::<Complaint>(body) else {
        return format!("http {code}");
    };
    let details: Vec<String> = complaint.errors.iter().map(detail).collect();
    let message = complaint.message.trim().replace(['\n', '\r'], " ");
    if details.is_empty() { message } else { format!("{message}: {}", details.join("; ")) }
}

fn detail(error: &serde_json::Value) -> String {
    let text = |key: &str| error.get(key).and_then(serde_json::Value::as_str);
    match (text("resource"), text("code"), text("field")) {
        (Some("Release"), Some("already_exists"), _) => {
            "a published release of this tag already exists (already_exists)".into()
        }
        (Some("ReleaseAsset"), Some("already_exists"), _) => {
            "an asset of this name already exists (already_exists)".into()
        }
        (_, code, field) => {
            let parts = [field, code.filter(|code| *code != "custom"), text("message")];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            if parts.is_empty() { error.as_str().unwrap_or("").into() } else { parts.join(" ") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    const NOW: i64 = 1_800_000_000;

    fn judged(status: u16, headers: &[(&'static str, &str)], body: &str) -> Verdict {
        let mut map = HeaderMap::new();
        map.insert("content-type", "application/json; charset=utf-8".parse().unwrap());
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        verdict(status, &map, body, Timestamp::from_second(NOW).unwrap())
    }

    fn until(second: i64) -> Verdict {
        Verdict::Limited(Limit::Until(Timestamp::from_second(second).unwrap()))
    }

    #[test]
    fn each_response_is_classified_by_status_headers_and_body() {
        use Verdict::{Denied, Fine, Missing, Moved, Passing, Refused, Unauthenticated};
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        let denied = r#"{"message":"Resource not accessible by integration"}"#;
        let left = "x-ratelimit-remaining";
        let reset = "x-ratelimit-reset";
        let permissions = "x-accepted-github-permissions";
        let unnamed = Verdict::Limited(Limit::Unnamed);
        for (status, headers, body, expected) in [
            (200, vec![], "{}", Fine),
            (204, vec![], "", Fine),
            (301, vec![("location", "/repositories/1")], "", Moved(Some("/repositories/1".into()))),
            (307, vec![], "", Moved(None)),
            (401, vec![], "", Unauthenticated),
            (403, vec![], denied, Denied(None)),
            (
                403,
                vec![(permissions, "contents=write")],
                denied,
                Denied(Some("contents: write".into())),
            ),
            (
                403,
                vec![(permissions, "contents=write,workflows=write; pull_requests=read")],
                denied,
                Denied(Some("contents: write, workflows: write or pull-requests: read".into())),
            ),
            (403, vec![(left, "0"), (reset, "1800000100")], denied, Denied(None)),
            (403, vec![("retry-after", "7")], secondary, until(NOW + 7)),
            (429, vec![("retry-after", "Fri, 15 Jan 2027 08:00:30 GMT")], "", until(NOW + 30)),
            (403, vec![(left, "0"), (reset, "1800000100")], "{}", until(NOW + 101)),
            (429, vec![(left, "0"), (reset, "1800000100")], "{}", until(NOW + 101)),
            (403, vec![(left, "12"), (reset, "1800000100")], secondary, unnamed.clone()),
            (403, vec![(left, "0"), (reset, "1799999999")], "{}", unnamed.clone()),
            (403, vec![], secondary, unnamed.clone()),
            (429, vec![], "{}", unnamed),
            (404, vec![], "{}", Missing),
            (410, vec![], r#"{"message":"gone"}"#, Refused("gone".into())),
            (409, vec![], "no json", Refused("http 409".into())),
            (500, vec![], "", Passing),
            (502, vec![("content-type", "text/html")], "<html>", Passing),
            (503, vec![("retry-after", "1")], "", Passing),
            (408, vec![], "", Passing),
            (403, vec![("content-type", "text/html")], "<html>", Verdict::Stranger),
            (407, vec![("content-type", "text/html")], "<html>", Verdict::Stranger),
        ] {
            assert_eq!(judged(status, &headers, body), expected, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn a_clock_skew_of_one_hour_does_not_distort_the_rate_limit_wait() {
        // The forge's clock stands at 08:00:00, which is `NOW`.
        for (date, off) in [
            ("Fri, 15 Jan 2027 09:00:00 GMT", 3600),
            ("Fri, 15 Jan 2027 07:00:00 GMT", -3600),
            ("Fri, 15 Jan 2027 08:00:00 GMT", 0),
        ] {
            let reset = (NOW + off + 100).to_string();
            let primary =
                [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &*reset), ("date", date)];
            assert_eq!(judged(403, &primary, "{}"), until(NOW + 101), "{date}");
            let named = [("retry-after", "30"), ("date", date)];
            assert_eq!(judged(429, &named, "{}"), until(NOW + 30), "{date}");
            let dated = date.replace(":00:00", ":00:30");
            let named = [("retry-after", dated.as_str()), ("date", date)];
            assert_eq!(judged(429, &named, "{}"), until(NOW + 30), "{date}");
        }
    }

    #[test]
    fn a_rejection_is_quoted_with_its_details() {
        let refused = |body: &str| {
            let judged = judged(422, &[], body);
            let Verdict::Refused(why) = judged else { panic!("{judged:?}") };
            why
        };
        assert_eq!(
            refused(
                r#"{"message":"Validation Failed","errors":[{"resource":"Release","code":"already_exists","field":"tag_name"}]}"#
            ),
            "Validation Failed: a published release of this tag already exists (already_exists)"
        );
        assert_eq!(
            refused(
                r#"{"message":"Validation Failed","errors":[{"resource":"Release","code":"custom","field":"pre_receive","message":"Cannot create ref due to creations being restricted"},"Published releases must have a valid tag"]}"#
            ),
            "Validation Failed: pre_receive Cannot create ref due to creations being restricted; \
             Published releases must have a valid tag"
        );
        assert_eq!(
            refused(r#"{"message":"Invalid request.\n\nNo subschema"}"#),
            "Invalid request.  No subschema"
        );
    }
}
