//! Determines the permissions of the token, with requests that change nothing.
//!
//! No endpoint reports the permissions of a workflow's token. GitHub generates release notes only
//! for a token with `contents: write`, and saves nothing, so this request shows whether releases
//! can be written.

use super::client::{ApiRequest, Http};
use super::graphql::{Answer, ask};
use super::notes::generated;
use super::part::unless_limited;
use super::retry::get;
use super::tag_rulesets::rulesets;
use super::verdict::header;
use crate::base::names::Sha;
use crate::facts::Seen;
use crate::facts::rights::{Environment, Permission, Rights, Token, TokenKind, Workflows};
use crate::ports::{NotesRequest, PermissionQuery, PermissionScope, PortError};
use http::Method;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

const QUERY: &str = include_str!("rights.graphql");
const WHAT: &str = "read the permissions of the token";
/// The account of a workflow's own token; REST and GraphQL use different names.
const JOB: [&str; 2] = ["github-actions[bot]", "github-actions"];

#[derive(Deserialize)]
struct Object {
    oid: Sha,
}

#[derive(Deserialize)]
struct Immutable {
    enabled: bool,
}

/// Sends the query and converts the response.
pub(super) async fn rights(http: &Http, inquiry: &PermissionQuery) -> Result<Rights, PortError> {
    let variables = json!({
        "commit": inquiry.commit.as_str(),
        "ours": format!("{}:.github/workflows", inquiry.commit),
        "environments": inquiry.environments,
        "hasEnvironments": !inquiry.environments.is_empty(),
    });
    let answer = ask(http, WHAT, QUERY, variables).await?;
    let token = token(http, &answer);
    let rights = parse(http, inquiry, &token, &answer).await?;
    let releases = releases(http, inquiry).await?;
    let deployments = deployments(inquiry, &token, &releases);
    let immutable = match inquiry.extent {
        PermissionScope::Whole => immutable(http, &token).await?,
        PermissionScope::Again => Seen::not_asked(),
    };
    let quotas = http.meter.quotas().into_values().collect();
    Ok(Rights { releases, deployments, immutable, quotas, token: Seen::Known(token), ..rights })
}

/// Converts a response. For a ruleset that would reject the tag, further requests are made, unless
/// the token is a workflow's.
pub(super) async fn parse(
    http: &Http,
    inquiry: &PermissionQuery,
    token: &Token,
    answer: &Answer,
) -> Result<Rights, PortError> {
    Ok(Rights {
        tag_rules: rulesets(http, inquiry, token, answer.part("rulesets")).await?,
        workflows: workflows(&inquiry.commit, answer),
        environments: environments(inquiry, answer),
        ..Rights::unseen("it was not read")
    })
}

