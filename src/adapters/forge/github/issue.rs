//! Reads and writes the tracking issue of a release.

use super::client::{ApiRequest, Http};
use super::graphql::{Answer, ask};
use super::reply::Reply;
use super::retry::write;
use crate::adapters::permission::grant;
use crate::base::names::Person;
use crate::ports::{CloseReason, IssueComment, IssueText, PortError, Reaction, TrackingIssue};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

const QUERY: &str = include_str!("issue.graphql");
const WHAT: &str = "read the tracking issue";
/// A comment that many people wrote on needs no more: GitHub takes 2,500 comments.
const PAGES: usize = 30;
const WRITES: &str = "issues: write";
/// The label. It helps to find the issue, and lets workflows ignore comments on other issues.
const LABEL: &str = "tminus";

#[derive(Deserialize)]
struct WireIssue {
    number: u64,
    url: String,
    state: String,
    title: String,
    #[serde(default)]
    body: String,
    author: Option<Actor>,
    comments: Comments,
}

/// An account; `None` instead of it if it was deleted.
#[derive(Deserialize)]
pub(super) struct Actor {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl Actor {
    /// Its name as REST writes it: that of an app ends in `[bot]`.
    fn account(self) -> String {
        match (self.kind.as_str(), self.login.ends_with("[bot]")) {
            ("Bot", false) => format!("{}[bot]", self.login),
            (_, _) => self.login,
        }
    }

