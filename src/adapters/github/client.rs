//! One HTTP client for everything that is asked of the forge; one request, one reply, no retry.

use super::meter::Meter;
use super::settings::{Settings, SettingsError, host, is_loopback};
use super::verdict::{Verdict, accepted, header, is_json, verdict};
use crate::ports::{Clock, PortError};
use http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use octocrab::service::middleware::auth_header::AuthHeaderLayer;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::service::middleware::reqwest_connector::ReqwestConnector;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const AGENT: &str = concat!("tminus/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// No reply that we ask for comes near this.
const MOST_BYTES: usize = 16 * 1024 * 1024;
const SNIPPET: usize = 80;

/// The way to the forge.
pub(super) struct Http {
    pub(super) settings: Settings,
    pub(super) meter: Meter,
    pub(super) clock: Rc<dyn Clock>,
    octocrab: Octocrab,
    direct: reqwest::Client,
    authorization: Option<HeaderValue>,
}

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    /// For people (`create the draft`).
    pub(super) what: &'a str,
    /// For the meter (`POST /repos/{}/releases`).
    pub(super) endpoint: &'static str,
    pub(super) method: &'a Method,
    /// Below the API's base, or a whole address on its host.
    pub(super) target: &'a str,
    pub(super) body: Option<&'a Value>,
    /// The permission that this takes, for when the forge does not name it.
    pub(super) needs: &'static str,
}

/// A reply, read to its end.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why one try came to nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// May pass. Of a write it is not known whether it took effect.
    Passing(String),
    /// Refused before anything was done, until then.
    Limited(Timestamp),
    /// Trying again would not help.
    Final(PortError),
}

impl Trouble {
    pub(super) fn into_error(self, what: &str) -> PortError {
        match self {
            Self::Passing(why) => PortError::NoAnswer { what: what.into(), why },
            Self::Limited(until) => PortError::Limited { what: what.into(), until },
            Self::Final(error) => error,
        }
    }
}

impl Http {
    /// Sets up the client. Must run inside the tokio runtime that will use it.
    pub(super) fn new(settings: Settings, clock: Rc<dyn Clock>) -> Result<Self, SettingsError> {
        let failed = |error: &dyn std::error::Error| SettingsError::Client(root(error));
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .user_agent(AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(settings.timeout);
        let local = is_loopback(&settings.api_url);
        let builder = if local { builder.no_proxy() } else { builder };
        let direct = builder.build().map_err(|error| failed(&error))?;

        let authorization = authorization(&settings)?;
        let base: http::Uri = settings
            .api_url
            .as_str()
            .parse()
            .map_err(|error: http::uri::InvalidUri| failed(&error))?;
        // `build_with_reqwest` would add its own user agent beside ours, and log at error level.
        let extra = vec![
            (USER_AGENT, HeaderValue::from_static(AGENT)),
            (ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
        ];
        let built = OctocrabBuilder::new_empty()
            .with_service(ReqwestConnector::new(direct.clone()))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(extra)))
            .with_layer(&BaseUriLayer::new(base.clone()))
            .with_layer(&AuthHeaderLayer::new(authorization.clone(), base.clone(), base))
            .with_auth(AuthState::None)
            .build();
        let octocrab = built.map_err(|error| failed(&error))?;
        let meter = Meter::default();
        Ok(Self { settings, meter, clock, octocrab, direct, authorization })
    }

    /// Sends a REST request, once.
    pub(super) async fn rest(&self, ask: &Ask<'_>) -> Result<Reply, Trouble> {
        let secrets = &self.settings.secrets;
        if ask.body.is_some_and(|body| secrets.are_in(&body.to_string())) {
            return Err(Trouble::Final(PortError::tells_a_secret(ask.what)));
        }
        self.meter.count(ask.endpoint);
        tracing::debug!(method = %ask.method, target = ask.target, "asking");
        let (crab, target) = (&self.octocrab, ask.target);
        let sent = match *ask.method {
            Method::POST => crab._post(target, ask.body).await,
            Method::PATCH => crab._patch(target, ask.body).await,
            Method::DELETE => crab._delete(target, ask.body).await,
            _ => crab._get(target).await,
        };
        let response = sent.map_err(|error| self.unheard(&error))?;
        self.receive(response).await
    }

    /// Sends a GraphQL request, once. Not through octocrab: it would put the REST base in front of
    /// the path, which is wrong on a GitHub of one's own.
    pub(super) async fn graphql(&self, body: &Value) -> Result<Reply, Trouble> {
        self.meter.count("POST /graphql");
        tracing::debug!(url = %self.settings.graphql_url, "asking");
        let request = self.direct_request(Method::POST, &self.settings.graphql_url).json(body);
        self.finish(request).await
    }