#[derive(Deserialize)]
struct Environments {
    nodes: Vec<Option<EnvironmentNode>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvironmentNode {
    name: String,
    protection_rules: Total,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Total {
    total_count: usize,
}

fn environments(inquiry: &PermissionQuery, answer: &Answer) -> Seen<Vec<Environment>> {
    if inquiry.environments.is_empty() {
        return Seen::Known(Vec::new());
    }
    let environment = |node: EnvironmentNode| Environment {
        name: node.name,
        rules: node.protection_rules.total_count,
    };
    match answer.part::<Environments>("environments") {
        Seen::Known(Some(found)) => {
            Seen::Known(found.nodes.into_iter().flatten().map(environment).collect())
        }
        Seen::Known(None) => Seen::unseen("GitHub's response has no environments"),
        Seen::Unseen(unseen) => Seen::Unseen(unseen),
    }
}

/// The type and owner of the token. The response of the forge takes precedence over the format of
/// the token.
pub(super) fn token(http: &Http, answer: &Answer) -> Token {
    let login = answer
        .repository
        .get("viewer")
        .and_then(|it| it.get("login"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let token = http.settings.token.as_ref().map_or("", |token| token.expose_secret().trim());
    let scopes = header(&answer.headers, "x-oauth-scopes").map(|scopes| {
        let scopes = scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty());
        scopes.map(str::to_owned).collect()
    });
    let kind = match scopes {
        Some(scopes) => TokenKind::Classic { scopes },
        None if JOB.contains(&login) => TokenKind::Job,
        None if login.ends_with("[bot]") || token.starts_with("ghs_") => TokenKind::App,
        None if token.starts_with("github_pat_") => TokenKind::FineGrained,
        None => TokenKind::Unknown,
    };
    Token { login: login.to_owned(), kind }
}

fn workflows(commit: &Sha, answer: &Answer) -> Seen<Workflows> {
    let oid = |name| match answer.part::<Object>(name) {
        Seen::Known(found) => Ok(found.map(|object| object.oid)),
        Seen::Unseen(unseen) => Err(unseen),
    };
    match (oid("commit"), oid("ours"), oid("theirs")) {
        (Err(unseen), _, _) | (_, Err(unseen), _) | (_, _, Err(unseen)) => Seen::Unseen(unseen),
        (Ok(None), _, _) => {
            let why = format!("commit {} is not on GitHub", commit.short());
            Seen::unseen_help(why, "push it first")
        }
        // If the commit has no workflow files, a tag on it writes none.
        (Ok(Some(_)), Ok(None), Ok(_)) => Seen::Known(Workflows::Same),
        (Ok(Some(_)), Ok(ours), Ok(theirs)) if ours == theirs => Seen::Known(Workflows::Same),
        (Ok(Some(_)), Ok(_), Ok(_)) => Seen::Known(Workflows::Differ),
    }
}

/// Requests generated release notes and discards them.
async fn releases(http: &Http, inquiry: &PermissionQuery) -> Result<Seen<Permission>, PortError> {
    let PermissionQuery { tag, commit, previous, .. } = inquiry.clone();
    let order = NotesRequest { tag, commit, previous };
    match generated::<IgnoredAny>(http, "check whether releases can be written", &order).await {
        Ok(IgnoredAny) => Ok(Seen::Known(Permission::Granted)),
        Err(PortError::Denied { needs, said, .. }) => {
            // No permission would help with this error, so it is reported.
            let why = said.filter(|said| said.contains("archived"));
            Ok(Seen::Known(Permission::Denied { needs, why }))
        }
        Err(error) => unless_limited(error),
    }
}

/// Scopes of a classic token, each of which includes deployments.
const DEPLOY: [&str; 3] = ["repo", "public_repo", "repo_deployment"];

/// Only a classic token reports its scopes. No request tests whether deployments can be written
/// without writing one.
fn deployments(
    inquiry: &PermissionQuery,
    token: &Token,
    releases: &Seen<Permission>,
) -> Seen<Permission> {
    if inquiry.environments.is_empty() {
        return Seen::not_asked();
    }
    match &token.kind {
        TokenKind::Classic { scopes }
            if !scopes.iter().any(|one| DEPLOY.contains(&one.as_str())) =>
        {
            let needs = "the scope `repo_deployment`".into();
            Seen::Known(Permission::Denied { needs, why: None })
        }
        // The rest is up to the owner, who can write releases too.
        TokenKind::Classic { .. } if *releases == Seen::Known(Permission::Granted) => {
            Seen::Known(Permission::Granted)
        }
        TokenKind::Classic { .. }
        | TokenKind::Job
        | TokenKind::App
        | TokenKind::FineGrained
        | TokenKind::Unknown => Seen::unseen("GitHub does not report it"),
    }
}

/// Only administrators can read this, which a workflow's token never is. "Not found" can mean that
/// it is off, or that it cannot be read.
async fn immutable(http: &Http, token: &Token) -> Result<Seen<bool>, PortError> {
    if token.kind == TokenKind::Job {
        return Ok(Seen::unseen("only administrators can read it"));
    }
    let target = format!("/repos/{}/immutable-releases", http.settings.repository);
    let ask = ApiRequest {
        what: "check whether releases are immutable",
        endpoint: "GET /repos/{}/immutable-releases",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "administration: read",
    };
    let said = get::<Immutable>(http, &ask).await;
    let said = said.map(|page| Seen::Known(page.map(|page| page.value.enabled)));
    Ok(match said.or_else(unless_limited)? {
        Seen::Known(Some(enabled)) => Seen::Known(enabled),
        Seen::Known(None) => Seen::unseen("only administrators can read it"),
        Seen::Unseen(unseen) => Seen::Unseen(unseen),
    })
}
