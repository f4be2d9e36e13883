//! Removes secrets from git's output.

use crate::base::secrets::Secrets;

/// The maximum length of a program's message.
const LONGEST: usize = 2000;

/// Removes secrets, and passwords in URLs, from a text, and shortens it at the start.
pub(super) fn redact(text: &str, secrets: &Secrets) -> String {
    let clean = secrets.redact(text);
    let mut out = String::new();
    let mut rest = clean.as_ref();
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end =
            after.find(|c: char| c.is_whitespace() || "/'\"`".contains(c)).unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => out.extend(["***@", host]),
            None => out.push_str(authority),
        }
        rest = tail;
    }
    out.push_str(rest);
    let cut = out.len().saturating_sub(LONGEST);
    let cut = (cut..=out.len()).find(|at| out.is_char_boundary(*at)).unwrap_or(0);
    out.split_off(cut)
}

/// The remote's message, or git's if there is none, in one line.
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

    #[test]
    fn passwords_and_secrets_are_redacted() {
        let text = "fatal: unable to access 'https://ada:s3cr@t@example.com/x?y=ghs_secret/': no ghs_secret";
        assert_eq!(
            redact(text, &Secrets::of(["ghs_secret".into()])),
            "fatal: unable to access 'https://***@example.com/x?y=***/': no ***"
        );
    }
}
