//! Runs every response parser on arbitrary bytes, without a network. Only for tests that look for
//! input that breaks a parser.
#![doc(hidden)]

use super::client::{ApiRequest, Http};
use super::graphql::{Answer, Raw, sort};
use super::push::{Activity, newest};
use super::reply::{Reply, Trouble};
use super::retry::Page;
use super::rules::{Rule, of_rules};
use super::settings::{Settings, SettingsInput};
use super::wire::WireRelease;
use super::{blockers, issue, past, people, pulls, rights, survey};
use crate::base::names::{BranchName, Person, Sha, TagName};
use crate::facts::rights::{Token, TokenKind};
use crate::facts::{BlockerKind, BlockerQuery, Release};
use crate::ports::{Clock, PermissionQuery, PermissionScope, PortError, Survey};
use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use std::rc::Rc;
use std::time::Duration;

/// A clock on which waiting takes no time.
struct Still;

#[async_trait(?Send)]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    async fn sleep(&self, _: Duration) {}
}

/// A forge client that parses the responses that it is given.
pub struct Hostile {
    http: Http,
    branch: BranchName,
    survey: Survey,
    inquiry: PermissionQuery,
    blockers: [BlockerQuery; 2],
    person: Person,
    /// For which no further requests are made.
    token: Token,
}

impl Hostile {
    /// Must be created inside a tokio runtime; `None` if the client cannot be set up. A follow-up
    /// request fails, because it goes to a local port on which nothing listens.
    #[must_use]
    pub fn new() -> Option<Self> {
        let given = SettingsInput {
            api_url_option: Some("http://127.0.0.1:1".into()),
            repository_option: Some("acme/widget".into()),
            ..SettingsInput::default()
        };
        let http = Http::new(Settings::derive(given).ok()?, Rc::new(Still)).ok()?;
        let (commit, tag) = (Sha::new("1".repeat(40)).ok()?, TagName::new("v1.1.0").ok()?);
        let inquiry = PermissionQuery {
            moving: Vec::new(),
            tag: tag.clone(),
            commit: commit.clone(),
            previous: None,
            environments: vec!["production".into()],
            extent: PermissionScope::Whole,
        };
        let branch = BranchName::new("main").ok()?;
        let survey = Survey {
            commit,
            branch: Some(branch.clone()),
            tag: Some(tag),
            same_tree: true,
            push: true,
        };
        let token = Token { login: String::new(), kind: TokenKind::Job };
        let (labels, milestones) = (vec!["blocker".into()], vec!["v1.1.0".into()]);
        let feedback = BlockerQuery {
            labels: labels.clone(),
            milestones: Vec::new(),
            only: Some(BlockerKind::Issue),
        };
        let blockers = [BlockerQuery { labels, milestones, only: None }, feedback];
        let person = Person::new("ada").ok()?;
        Some(Self { http, branch, survey, inquiry, blockers, person, token })
    }

    /// Parses a response as each kind of response that tminus reads: a status line, header lines,
    /// an empty line, and the body. Returns what would be shown to people.
    pub async fn read(&self, reply: &[u8]) -> Vec<String> {
        let method = if reply.first() == Some(&b'P') { Method::POST } else { Method::GET };
        let ask = ApiRequest {
            what: "ask",
            endpoint: "GET /",
            method: &method,
            target: "",
            body: None,
            needs: "contents: read",
        };
        let fine = match self.http.judge(&ask, parse(reply)) {
            Ok(fine) => fine,
            Err(trouble) => return vec![tell(trouble)],
        };
        let mut said = self.pages(&fine);
        let team = fine.decode::<serde_json::Value>("ask").map_err(tell);
        said.push(shown(team.map(|team| people::told_members("ask", &team))));
        let answer = fine.decode::<Raw>("ask").and_then(|raw| sort(&self.http, "ask", &fine, raw));
        match answer {
            Ok(answer) => said.extend(self.answered(&answer).await),
            Err(trouble) => said.push(tell(trouble)),
        }
        said
    }

    /// As a page of what REST lists.
    fn pages(&self, fine: &Reply) -> Vec<String> {
        let releases = fine.decode::<Vec<WireRelease>>("ask");
        let rules = fine.decode::<Vec<Rule>>("ask");
        let changes = fine.decode::<Vec<Activity>>("ask");
        let page = |value| Page { value, next: None };
        let pushed = |changes| newest(page(changes), &self.branch, &self.survey.commit);
        let told = |all: Vec<WireRelease>| all.into_iter().map(Release::from).collect::<Vec<_>>();
        vec![
            shown(releases.map(told).map_err(tell)),
            shown(rules.map(|rules| of_rules(rules, Vec::new())).map_err(tell)),
            shown(changes.map(pushed).map_err(tell)),
        ]
    }

    /// As an answer to each question of GraphQL.
    async fn answered(&self, answer: &Answer) -> Vec<String> {
        let Self { http, survey, inquiry, token, .. } = self;
        let told = |error: PortError| error.to_string();
        let own = rights::token(http, answer);
        vec![
            shown(survey::parse(http, survey, answer, 100).await.map_err(told)),
            shown(rights::parse(http, inquiry, token, answer).await.map_err(told)),
            shown(Ok::<_, String>(own)),
            shown(pulls::parse(answer).map_err(told)),
            shown(Ok::<_, String>(past::parse(answer, &survey.commit))),
            shown(Ok::<_, String>(blockers::parse(answer, &self.blockers.each_ref()))),
            shown(issue::told(answer, 7).map_err(told)),
            shown(people::told_permissions(answer, &[&self.person]).map_err(told)),
            shown(people::told_authors(answer, 1).map_err(told)),
        ]
    }
}

fn tell(trouble: Trouble) -> String {
    trouble.into_error("ask", Still.now()).to_string()
}

fn shown<T: std::fmt::Debug>(said: Result<T, String>) -> String {
    said.map_or_else(|error| error, |value| format!("{value:?}"))
}

/// Lines of the head that cannot be parsed are omitted.
fn parse(text: &[u8]) -> Reply {
    let mut reply = Reply { status: StatusCode::OK, headers: HeaderMap::new(), body: Vec::new() };
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut rest = text;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
        if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let pair = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value));
            if let (Ok(name), Ok(value)) = pair {
                reply.headers.insert(name, value);
            }
        } else if let Ok(status) =
            StatusCode::from_bytes(line.get(line.len().saturating_sub(3)..).unwrap_or_default())
        {
            reply.status = status;
        }
    }
    reply.body = rest.to_vec();
    reply
}
