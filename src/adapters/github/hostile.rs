//! Every reader of replies on bytes from anywhere, without a network: for tests that look for what
//! these readers do not stand. Not for other use.
#![doc(hidden)]

use super::client::{Ask, Http};
use super::graphql::{Raw, sort};
use super::reply::{Reply, Trouble};
use super::settings::{Given, Settings};
use super::survey::told;
use super::wire::WireRelease;
use crate::facts::Release;
use crate::names::{BranchName, Sha, TagName};
use crate::ports::{Clock, Survey};
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

/// A forge that says what it is given.
pub struct Hostile {
    http: Http,
    survey: Survey,
}

impl Hostile {
    /// To be made inside a tokio runtime; `None` where the client cannot be set up. What a reply
    /// would have asked for next is refused, by a port of this machine that nobody listens on.
    #[must_use]
    pub fn new() -> Option<Self> {
        let given = Given {
            api_url_option: Some("http://127.0.0.1:1".into()),
            repository_option: Some("acme/widget".into()),
            ..Given::default()
        };
        let http = Http::new(Settings::derive(given).ok()?, Rc::new(Still)).ok()?;
        let survey = Survey {
            commit: Sha::new("1".repeat(40)).ok()?,
            branch: Some(BranchName::new("main").ok()?),
            tag: Some(TagName::new("v1.1.0").ok()?),
            twins: true,
            push: true,
        };
        Some(Self { http, survey })
    }

    /// Reads a reply as every kind that is ever asked for: a line with the status, lines of
    /// headers, an empty line, the body. Gives what would be shown to people.
    pub async fn read(&self, reply: &[u8]) -> Vec<String> {
        let mut said = Vec::new();
        let method = if reply.first() == Some(&b'P') { Method::POST } else { Method::GET };
        let ask = Ask {
            what: "ask",
            endpoint: "GET /",
            method: &method,
            target: "",
            body: None,
            needs: "contents: read",
        };
        let tell = |trouble: Trouble| trouble.into_error("ask", Still.now()).to_string();
        let fine = match self.http.judge(&ask, parse(reply)) {
            Ok(fine) => fine,
            Err(trouble) => return vec![tell(trouble)],
        };
        match fine.decode::<Vec<WireRelease>>("ask") {
            Ok(all) => said.extend(all.into_iter().map(|one| format!("{:?}", Release::from(one)))),
            Err(trouble) => said.push(tell(trouble)),
        }
        let answer = fine.decode::<Raw>("ask").and_then(|raw| sort(&self.http, "ask", &fine, raw));
        match answer {
            Ok(answer) => match told(&self.http, &self.survey, &answer, 100).await {
                Ok(surveyed) => said.push(format!("{surveyed:?}")),
                Err(error) => said.push(error.to_string()),
            },
            Err(trouble) => said.push(tell(trouble)),
        }
        said
    }
}

/// What cannot be read of the head is left out.
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
