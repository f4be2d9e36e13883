//! The HTTP client for all requests to GitHub: one request, one response, no retry.

use super::memory::ResponseCache;
use super::meter::Meter;
use super::pace::Pace;
use super::reply::{Reply, Trouble, trace};
use super::settings::{Settings, SettingsError, host};
use super::verdict::{Verdict, accepted, verdict};
use crate::adapters::permission::grant;
use crate::adapters::retry::Notice;
use crate::adapters::timed::timed;
use crate::adapters::web::is_loopback;
use crate::adapters::web::roots::{self, cause};
use crate::base::names::Slug;
use crate::ports::{Clock, PortError, UNTRUSTED};
use http::header::{ACCEPT, AUTHORIZATION, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use octocrab::service::middleware::auth_header::AuthHeaderLayer;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::service::middleware::reqwest_connector::ReqwestConnector;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const AGENT: &str = concat!("tminus/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a response; real responses are much smaller.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The connection to the forge.
pub(super) struct Http {
    pub(super) settings: Settings,
    pub(super) meter: Meter,
    pub(super) clock: Rc<dyn Clock>,
    pub(super) memory: ResponseCache,
    pub(super) pace: Pace,
    /// Receives every wait that a person would notice.
    pub(super) notice: Notice,
    /// The number of consecutive writes that hit a rate limit without a reset time.
    pub(super) unnamed: Cell<u32>,
    /// The current address of the repository, if the forge reported one (`/repositories/1`).
    place: RefCell<Option<String>>,
    renamed: RefCell<Option<Slug>>,
    octocrab: Octocrab,
    direct: reqwest::Client,
    authorization: Option<HeaderValue>,
}

/// A request.
#[derive(Clone, Copy)]
pub(super) struct ApiRequest<'a> {
    /// For people (`create the draft`).
    pub(super) what: &'a str,
    /// The endpoint, for counting (`POST /repos/{}/releases`).
    pub(super) endpoint: &'static str,
    pub(super) method: &'a Method,
    /// A path below the API's base, or a complete URL on its host.
    pub(super) target: &'a str,
    pub(super) body: Option<&'a Value>,
    /// The permission that the request needs, in case the forge does not name it.
    pub(super) needs: &'static str,
}

impl Http {
    /// Creates the client. Must run inside the tokio runtime that will use it.
    pub(super) fn new(settings: Settings, clock: Rc<dyn Clock>) -> Result<Self, SettingsError> {
        let failed = |error: &dyn std::error::Error| SettingsError::Client(cause(error));
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .user_agent(AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(settings.timeout);
        let builder = match &settings.certificates {
            Some(path) => builder.tls_certs_merge(roots::read(path).map_err(|why| {
                let path = path.display().to_string();
                SettingsError::Certificates { path, why }
            })?),
            None => builder,
        };
        let local = is_loopback(&settings.api_url);
        let builder = if local { builder.no_proxy() } else { builder };
        let direct = builder.build().map_err(|error| failed(&error))?;

        let authorization = authorization(&settings)?;
        let base: http::Uri = settings
            .api_url
            .as_str()
            .parse()
            .map_err(|error: http::uri::InvalidUri| failed(&error))?;
        // `build_with_reqwest` would add its own user agent, and log at error level.
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
        Ok(Self {
            settings,
            meter: Meter::default(),
            clock,
            memory: ResponseCache::default(),
            pace: Pace::default(),
            notice: Rc::new(|_| {}),
            unnamed: Cell::new(0),
            place: RefCell::default(),
            renamed: RefCell::default(),
            octocrab,
            direct,
            authorization,
        })
    }

    /// Sends one REST request to the current address of the repository. A GET is sent with the
    /// cached ETag; a 304 is replaced by the cached response.
    pub(super) async fn rest(&self, ask: &ApiRequest<'_>) -> Result<Reply, Trouble> {
        let secrets = &self.settings.secrets;
        if ask.body.is_some_and(|body| secrets.are_in(&body.to_string())) {
            return Err(Trouble::Final(PortError::contains_secret(ask.what)));
        }
        let target = &*self.placed(ask.target);
        let known = (*ask.method == Method::GET).then(|| self.memory.tag(target)).flatten();
        let headers = known.clone().map(|tag| HeaderMap::from_iter([(IF_NONE_MATCH, tag)]));
        tracing::debug!(method = %ask.method, target, "request");
        let crab = &self.octocrab;
        let reply = self.within(async {
            self.meter.count_request(ask.endpoint);
            let sent = match *ask.method {
                Method::POST => crab._post(target, ask.body).await,
                Method::PATCH => crab._patch(target, ask.body).await,
                Method::DELETE => crab._delete(target, ask.body).await,
                _ => crab._get_with_headers(target, headers).await,
            };
            self.receive(sent.map_err(|error| self.no_response(&error))?).await
        });
        let reply = timed_reply(format_args!("{} {target}", ask.method), reply).await?;
        let recalled = known
            .filter(|_| reply.status == StatusCode::NOT_MODIFIED)
            .and_then(|tag| self.memory.recall(target, &tag, &reply.headers));
        if recalled.is_some() {
            self.meter.unchanged(ask.endpoint);
        }
        Ok(recalled.unwrap_or(reply))
    }

    /// Sends a GraphQL request, once. Not through octocrab: it would put the REST base in front of
    /// the path, which is wrong on GitHub Enterprise Server.
    pub(super) async fn graphql(&self, body: &Value) -> Result<Reply, Trouble> {
        tracing::debug!(url = %self.settings.graphql_url, "request");
        let request = self.direct_request(Method::POST, &self.settings.graphql_url).json(body);
        self.finish("POST /graphql", request).await
    }

    /// Creates a request that octocrab cannot send, with the token.
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

    /// A request to another host, without the token.
    pub(super) fn foreign_request(&self, method: Method, url: &Url) -> reqwest::RequestBuilder {
        self.direct.request(method, url.clone())
    }

    /// Sends a request and gives the response before its body. Only a request to the API has an
    /// endpoint, and counts.
    pub(super) async fn open(
        &self,
        endpoint: Option<&'static str>,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, Trouble> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| self.no_response(&error))?;
        self.within(async {
            if let Some(endpoint) = endpoint {
                self.meter.count_request(endpoint);
            }
            let response =
                client.execute(request).await.map_err(|error| self.no_response(&error))?;
            if endpoint.is_some() {
                self.meter.record_response(response.headers());
            }
            Ok(response)
        })
        .await
    }

    /// Returns the response if it is successful; otherwise, its body contains the reason.
    pub(super) async fn opened(
        &self,
        ask: &ApiRequest<'_>,
        response: reqwest::Response,
    ) -> Result<reqwest::Response, Trouble> {
        if response.status().is_success() {
            return Ok(response);
        }
        let reply = self.within(self.receive(http::Response::<reqwest::Body>::from(response)));
        self.judge(ask, reply.await?).and_then(|_| {
            let why = "no usable response".into();
            Err(Trouble::Final(PortError::NoAnswer { what: ask.what.into(), why }))
        })
    }

    /// Sends a request that [`Self::direct_request`] created.
    pub(super) async fn finish(
        &self,
        endpoint: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<Reply, Trouble> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| self.no_response(&error))?;
        let what = format!("{} {}", request.method(), request.url().path());
        let reply = self.within(async {
            self.meter.count_request(endpoint);
            let response =
                client.execute(request).await.map_err(|error| self.no_response(&error))?;
            self.receive(http::Response::<reqwest::Body>::from(response)).await
        });
        timed_reply(what, reply).await
    }

    /// Cancels a request when the time limit of the command is reached, and starts none after that.
    async fn within<T>(
        &self,
        asked: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let late = || {
            let asked = host(&self.settings.api_url);
            Trouble::Passing(format!("no response from `{asked}` in time"))
        };
        match self.clock.left() {
            None => asked.await,
            Some(left) if left.is_zero() => Err(late()),
            Some(left) => tokio::time::timeout(left, asked).await.unwrap_or_else(|_| Err(late())),
        }
    }

    /// There was no response. The message names the host, because a wrong address looks the same.
    fn no_response(&self, error: &dyn std::error::Error) -> Trouble {
        let asked = host(&self.settings.api_url);
        let cause = cause(error);
        let why = format!("no response from `{asked}`: {cause}");
        // Retrying does not help with an untrusted certificate.
        if cause.starts_with(UNTRUSTED) {
            let what = "connect".into();
            return Trouble::Final(PortError::NoAnswer { what, why });
        }
        Trouble::Passing(why)
    }

    async fn receive<B>(&self, response: http::Response<B>) -> Result<Reply, Trouble>
    where
        B: http_body_util::BodyExt,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = response.into_parts();
        self.meter.record_response(&parts.headers);
        let cut = |error: Box<dyn std::error::Error + Send + Sync>| {
            let (why, trace) = (cause(error.as_ref()), trace(&parts.headers));
            Trouble::Passing(format!("the response ended early: {why}{trace}"))
        };
        let body = Limited::new(body, MAX_BYTES).collect().await.map_err(cut)?.to_bytes();
        // Mask secrets before the text is shortened: a token that was cut cannot be found.
        let body = self.settings.secrets.redact_bytes(&body).into_owned();
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    /// A URL from a response, if it is on the API's own host: the token is sent to no other host.
    pub(super) fn own_address(&self, text: &str) -> Option<Url> {
        let api = &self.settings.api_url;
        let url = api.join(text).ok()?;
        let same = url.scheme() == api.scheme()
            && host(&url) == host(api)
            && url.port_or_known_default() == api.port_or_known_default();
        let bare = url.username().is_empty() && url.password().is_none();
        (same && bare).then_some(url)
    }

    /// A path of the repository with its current name.
    pub(super) fn placed<'a>(&self, target: &'a str) -> Cow<'a, str> {
        let place = self.place.borrow();
        let tail = self.tail(target).zip(place.as_deref());
        tail.map_or(Cow::Borrowed(target), |(tail, place)| Cow::Owned(format!("{place}{tail}")))
    }

    /// The part of a path after the repository's old name.
    fn tail<'a>(&self, target: &'a str) -> Option<&'a str> {
        let old = format!("/repos/{}", self.settings.repository);
        target.strip_prefix(&old).filter(|tail| tail.is_empty() || tail.starts_with(['/', '?']))
    }

    /// Stores the target of a redirect, so that later requests use it directly.
    pub(super) fn moved(&self, target: &str, to: &Url) {
        let base = self.settings.api_url.path().trim_end_matches('/');
        let path =
            to.query().map_or(to.path().to_owned(), |query| format!("{}?{query}", to.path()));
        let place = self.tail(target).and_then(|tail| path.strip_prefix(base)?.strip_suffix(tail));
        if let Some(place) = place.filter(|place| place.starts_with('/')) {
            tracing::info!(repository = %self.settings.repository, place, "moved");
            *self.place.borrow_mut() = Some(place.to_owned());
        }
    }

    /// Remembers the repository's new name for everything that follows.
    pub(super) fn rename(&self, to: Slug) {
        tracing::info!(from = %self.settings.repository, %to, "the repository was renamed");
        *self.place.borrow_mut() = Some(format!("/repos/{to}"));
        *self.renamed.borrow_mut() = Some(to);
    }

    /// The repository's new name, if it was renamed and the name was looked up.
    pub(super) fn renamed(&self) -> Option<Slug> {
        self.renamed.borrow().clone()
    }

    /// The current address of the repository, if it has moved.
    pub(super) fn place(&self) -> Option<String> {
        self.place.borrow().clone()
    }

    /// Evaluates the status of a response to a request; returns the response if it is a success.
    pub(super) fn judge(&self, ask: &ApiRequest<'_>, reply: Reply) -> Result<Reply, Trouble> {
        let what = || ask.what.to_owned();
        let refused = |why| Err(Trouble::Final(PortError::Refused { what: what(), why }));
        let denied = |needs: String| {
            let (said, help) = (reply.said(), grant(&needs));
            Err(Trouble::Final(PortError::Denied { what: what(), needs, help, said }))
        };
        let text = String::from_utf8_lossy(&reply.body);
        let trace = trace(&reply.headers);
        match verdict(reply.status, &reply.headers, &text, self.clock.now()) {
            Verdict::Fine => Ok(reply),
            Verdict::Moved(to) => {
                let to = to.unwrap_or_else(|| "elsewhere".into());
                refused(format!("it moved to `{to}`; use the repository's new name{trace}"))
            }
            // GitHub responds with "not found" if we lack the permission to create something.
            Verdict::Missing if *ask.method == Method::POST => {
                denied(accepted(&reply.headers).unwrap_or_else(|| ask.needs.into()))
            }
            Verdict::Missing => {
                refused(format!("it does not exist, or the token cannot see it{trace}"))
            }
            Verdict::Unauthenticated if self.authorization.is_none() => denied("a token".into()),
            Verdict::Unauthenticated => denied("a valid token".into()),
            Verdict::Denied(needs) => denied(needs.unwrap_or_else(|| ask.needs.into())),
            Verdict::Limited(limit) => Err(Trouble::Limited(limit, reply.said())),
            Verdict::Refused(why) => refused(format!("{why}{trace}")),
            Verdict::Passing => Err(Trouble::Passing(reply.unusable_response())),
            Verdict::Stranger => Err(Trouble::Final(PortError::NoAnswer {
                what: what(),
                why: reply.unusable_response(),
            })),
        }
    }
}

/// Logs how long the forge took for a reply, and its status.
async fn timed_reply(
    what: impl Display,
    reply: impl Future<Output = Result<Reply, Trouble>>,
) -> Result<Reply, Trouble> {
    let timed = timed(what);
    let reply = reply.await;
    match &reply {
        Ok(reply) => timed.ended(reply.status.as_u16()),
        Err(_) => timed.ended("got no response"),
    }
    reply
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