    /// A request that octocrab cannot carry, with the token.
    pub(super) fn direct_request(&self, method: Method, url: &Url) -> reqwest::RequestBuilder {
        let request = self
            .direct
            .request(method, url.clone())
            .header(ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28");
        match &self.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    /// Sends what [`Self::direct_request`] began.
    pub(super) async fn finish(&self, request: reqwest::RequestBuilder) -> Result<Reply, Trouble> {
        let response = request.send().await.map_err(|error| self.unheard(&error))?;
        self.receive(http::Response::<reqwest::Body>::from(response)).await
    }

    /// Nothing came back. Who was asked is said, because a wrong address looks the same.
    fn unheard(&self, error: &dyn std::error::Error) -> Trouble {
        let asked = host(&self.settings.api_url);
        Trouble::Passing(format!("no answer from `{asked}`: {}", root(error)))
    }

    async fn receive<B>(&self, response: http::Response<B>) -> Result<Reply, Trouble>
    where
        B: http_body_util::BodyExt,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = response.into_parts();
        self.meter.note(&parts.headers);
        let cut = |error: Box<dyn std::error::Error + Send + Sync>| {
            let (why, trace) = (root(error.as_ref()), trace(&parts.headers));
            Trouble::Passing(format!("the reply broke off: {why}{trace}"))
        };
        let body = Limited::new(body, MOST_BYTES).collect().await.map_err(cut)?.to_bytes();
        // Before anything is quoted of it: a token that is cut short is not found any more.
        let body = self.settings.secrets.redact_bytes(&body).into_owned();
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    /// An address that the forge gave, if it is on the API's own host: a token goes nowhere else.
    pub(super) fn own_address(&self, text: &str) -> Option<Url> {
        let api = &self.settings.api_url;
        let url = api.join(text).ok()?;
        let same = url.scheme() == api.scheme()
            && host(&url) == host(api)
            && url.port_or_known_default() == api.port_or_known_default();
        same.then_some(url)
    }

    /// What the reply's status means for what was asked; a reply that is fine comes back.
    pub(super) fn judge(&self, ask: &Ask<'_>, reply: Reply) -> Result<Reply, Trouble> {
        let what = || ask.what.to_owned();
        let refused = |why| Err(Trouble::Final(PortError::Refused { what: what(), why }));
        let denied = |needs| Err(Trouble::Final(PortError::Denied { what: what(), needs }));
        let text = String::from_utf8_lossy(&reply.body);
        let trace = trace(&reply.headers);
        match verdict(reply.status, &reply.headers, &text, self.clock.now()) {
            Verdict::Fine => Ok(reply),
            Verdict::Moved(to) => {
                let to = to.unwrap_or_else(|| "elsewhere".into());
                refused(format!("it moved to `{to}`; name the repository by its new name"))
            }
            // What we may not make is hidden like what is not there.
            Verdict::Missing if *ask.method == Method::POST => {
                denied(accepted(&reply.headers).unwrap_or_else(|| ask.needs.into()))
            }
            Verdict::Missing => {
                refused(format!("it is not there, or hidden from the token{trace}"))
            }
            Verdict::Unauthenticated if self.authorization.is_none() => denied("a token".into()),
            Verdict::Unauthenticated => denied("a token that is still valid".into()),
            Verdict::Denied(needs) => denied(needs.unwrap_or_else(|| ask.needs.into())),
            Verdict::Limited(until) => Err(Trouble::Limited(until)),
            Verdict::Refused(why) => refused(format!("{why}{trace}")),
            Verdict::Passing => Err(Trouble::Passing(reply.oddity())),
            Verdict::Stranger => {
                Err(Trouble::Final(PortError::NoAnswer { what: what(), why: reply.oddity() }))
            }
        }
    }
}

impl Reply {
    /// Reads the JSON. What is not JSON at all came from something on the way and stays so; JSON
    /// that breaks off may pass.
    pub(super) fn decode<T: DeserializeOwned>(&self, what: &str) -> Result<T, Trouble> {
        if !is_json(&self.headers) {
            let (what, why) = (what.to_owned(), self.oddity());
            return Err(Trouble::Final(PortError::NoAnswer { what, why }));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Trouble::Passing(format!("{error}, in {}", self.oddity())))
    }

    /// What came instead of an answer, for people.
    pub(super) fn oddity(&self) -> String {
        let kind = header(&self.headers, "content-type").unwrap_or("no content type");
        let text = String::from_utf8_lossy(&self.body);
        let start: String =
            text.chars().filter(|c| !c.is_control()).take(SNIPPET).collect::<String>();
        let trace = trace(&self.headers);
        format!("http {} ({kind}) `{}`{trace}", self.status.as_u16(), start.trim())
    }
}

/// The request's id, which GitHub's support asks for.
fn trace(headers: &HeaderMap) -> String {
    let id = header(headers, "x-github-request-id");
    id.map(|id| format!(", request id {id}")).unwrap_or_default()
}

fn authorization(settings: &Settings) -> Result<Option<HeaderValue>, SettingsError> {
    let Some(token) = &settings.token else { return Ok(None) };
    let token = token.expose_secret().trim();
    if token.is_empty() {
        return Ok(None);
    }
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| SettingsError::Token)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// The innermost cause of an error: the outer ones only say that a request failed.
pub(super) fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let text = inner.to_string();
    // octocrab's errors print their backtrace after the first line.
    text.lines().next().unwrap_or_default().to_owned()
}
