//! The server itself: a thread, a port, and the books of what was asked.

use super::books::{Exchange, Shared};
use super::cord::{Cord, Corded};
use super::message::{Answer, Ask};
use super::mishap::{Mishap, Strike, When, due};
use super::options::Options;
use super::{assets, identity, manners, rest, rights};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::http::Response;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tminus::adapters::sim::State;
use tokio::sync::oneshot;

/// A running fake_github; it stops when it is dropped.
#[derive(Debug)]
pub(crate) struct FakeGitHub {
    /// Base of the REST API, GitHub.com's shape; Enterprise's is under `/api/v3`.
    pub(crate) url: String,
    /// The world behind it.
    pub(crate) state: Arc<Mutex<State>>,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
}

impl FakeGitHub {
    /// Starts a fake_github on a port of its own.
    pub(crate) fn start(options: Options) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let base = format!("http://{}", listener.local_addr()?);
        let fresh = || Arc::new(Mutex::new(State::new(manners::wall())));
        let state = options.state.clone().unwrap_or_else(fresh);
        let started = state.lock().unwrap_or_else(PoisonError::into_inner).now;
        let shared = Arc::new(Shared {
            options,
            base: base.clone(),
            started,
            state: Arc::clone(&state),
            used: Mutex::default(),
            strikes: Mutex::default(),
            exchanges: Mutex::default(),
            stored: Mutex::default(),
            victim: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || runtime.block_on(serve(listener, served, stopped)));
        Ok(Self { url: base, state, shared, stop: Some(stop) })
    }

    /// Where a job requests its identity, as its environment has it.
    pub(crate) fn identity_url(&self) -> String {
        format!("{}{}?api-version=2.0&run=7", self.url, identity::PATH)
    }

    /// The world, to look at or to change.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything that was asked so far.
    pub(crate) fn requests(&self) -> Vec<Exchange> {
        self.shared.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Strikes the request with this number, from 1.
    pub(crate) fn strike(&self, n: usize, mishap: Mishap) {
        self.plan(Strike { when: When::Number(n), mishap });
    }

    /// Strikes the next request with this method whose path holds this.
    pub(crate) fn strike_next(&self, method: &str, path: &str, mishap: Mishap) {
        let when = When::Next { method: method.into(), path: path.into() };
        self.plan(Strike { when, mishap });
    }

    /// Gives the assets with a name other bytes, without saying so.
    pub(crate) fn replace_stored(&self, name: &str, bytes: &[u8]) {
        let ids = self.with(|state| {
            let all = state.releases.iter().flat_map(|held| &held.release.assets);
            all.filter(|asset| asset.name == name).map(|asset| asset.id).collect::<Vec<_>>()
        });
        let mut stored = self.shared.stored.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            stored.insert(id, bytes.to_vec());
        }
    }

    /// The token is not valid from the request with this number on, until it is calm.
    pub(crate) fn revoke_from(&self, n: usize) {
        self.plan(Strike { when: When::From(n), mishap: Mishap::Revoked });
    }

    /// Names the process that [`Mishap::KillBefore`] and [`Mishap::KillAfter`] kill.
    pub(crate) fn victim(&self, process: u32) {
        let mut victim = self.shared.victim.lock().unwrap_or_else(PoisonError::into_inner);
        *victim = Some(process);
    }

    /// No more mishaps.
    pub(crate) fn calm(&self) {
        self.shared.strikes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn plan(&self, strike: Strike) {
        self.shared.strikes.lock().unwrap_or_else(PoisonError::into_inner).push(strike);
    }
}

impl Drop for FakeGitHub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself.
            let _ended = stop.send(());
        }
    }
}

async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    let listener = Corded(tokio::net::TcpListener::from_std(listener)?);
    let router = Router::new().fallback(handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Cord>();
    tokio::select! {
        served = async { axum::serve(listener, service).await } => served,
        _ = stopped => Ok(()),
    }
}

