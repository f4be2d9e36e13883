//! Classifies git's error messages.

use super::output::Output;
use super::redact::words;
use crate::adapters::permission::grant;
use crate::adapters::retry::{Limit, Trouble, UNNAMED_WAIT};
use crate::ports::PortError;
use jiff::{SignedDuration, Timestamp};

/// The permission that an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Another process changed it first: messages of git's client and server.
const BEHIND: [&str; 8] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "reference already exists",
    // A ref "cannot be locked" for many reasons; only these two are races.
    "but expected",
    ".lock': file exists",
    "incorrect old value",
    "would clobber existing tag",
];

/// A rule of the server rejected the push.
const REFUSED: [&str; 6] = [
    "error: gh0",
    "hook declined",
    "protected branch",
    "protected tag",
    "deny updating a hidden ref",
    "[remote rejected] (push declined",
];

/// Too many requests: git shows the status of the response, and parts of its text.
const LIMITED: [&str; 4] =
    ["returned error: 429", "rate limit", "too many requests", "abuse detection"];

/// Temporary errors: network problems, or a server error.
const PASSING: [&str; 24] = [
    "returned error: 500",
    "returned error: 502",
    "returned error: 503",
    "returned error: 504",
    "connection reset",
    "connection refused",
    "connection timed out",
    "connection closed",
    "closed by remote host",
    "failed to connect",
    "could not connect",
    "could not resolve",
    "network is unreachable",
    "no route to host",
    "operation timed out",
    "operation too slow",
    "empty reply from server",
    "unexpected disconnect",
    "unexpected eof",
    "early eof",
    "hung up unexpectedly",
    "rpc failed",
    "transfer closed",
    "recv failure",
];

/// The credentials are missing, wrong or too weak. GitHub reports a repository that the user cannot
/// access as not found.
const DENIED: [&str; 14] = [
    "returned error: 401",
    "returned error: 403",
    "permission denied",
    "access denied",
    "authentication failed",
    "could not read username",
    "could not read password",
    "terminal prompts disabled",
    "invalid username or",
    "write access to repository not granted",
    "repository not found",
    "host key verification failed",
    "denied to",
    "marked as read only",
];

fn denial(what: String, needs: &str) -> PortError {
    PortError::Denied { what, needs: needs.into(), help: grant(needs), said: None }
}

/// Converts a failure to an error of the ports.
pub(super) fn fault(what: &str, access: Access, output: &Output) -> PortError {
    let what = what.to_owned();
    let said = format!("{}\n{}", output.text(), output.stderr);
    let text = said.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    if text.contains("without `workflows` permission")
        || text.contains("without workflows permission")
    {
        return denial(what, "workflows: write");
    }
    if has(&REFUSED) {
        return PortError::Refused { what, why: words(&output.stderr) };
    }
    if has(&BEHIND) {
        return PortError::Behind { what };
    }
    if has(&LIMITED) {
        let wait = retry_after(&text).unwrap_or(UNNAMED_WAIT);
        let until = output.at.checked_add(wait).unwrap_or(Timestamp::MAX);
        let said = Some(words(&output.stderr)).filter(|said| !said.is_empty());
        return PortError::Limited { what, until, said };
    }
    if has(&DENIED) {
        let needs = match access {
            Access::Read => "contents: read",
            Access::Write => "contents: write",
        };
        return denial(what, needs);
    }
    let why = words(&output.stderr);
    PortError::NoAnswer {
        what,
        why: if why.is_empty() { "git failed silently".into() } else { why },
    }
}

/// How long to wait, according to the message of the other side (`Retry-After: 30`, `retry after 30
/// seconds`).
fn retry_after(text: &str) -> Option<SignedDuration> {
    let (_, rest) = text.split_once("retry-after").or_else(|| text.split_once("retry after"))?;
    let rest = rest.trim_start_matches([':', ' ', '=']);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, unit) = rest.split_at_checked(digits)?;
    let number: i64 = number.parse().ok()?;
    let seconds = if unit.trim_start().starts_with("minute") { 60 } else { 1 };
    Some(SignedDuration::from_secs(number.saturating_mul(seconds)))
}

