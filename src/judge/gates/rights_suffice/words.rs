//! Text for tokens, limits and how to fix them.

use crate::facts::Seen;
use crate::facts::rights::{PushIdentity, Token, TokenKind};
use crate::project::manifest::ForgeMessages;
use jiff::{Timestamp, tz::TimeZone};

/// The owner and the type of the token, if known.
pub(super) fn token_description(token: &Seen<Token>, words: &ForgeMessages) -> Option<String> {
    let token = token.known().ok()?;
    let kind = match &token.kind {
        TokenKind::Job => format!("the workflow's {}", words.job_token),
        TokenKind::App => format!("a {} App installation token", words.name),
        TokenKind::Classic { scopes } if scopes.is_empty() => {
            "a personal access token (classic) without any scope".into()
        }
        TokenKind::Classic { scopes } => {
            let scopes: Vec<String> = scopes.iter().map(|one| format!("`{one}`")).collect();
            format!("a personal access token (classic), scope {}", scopes.join(", "))
        }
        TokenKind::FineGrained => "a fine-grained personal access token".into(),
        TokenKind::Unknown => "a token of an unknown type".into(),
    };
    Some(format!("authenticated as `{}` with {kind}", token.login))
}

/// How to grant a token the permission to write contents.
pub(super) fn grant(token: &Seen<Token>, words: &ForgeMessages) -> &'static str {
    match token.known().map(|token| &token.kind) {
        Ok(TokenKind::Job) => words.grant_job,
        Ok(TokenKind::App) => words.grant_app,
        Ok(TokenKind::Classic { .. }) => words.grant_scopes,
        Ok(TokenKind::FineGrained) => words.grant_token,
        Ok(TokenKind::Unknown) | Err(_) => words.grant_unknown,
    }
}

/// How to grant git the permission to push.
pub(super) fn grant_push(
    with: PushIdentity,
    token: &Seen<Token>,
    words: &ForgeMessages,
) -> &'static str {
    match with {
        PushIdentity::Token => grant(token, words),
        PushIdentity::Key => words.grant_key,
        PushIdentity::Helper => words.grant_helper,
        PushIdentity::Nobody => "make the remote's folder writable",
    }
}

/// Who else could create the tag.
pub(super) fn another(token: &Seen<Token>, words: &ForgeMessages) -> String {
    match token.known() {
        Ok(Token { kind: TokenKind::Job, .. }) => words.bypass_job.into(),
        Ok(Token { login, .. }) => {
            format!(
                "add `{login}` to the ruleset's bypass list, or release with a token that can bypass it"
            )
        }
        Err(_) => "release with a token that can bypass the ruleset".into(),
    }
}

/// A time for people, in UTC.
pub(super) fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}
