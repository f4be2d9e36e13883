//! Creates and updates commit statuses, check runs and comments.

use super::client::{ApiRequest, Http};
use super::reply::Trouble;
use super::retry::{get_all, read, write};
use crate::base::names::Sha;
use crate::ports::{Annotation, Comment, NewCheckRun, NewStatus, PortError, StatusState};
use crate::report::annotations::Kind;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// A pull request can have at most 2,500 comments.
const PAGES: usize = 30;
/// The maximum number of annotations per request.
const AT_ONCE: usize = 50;

const STATUSES: &str = "statuses: write";
const CHECKS: &str = "checks: write";
const PULLS: &str = "pull-requests: write";

/// Sets a commit status.
pub(super) async fn set_status(http: &Http, status: &NewStatus) -> Result<(), PortError> {
    let target = format!("/repos/{}/statuses/{}", http.settings.repository, status.commit);
    let state = match status.state {
        StatusState::Success => "success",
        StatusState::Failure => "failure",
        StatusState::Pending => "pending",
        StatusState::Error => "error",
    };
    let body = json!({
        "state": state,
        "context": status.context,
        "description": status.description,
        "target_url": status.page,
    });
    let ask = ApiRequest {
        what: "set the commit status",
        endpoint: "POST /repos/{}/statuses/{}",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: STATUSES,
    };
    write(http, &ask).await.map(|_| ())
}

/// Creates a check run. Annotations beyond the limit of one request are sent in further requests.
pub(super) async fn make_check_run(http: &Http, run: &NewCheckRun) -> Result<(), PortError> {
    let target = format!("/repos/{}/check-runs", http.settings.repository);
    let mut parts = run.annotations.chunks(AT_ONCE);
    let body = started(run, &run.commit, parts.next().unwrap_or_default());
    let ask = ApiRequest {
        what: "create the check run",
        endpoint: "POST /repos/{}/check-runs",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: CHECKS,
    };
    let made: Made = write(http, &ask)
        .await?
        .decode(ask.what)
        .map_err(|trouble| trouble.into_error(ask.what, http.clock.now()))?;
    for part in parts {
        let body = json!({ "output": output(run, part) });
        let target = format!("{target}/{}", made.id);
        let ask = ApiRequest {
            endpoint: "PATCH /repos/{}/check-runs/{}",
            method: &Method::PATCH,
            target: &target,
            body: Some(&body),
            ..ask
        };
        write(http, &ask).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Made {
    id: u64,
}

fn started(run: &NewCheckRun, commit: &Sha, first: &[Annotation]) -> Value {
    let mut body = json!({
        "name": run.name,
        "head_sha": commit,
        "status": "in_progress",
        "output": output(run, first),
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(passed) = run.passed {
            body.insert("status".into(), "completed".into());
            let conclusion = if passed { "success" } else { "failure" };
            body.insert("conclusion".into(), conclusion.into());
        }
        if let Some(page) = &run.page {
            body.insert("details_url".into(), page.as_str().into());
        }
    }
    body
}

fn level(kind: Kind) -> &'static str {
    match kind {
        Kind::Error => "failure",
        Kind::Warning => "warning",
        Kind::Notice => "notice",
    }
}

fn output(run: &NewCheckRun, annotations: &[Annotation]) -> Value {
    let annotations = annotations.iter().map(|one| {
        let mut mark = json!({
            "path": one.file,
            "start_line": one.line,
            "end_line": one.end_line,
            "annotation_level": level(one.kind),
            "title": one.title,
            "message": one.message,
        });
        if let (Some((start, end)), Some(mark)) = (one.columns, mark.as_object_mut()) {
            mark.insert("start_column".into(), start.into());
            mark.insert("end_column".into(), end.into());
        }
        mark
    });
    let annotations: Vec<Value> = annotations.collect();
    json!({ "title": run.title, "summary": run.summary, "annotations": annotations })
}

/// The account of the token. A workflow's token cannot use `GET /user`.
pub(super) async fn login(http: &Http) -> Result<String, PortError> {
    let body = json!({ "query": "query { viewer { login } }" });
    let what = "look up the token's account";
    let ask = ApiRequest {
        what,
        endpoint: "POST /graphql",
        method: &Method::GET,
        target: "",
        body: None,
        needs: "a token",
    };
    read(http, what, ask.endpoint, async || {
        let reply = http.judge(&ask, http.graphql(&body).await?)?;
        let answer: Value = reply.decode(what)?;
        let login = answer.pointer("/data/viewer/login").and_then(Value::as_str);
        login.map(str::to_owned).ok_or_else(|| {
            let why = "GitHub does not report it".to_owned();
            Trouble::Final(PortError::Refused { what: what.into(), why })
        })
    })
    .await
}

#[derive(Deserialize)]
struct WireComment {
    id: u64,
    user: Option<Author>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Author {
    login: String,
}

/// Every comment on a pull request, oldest first.
pub(super) async fn comments(http: &Http, pull: u64) -> Result<Vec<Comment>, PortError> {
    let slug = &http.settings.repository;
    let target = format!("/repos/{slug}/issues/{pull}/comments?per_page=100");
    let ask = ApiRequest {
        what: "list the comments",
        endpoint: "GET /repos/{}/issues/{}/comments",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "pull-requests: read",
    };
    let all: Option<Vec<WireComment>> = get_all(http, &ask, PAGES).await?;
    let why = || format!("there is no pull request {pull}, or the token cannot see it");
    let all = all.ok_or_else(|| PortError::Refused { what: ask.what.into(), why: why() })?;
    let comment = |wire: WireComment| Comment {
        id: wire.id,
        author: wire.user.map(|user| user.login),
        body: wire.body.unwrap_or_default(),
    };
    Ok(all.into_iter().map(comment).collect())
}

/// Writes a comment.
pub(super) async fn comment(http: &Http, pull: u64, body: &str) -> Result<(), PortError> {
    let target = format!("/repos/{}/issues/{pull}/comments", http.settings.repository);
    let body = json!({ "body": body });
    let ask = ApiRequest {
        what: "create the comment",
        endpoint: "POST /repos/{}/issues/{}/comments",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: PULLS,
    };
    write(http, &ask).await.map(|_| ())
}

/// Changes a comment.
pub(super) async fn edit_comment(http: &Http, comment: u64, body: &str) -> Result<(), PortError> {
    let target = format!("/repos/{}/issues/comments/{comment}", http.settings.repository);
    let body = json!({ "body": body });
    let ask = ApiRequest {
        what: "update the comment",
        endpoint: "PATCH /repos/{}/issues/comments/{}",
        method: &Method::PATCH,
        target: &target,
        body: Some(&body),
        needs: PULLS,
    };
    write(http, &ask).await.map(|_| ())
}

/// Removes a comment.
pub(super) async fn delete_comment(http: &Http, comment: u64) -> Result<(), PortError> {
    let target = format!("/repos/{}/issues/comments/{comment}", http.settings.repository);
    let ask = ApiRequest {
        what: "remove the comment",
        endpoint: "DELETE /repos/{}/issues/comments/{}",
        method: &Method::DELETE,
        target: &target,
        body: None,
        needs: PULLS,
    };
    write(http, &ask).await.map(|_| ())
}