/// Whether a failed read is worth another try.
pub(super) fn trouble(error: PortError) -> Trouble {
    match error {
        PortError::NoAnswer { why, .. } if passes(&why) => Trouble::Passing(why),
        PortError::Limited { until, said, .. } => Trouble::Limited(Limit::Until(until), said),
        PortError::NoAnswer { .. }
        | PortError::Refused { .. }
        | PortError::Denied { .. }
        | PortError::Damaged { .. }
        | PortError::Behind { .. } => Trouble::Final(error),
    }
}

fn passes(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    PASSING.iter().any(|mark| why.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stderr: &str) -> PortError {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let output = Output { ok: false, stdout: Vec::new(), stderr: stderr.into(), at };
        fault("push", Access::Write, &output)
    }

    #[test]
    fn a_ruleset_violation_is_a_rejection_in_the_words_of_the_remote() {
        let text = "remote: error: GH013: Repository rule violations found for refs/tags/v1.\n\
            remote: - Cannot create ref due to creations being restricted.\n\
            To github.com:a/b\n ! [remote rejected] v1 (push declined due to repository rule violations)\n";
        let PortError::Refused { why, .. } = of(text) else { panic!("{:?}", of(text)) };
        assert!(why.starts_with("error: GH013"), "{why}");
        assert!(matches!(
            of("! [remote rejected] v1 (pre-receive hook declined)"),
            PortError::Refused { .. }
        ));
    }

    #[test]
    fn a_lost_race_is_behind_and_a_missing_permission_is_denied() {
        assert!(matches!(of("! [rejected] a -> b (stale info)"), PortError::Behind { .. }));
        assert!(matches!(of("(reference already exists)"), PortError::Behind { .. }));
        let denied = of(
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
        );
        assert_eq!(denied, denial("push".into(), "contents: write"));
        assert!(matches!(of("The requested URL returned error: 403"), PortError::Denied { .. }));
    }

    #[test]
    fn a_rate_limit_is_not_a_missing_permission_and_ends_at_its_reset() {
        for (text, seconds) in [
            ("fatal: unable to access 'https://x/': The requested URL returned error: 429", 60),
            (
                "remote: You have exceeded a secondary rate limit.\nfatal: The requested URL returned error: 403",
                60,
            ),
            (
                "remote: Too many requests, Retry-After: 30\nfatal: The requested URL returned error: 403",
                30,
            ),
            ("remote: rate limit, retry after 2 minutes", 120),
            ("remote: rate limit, retry after 99999999999999999 minutes", i64::MAX),
        ] {
            let PortError::Limited { until, .. } = of(text) else { panic!("{text}") };
            let end = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
            assert_eq!(until, end, "{text}");
        }
    }

    #[test]
    fn only_temporary_git_failures_are_retried() {
        for (text, passing) in [
            ("fatal: unable to access 'https://x/': The requested URL returned error: 502", true),
            ("fatal: unable to access 'https://x/': Could not resolve host: x", true),
            ("error: RPC failed; curl 56 Recv failure: Connection reset by peer", true),
            ("kex_exchange_identification: Connection closed by remote host", true),
            ("fatal: the remote end hung up unexpectedly", true),
            (
                "git@x: Permission denied (publickey).\nfatal: the remote end hung up unexpectedly",
                false,
            ),
            ("fatal: '../gone.git' does not appear to be a git repository", false),
            ("fatal: unable to access 'https://x/': SSL certificate problem: expired", false),
            ("", false),
        ] {
            assert_eq!(matches!(trouble(of(text)), Trouble::Passing(_)), passing, "{text}");
        }
    }

    #[test]
    fn a_lost_connection_leaves_the_outcome_unknown() {
        for text in ["", "fatal: Could not resolve host: github.com", "fatal: early EOF"] {
            assert!(matches!(of(text), PortError::NoAnswer { .. }), "{text}");
        }
    }
}
