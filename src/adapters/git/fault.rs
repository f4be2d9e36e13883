//! What git's failures mean.

use super::program::Output;
use crate::ports::PortError;

/// What an operation needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Somebody else was there first: git's words, client and server.
const BEHIND: [&str; 8] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "reference already exists",
    // Of the many reasons why a ref "cannot be locked" these two are races.
    "but expected",
    ".lock': file exists",
    "incorrect old value",
    "would clobber existing tag",
];

/// A rule of the server's said no.
const REFUSED: [&str; 6] = [
    "error: gh0",
    "hook declined",
    "protected branch",
    "protected tag",
    "deny updating a hidden ref",
    "[remote rejected] (push declined",
];

/// The credentials are missing, wrong or too weak. GitHub hides what one may not see as not found.
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

/// Puts a failure into the words of the ports.
pub(super) fn fault(what: &str, access: Access, output: &Output) -> PortError {
    let what = what.to_owned();
    let said = format!("{}\n{}", output.text(), output.stderr);
    let text = said.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    if text.contains("without `workflows` permission")
        || text.contains("without workflows permission")
    {
        return PortError::Denied { what, needs: "workflows: write".into(), said: None };
    }
    if has(&REFUSED) {
        return PortError::Refused { what, why: words(&output.stderr) };
    }
    if has(&BEHIND) {
        return PortError::Behind { what };
    }
    if has(&DENIED) {
        let needs = match access {
            Access::Read => "contents: read",
            Access::Write => "contents: write",
        };
        return PortError::Denied { what, needs: needs.into(), said: None };
    }
    let why = words(&output.stderr);
    PortError::NoAnswer {
        what,
        why: if why.is_empty() { "git failed silently".into() } else { why },
    }
}

/// The other side's words where it had any, else git's, in one line.
pub(super) fn words(stderr: &str) -> String {
    let remote: Vec<&str> =
        stderr.lines().filter_map(|line| line.strip_prefix("remote: ")).collect();
    let lines = if remote.is_empty() { stderr.lines().collect() } else { remote };
    let lines = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" / ")
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
    fn a_ruleset_is_a_refusal_in_the_remotes_words() {
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
    fn a_lost_race_is_behind_and_missing_rights_are_denied() {
        assert!(matches!(of("! [rejected] a -> b (stale info)"), PortError::Behind { .. }));
        assert!(matches!(of("(reference already exists)"), PortError::Behind { .. }));
        let denied = of(
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
        );
        assert_eq!(
            denied,
            PortError::Denied { what: "push".into(), needs: "contents: write".into(), said: None }
        );
        assert!(matches!(of("The requested URL returned error: 403"), PortError::Denied { .. }));
    }

    #[test]
    fn a_broken_line_leaves_the_outcome_open() {
        for text in ["", "fatal: Could not resolve host: github.com", "fatal: early EOF"] {
            assert!(matches!(of(text), PortError::NoAnswer { .. }), "{text}");
        }
    }
}
