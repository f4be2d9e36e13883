//! A plain client of the fake_github, which follows and repeats nothing.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each suite uses another part; a test that cannot go on has failed"
)]

use super::fake_github::{FakeGitHub, TOKEN};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tminus::base::names::Sha;

/// The repository's path.
pub(crate) const REPO: &str = "/repos/acme/widget";

/// A client with a token.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

/// What it heard.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn http() -> reqwest::Client {
    // Only the first test of the process installs it.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let redirect = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(redirect).build().unwrap()
}

impl Client {
    pub(crate) fn new(fake_github: &FakeGitHub) -> Self {
        Self { http: http(), base: fake_github.url.clone(), token: TOKEN.into() }
    }

    pub(crate) fn as_token(fake_github: &FakeGitHub, token: &str) -> Self {
        Self { token: token.into(), ..Self::new(fake_github) }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.into() };
        let request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        request.bearer_auth(&self.token).header("user-agent", "test")
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(self.request("GET", path)).await.unwrap()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        send(self.request(method, path).json(body)).await.unwrap()
    }

    pub(crate) async fn upload(&self, release: &Value, name: &str, bytes: &'static str) -> Reply {
        let url = release["upload_url"].as_str().unwrap().split('{').next().unwrap();
        let request = self.request("POST", &format!("{url}?name={name}"));
        let request = request.header("content-type", "application/octet-stream");
        send(request.body(bytes)).await.unwrap()
    }

    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Reply {
        self.send("POST", "/graphql", &json!({ "query": query, "variables": variables })).await
    }

    pub(crate) async fn draft(&self, tag: &str) -> Reply {
        let body = json!({ "tag_name": tag, "target_commitish": sha('a').as_str(), "draft": true });
        self.send("POST", &format!("{REPO}/releases"), &body).await
    }
}

/// Sends a request and reads what comes.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let json = serde_json::from_str(&text).unwrap_or_default();
    Ok(Reply { status, headers, text, json })
}

/// A commit id of one digit.
pub(crate) fn sha(digit: char) -> Sha {
    Sha::new(digit.to_string().repeat(40)).unwrap()
}
