//! Text for tokens, limits and how to fix them.

use crate::facts::Seen;
use crate::facts::rights::{Pusher, Token, TokenKind};
use jiff::{Timestamp, tz::TimeZone};

/// The line of a workflow that fixes most.
const IN_A_WORKFLOW: &str = "in the workflow, add `contents: write` under the job's `permissions`";

/// Whose token was asked with, where that is known.
pub(super) fn asked_with(token: &Seen<Token>) -> Option<String> {
    let token = token.known().ok()?;
    let kind = match &token.kind {
        TokenKind::Job => "the workflow's own token".into(),
        TokenKind::App => "an app's token".into(),
        TokenKind::Classic { scopes } if scopes.is_empty() => {
            "a classic token without any scope".into()
        }
        TokenKind::Classic { scopes } => {
            format!("a classic token with scope {}", scopes.join(", "))
        }
        TokenKind::FineGrained => "a fine-grained token".into(),
        TokenKind::Unknown => "a token of unknown kind".into(),
    };
    Some(format!("authenticated as `{}`, with {kind}", token.login))
}

/// Where a token gets leave to write contents.
pub(super) fn grant(token: &Seen<Token>) -> String {
    match token.known().map(|token| &token.kind) {
        Ok(TokenKind::Job) => IN_A_WORKFLOW.into(),
        Ok(TokenKind::App) => {
            "give the app the repository permission `Contents: Read and write`, and accept it in \
             the installation of the app"
                .into()
        }
        Ok(TokenKind::Classic { .. }) => {
            "give the token the scope `repo`, and its owner write access to the repository".into()
        }
        Ok(TokenKind::FineGrained) => {
            "give the token the repository permission `Contents: Read and write`".into()
        }
        Ok(TokenKind::Unknown) | Err(_) => {
            format!("{IN_A_WORKFLOW}; elsewhere use a token that can write contents")
        }
    }
}

/// Where git gets leave to push.
pub(super) fn grant_push(with: Pusher, token: &Seen<Token>) -> String {
    match with {
        Pusher::Token => grant(token),
        Pusher::Key => "give the key write access: a deploy key needs `Allow write access`".into(),
        Pusher::Helper => format!(
            "{IN_A_WORKFLOW}, and pass `GITHUB_TOKEN` to tminus or leave `persist-credentials` of \
             `actions/checkout` on"
        ),
        Pusher::Nobody => "make the remote's folder writable".into(),
    }
}

/// Who else may make the tag.
pub(super) fn another(token: &Seen<Token>) -> String {
    match token.known() {
        Ok(Token { kind: TokenKind::Job, .. }) => {
            "release with an app's token or a deploy key, and add it to the ruleset's bypass list: the \
             workflow's own token cannot be added"
                .into()
        }
        Ok(Token { login, .. }) => {
            format!("add `{login}` to the ruleset's bypass list, or release with a token that can bypass it")
        }
        Err(_) => "release with a token that can bypass the ruleset".into(),
    }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A moment for people, UTC.
pub(super) fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_have_their_thousands_apart() {
        let grouped = |number| super::grouped(number);
        assert_eq!(
            [0, 999, 1000, 12_345, 1_000_000].map(grouped).join(" "),
            "0 999 1,000 12,345 1,000,000"
        );
    }
}