    /// The person, unless it is an app, an organization or a placeholder.
    pub(super) fn person(self) -> Option<Person> {
        (self.kind == "User").then(|| Person::new(self.login).ok()).flatten()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comments {
    page_info: PageInfo,
    nodes: Vec<Option<WireComment>>,
}

/// Where the next page begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Where the next page begins; `None` at the end.
    pub(super) fn next(self, what: &str) -> Result<Option<String>, PortError> {
        match (self.has_next_page, self.end_cursor) {
            (false, _) => Ok(None),
            (true, Some(cursor)) => Ok(Some(cursor)),
            (true, None) => Err(unreadable(what, "it does not say where the next page begins")),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireComment {
    /// A string, because it does not fit 32 bits.
    full_database_id: Number,
    url: String,
    #[serde(default)]
    body: String,
    created_at: Timestamp,
    last_edited_at: Option<Timestamp>,
    author: Option<Actor>,
    #[serde(default)]
    reaction_groups: Option<Vec<ReactionGroup>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReactionGroup {
    content: String,
    viewer_has_reacted: bool,
}

/// The issue with its comments, a hundred in each request.
pub(super) async fn issue(http: &Http, number: u64) -> Result<Option<TrackingIssue>, PortError> {
    let mut after: Option<String> = None;
    let mut issue: Option<TrackingIssue> = None;
    for _ in 0..PAGES {
        let variables = json!({ "number": number, "after": after });
        let answer = ask(http, WHAT, QUERY, variables).await?;
        let Some((page, next)) = told(&answer, number)? else { return Ok(None) };
        match &mut issue {
            None => issue = Some(page),
            Some(issue) => issue.comments.extend(page.comments),
        }
        match next {
            None => return Ok(issue),
            next => after = next,
        }
    }
    Err(unreadable(WHAT, &format!("it has more than {PAGES} pages of comments")))
}

fn unreadable(what: &str, why: &str) -> PortError {
    PortError::NoAnswer {
        what: what.into(),
        why: format!("GitHub's response cannot be read: {why}"),
    }
}

/// Converts a response; returns the issue, and where its next page begins.
pub(super) fn told(
    answer: &Answer,
    number: u64,
) -> Result<Option<(TrackingIssue, Option<String>)>, PortError> {
    let Some(node) = answer.repository.get("issue").filter(|node| !node.is_null()) else {
        if answer.errors.iter().any(|error| error.forbids()) {
            let needs = "issues: read".to_owned();
            return Err(PortError::Denied {
                what: WHAT.into(),
                help: grant(&needs),
                needs,
                said: None,
            });
        }
        let missing = answer.errors.is_empty() || answer.errors.iter().all(|error| error.misses());
        return match missing {
            true => Ok(None),
            false => {
                Err(unreadable(WHAT, answer.errors.first().map_or("", |error| error.message())))
            }
        };
    };
    // A page that lacks a part would lose a statement.
    if let Some(error) = answer.errors.iter().find(|error| error.about("issue")) {
        return Err(unreadable(WHAT, error.message()));
    }
    let wire =
        WireIssue::deserialize(node).map_err(|error| unreadable(WHAT, &error.to_string()))?;
    // A transferred issue has a different number.
    if wire.number != number {
        return Ok(None);
    }
    let viewer = answer.repository.get("viewer").and_then(|viewer| viewer.get("login"));
    let comments = wire.comments.nodes.into_iter().flatten().map(comment);
    let issue = TrackingIssue {
        number,
        url: wire.url,
        author: wire.author.map(Actor::account),
        viewer: viewer.and_then(Value::as_str).unwrap_or_default().to_owned(),
        open: wire.state == "OPEN",
        title: wire.title,
        body: wire.body,
        comments: comments.collect::<Result<_, _>>()?,
    };
    Ok(Some((issue, wire.comments.page_info.next(WHAT)?)))
}

fn comment(wire: WireComment) -> Result<IssueComment, PortError> {
    let id = match wire.full_database_id {
        Number::Number(id) => Some(id),
        Number::Text(text) => text.parse().ok(),
    };
    let reaction = |group: ReactionGroup| match group.content.as_str() {
        "THUMBS_UP" if group.viewer_has_reacted => Some(Reaction::Counted),
        "CONFUSED" if group.viewer_has_reacted => Some(Reaction::Refused),
        _ => None,
    };
    Ok(IssueComment {
        id: id.ok_or_else(|| unreadable(WHAT, "a comment has no number"))?,
        url: wire.url,
        author: wire.author.and_then(Actor::person),
        at: wire.created_at,
        edited: wire.last_edited_at.is_some(),
        body: wire.body,
        reactions: wire.reaction_groups.into_iter().flatten().filter_map(reaction).collect(),
    })
}

#[derive(Deserialize)]
struct Created {
    number: u64,
    html_url: String,
    user: Option<Creator>,
}

#[derive(Deserialize)]
struct Creator {
    login: String,
}

/// Opens an issue.
pub(super) async fn create(http: &Http, new: &IssueText) -> Result<TrackingIssue, PortError> {
    let what = "open the tracking issue";
    let target = format!("/repos/{}/issues", http.settings.repository);
    let body = json!({ "title": new.title, "body": new.body, "labels": [LABEL] });
    let ask = request(what, "POST /repos/{}/issues", &Method::POST, &target, &body);
    let created: Created = write(http, &ask)
        .await?
        .decode(what)
        .map_err(|trouble| trouble.into_error(what, http.clock.now()))?;
    let author = created.user.map(|user| user.login);
    Ok(TrackingIssue {
        number: created.number,
        url: created.html_url,
        viewer: author.clone().unwrap_or_default(),
        author,
        open: true,
        title: new.title.clone(),
        body: new.body.clone(),
        comments: Vec::new(),
    })
}

/// Replaces the text of an issue, and opens or closes it.
pub(super) async fn edit(
    http: &Http,
    number: u64,
    text: &IssueText,
    closed: Option<CloseReason>,
) -> Result<(), PortError> {
    let mut body = json!({ "title": text.title, "body": text.body, "state": "open" });
    if let (Some(because), Some(body)) = (closed, body.as_object_mut()) {
        body.insert("state".into(), "closed".into());
        body.insert("state_reason".into(), reason(because).into());
    }
    change(http, "update the tracking issue", number, &body).await
}

fn reason(because: CloseReason) -> &'static str {
    match because {
        CloseReason::Completed => "completed",
        CloseReason::NotPlanned => "not_planned",
    }
}

/// Closes an issue.
pub(super) async fn close(http: &Http, number: u64, because: CloseReason) -> Result<(), PortError> {
    let body = json!({ "state": "closed", "state_reason": reason(because) });
    change(http, "close the tracking issue", number, &body).await
}

async fn change(http: &Http, what: &str, number: u64, body: &Value) -> Result<(), PortError> {
    let target = format!("/repos/{}/issues/{number}", http.settings.repository);
    let ask = request(what, "PATCH /repos/{}/issues/{}", &Method::PATCH, &target, body);
    write(http, &ask).await.map(|_| ())
}

/// Adds a reaction. GitHub says whether it is new by the status
/// (<https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment>).
pub(super) async fn react(
    http: &Http,
    comment: u64,
    reaction: Reaction,
) -> Result<bool, PortError> {
    let content = match reaction {
        Reaction::Counted => "+1",
        Reaction::Refused => "confused",
    };
    let slug = &http.settings.repository;
    let target = format!("/repos/{slug}/issues/comments/{comment}/reactions");
    let (body, endpoint) =
        (json!({ "content": content }), "POST /repos/{}/issues/comments/{}/reactions");
    let ask = request("acknowledge a comment", endpoint, &Method::POST, &target, &body);
    let Reply { status, .. } = write(http, &ask).await?;
    Ok(status == StatusCode::CREATED)
}

/// Writes a comment.
pub(super) async fn reply(http: &Http, issue: u64, text: &str) -> Result<(), PortError> {
    let target = format!("/repos/{}/issues/{issue}/comments", http.settings.repository);
    let body = json!({ "body": text });
    let endpoint = "POST /repos/{}/issues/{}/comments";
    let ask = request("reply to a comment", endpoint, &Method::POST, &target, &body);
    write(http, &ask).await.map(|_| ())
}

fn request<'a>(
    what: &'a str,
    endpoint: &'static str,
    method: &'a Method,
    target: &'a str,
    body: &'a Value,
) -> ApiRequest<'a> {
    ApiRequest { what, endpoint, method, target, body: Some(body), needs: WRITES }
}