async fn handle(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(cord): ConnectInfo<Cord>,
    request: Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    let ask = Ask {
        method: head.method.as_str().into(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        headers: head.headers,
        body,
    };
    let (n, mishap) = enter(&shared, &ask);
    let answer = match mishap {
        Some(Mishap::Hang) => {
            tokio::time::sleep(shared.options.hang).await;
            None
        }
        Some(Mishap::CutBefore) => None,
        Some(mishap @ (Mishap::KillBefore | Mishap::KillAfter)) => {
            let _unheard = mishap.acts().then(|| reply(&shared, &ask, n));
            shared.kill().await;
            None
        }
        Some(mishap) => suffer(&shared, &ask, n, mishap),
        None => Some(reply(&shared, &ask, n)),
    };
    let Some(answer) = answer else {
        cord.cut();
        return Response::new(Body::empty());
    };
    leave(&shared, &ask, n, &answer);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_default()
}

/// What a struck request hears; `None` where the connection is cut.
fn suffer(shared: &Shared, ask: &Ask, n: usize, mishap: Mishap) -> Option<Answer> {
    let real = mishap.acts().then(|| reply(shared, ask, n));
    let limited = "You have exceeded a secondary rate limit. Please wait a few minutes before you \
                   try again.";
    match mishap {
        Mishap::CutAfter
        | Mishap::CutBefore
        | Mishap::Hang
        | Mishap::KillBefore
        | Mishap::KillAfter => None,
        Mishap::BadGatewayBefore | Mishap::BadGatewayAfter => {
            Some(Answer::html(502, "502 Bad Gateway"))
        }
        Mishap::Html => Some(Answer::html(200, "Unicorn!")),
        Mishap::Truncated => real.map(|mut answer| {
            answer.body.truncate(answer.body.len() / 2);
            answer
        }),
        Mishap::Revoked => Some(Answer::error(401, "Bad credentials")),
        Mishap::Secondary => Some(Answer::error(403, limited).with("retry-after", "1")),
        Mishap::SecondaryBare => Some(Answer::error(403, limited)),
        Mishap::EchoPage => Some(Answer::html(502, &format!("502 Bad Gateway: {}", ask.echo()))),
        Mishap::EchoMessage => Some(Answer::error(422, &format!("who are you? {}", ask.echo()))),
        Mishap::EchoError => {
            let error = json!({ "type": "ODD", "message": ask.echo() });
            Some(Answer::json(200, &json!({ "data": null, "errors": [error] })))
        }
        Mishap::BrokenUpload => {
            assets::break_off(shared, ask);
            Some(Answer::error(500, "Error creating asset temp dir"))
        }
    }
}

fn reply(shared: &Shared, ask: &Ask, n: usize) -> Answer {
    let graphql = ask.path.ends_with("/graphql");
    let answer = rest::answer(shared, ask).unwrap_or_else(|refusal| refusal);
    manners::dress(shared, ask, n, graphql, rights::dress(shared, ask, answer))
}

fn enter(shared: &Shared, ask: &Ask) -> (usize, Option<Mishap>) {
    let mut exchanges = shared.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
    let n = exchanges.len() + 1;
    let mut strikes = shared.strikes.lock().unwrap_or_else(PoisonError::into_inner);
    let mishap = due(&mut strikes, n, &ask.method, &ask.path);
    exchanges.push(Exchange {
        n,
        method: ask.method.clone(),
        path: ask.path.clone(),
        query: ask.query.clone(),
        request: serde_json::from_slice(&ask.body).unwrap_or_default(),
        raw: ask.raw(),
        status: None,
        mishap,
    });
    (n, mishap)
}

fn leave(shared: &Shared, ask: &Ask, n: usize, answer: &Answer) {
    let mut exchanges = shared.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(exchange) = exchanges.iter_mut().find(|exchange| exchange.n == n) else { return };
    exchange.status = Some(answer.status);
    // The issuer of identities and the storage are not described with the API.
    let described = ask.path != identity::PATH && !ask.path.starts_with(assets::STORAGE);
    let record = shared.options.record.as_ref().filter(|_| described);
    let Some(path) = record else { return };
    let headers: Map<String, Value> = answer
        .headers
        .iter()
        .map(|(name, value)| ((*name).into(), value.as_str().into()))
        .collect();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let body = serde_json::from_slice(&answer.body).unwrap_or(Value::String(text));
    let mut line = json!({
        "method": ask.method, "path": ask.path, "query": ask.query,
        "request_body": exchange.request, "status": answer.status, "response_headers": headers,
        "response_body": body,
    });
    if let Some(mishap) = exchange.mishap {
        // An answer that was broken on purpose is no example of one.
        let fault = Value::String(format!("{mishap:?}"));
        let _new = line.as_object_mut().map(|line| line.insert("fault".into(), fault));
    }
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    // In one piece, because several faces may share a record. One that cannot be written shows as
    // one that is missing.
    let _written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
}
