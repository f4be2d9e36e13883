//! A server that answers what it was told to, in order, and remembers what it was asked.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tminus::adapters::forge::github::{GitHub, Settings, SettingsInput};
use tminus::base::names::{BranchName, Sha, TagName};
use tminus::ports::{Clock, Survey};

pub(crate) const TOKEN: &str = "ghs_veryverysecret";
pub(crate) const NOW: i64 = 1_800_000_000;
/// The same moment, as a server tells it.
const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";

#[derive(Debug, Clone)]
pub(crate) struct Canned {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Canned {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", &body.to_string())
    }

    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

#[derive(Default)]
struct Script {
    canned: VecDeque<Canned>,
    asked: Vec<Asked>,
}

pub(crate) struct Stub {
    pub(crate) base: String,
    script: Arc<Mutex<Script>>,
}

impl Stub {
    pub(crate) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&script));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base, script }
    }

    pub(crate) fn will(&self, canned: Canned) -> &Self {
        self.script.lock().unwrap().canned.push_back(canned);
        self
    }

    /// What was asked, in order; every canned reply must have been fetched.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let script = self.script.lock().unwrap();
        assert!(script.canned.is_empty(), "{} replies were not fetched", script.canned.len());
        script.asked.clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// The adapter, aimed at this server as at a GitHub of one's own.
    pub(crate) fn github(&self) -> (GitHub, Rc<FakeClock>) {
        self.github_at(Path::new("/nowhere"))
    }

    pub(crate) fn github_at(&self, root: &Path) -> (GitHub, Rc<FakeClock>) {
        // Only the first test of the process installs it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let given = SettingsInput {
            api_url_option: Some(format!("{}/api/v3", self.base)),
            repository_option: Some("acme/widget".into()),
            token: Some(SecretString::from(TOKEN)),
            root: root.into(),
            ..SettingsInput::default()
        };
        let clock = Rc::new(FakeClock::default());
        let clock_port: Rc<dyn Clock> = Rc::clone(&clock) as Rc<dyn Clock>;
        (GitHub::new(Settings::derive(given).unwrap(), clock_port).unwrap(), clock)
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, parts: Parts, body: Bytes) -> Response {
    let mut script = script.lock().unwrap();
    let line = format!("{} {}", parts.method, parts.uri);
    script.asked.push(Asked { line, headers: parts.headers, body: body.to_vec() });
    let nothing = || Canned::text(418, "text/plain", "nobody told me what to say");
    let canned = script.canned.pop_front().unwrap_or_else(nothing);
    let status = StatusCode::from_u16(canned.status).unwrap();
    let mut response = Response::builder().status(status);
    if !canned.headers.iter().any(|(name, _)| *name == "date") {
        response = response.header("date", DATE);
    }
    for (name, value) in canned.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(canned.body)).unwrap()
}

/// Time that passes only in sleep.
#[derive(Default)]
pub(crate) struct FakeClock {
    passed: Cell<Duration>,
    /// All the time that there is.
    pub(crate) all: Cell<Option<Duration>>,
    pub(crate) slept: RefCell<Vec<Duration>>,
}

#[async_trait::async_trait(?Send)]
impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.passed.get()).unwrap();
        Timestamp::from_second(NOW).unwrap() + passed
    }

    async fn sleep(&self, duration: Duration) {
        self.passed.set(self.passed.get() + duration);
        self.slept.borrow_mut().push(duration);
    }

    fn left(&self) -> Option<Duration> {
        self.all.get().map(|all| all.saturating_sub(self.passed.get()))
    }
}

pub(crate) fn commit() -> Sha {
    Sha::new("3f2a91c".to_owned() + &"0".repeat(33)).unwrap()
}

pub(crate) fn tag() -> TagName {
    TagName::new("v1.1.0").unwrap()
}

pub(crate) fn whole_survey() -> Survey {
    let branch = Some(BranchName::new("main").unwrap());
    Survey { branch, tag: Some(tag()), ..Survey::checks_on(commit()) }
}

pub(crate) fn only_checks() -> Survey {
    Survey::checks_on(commit())
}

/// A page of contexts out of `total`.
pub(crate) fn contexts(nodes: &[Value], total: usize, next: Option<&str>) -> Value {
    json!({
        "totalCount": total,
        "pageInfo": { "hasNextPage": next.is_some(), "endCursor": next },
        "nodes": nodes,
    })
}

/// A page of suites out of `total`.
pub(crate) fn suites(nodes: &[Value], total: usize, next: Option<&str>) -> Value {
    contexts(nodes, total, next)
}

/// A commit with these contexts and no other suites.
pub(crate) fn commit_with(contexts: &Value) -> Value {
    json!({
        "__typename": "Commit",
        "statusCheckRollup": { "contexts": contexts },
        "checkSuites": suites(&[], 0, None),
    })
}

pub(crate) fn branch_with(rules: &[Value], classic: &[&str]) -> Value {
    json!({
        "refUpdateRule": { "requiredStatusCheckContexts": classic },
        "branchProtectionRule": null,
        "rules": { "totalCount": rules.len(), "nodes": rules },
    })
}

pub(crate) fn suite(workflow: &str) -> Value {
    json!({
        "id": format!("CS_{workflow}"),
        "createdAt": "2026-01-10T14:00:00Z",
        "updatedAt": "2026-01-10T14:05:00Z",
        "app": { "databaseId": 15368, "slug": "github-actions" },
        "workflowRun": {
            "url": "https://ghe.example/acme/widget/actions/runs/4411",
            "event": "push",
            "workflow": { "name": workflow },
        },
    })
}

pub(crate) fn check_run(id: &str, name: &str, status: &str, conclusion: Option<&str>) -> Value {
    json!({
        "__typename": "CheckRun",
        "id": id,
        "name": name,
        "status": status,
        "conclusion": conclusion,
        "startedAt": "2026-01-10T14:01:00Z",
        "completedAt": conclusion.map(|_| "2026-01-10T14:02:00Z"),
        "detailsUrl": null,
        "checkSuite": suite("ci"),
    })
}

pub(crate) fn release(id: u64, draft: bool) -> Value {
    json!({
        "id": id,
        "tag_name": "v1.1.0",
        "target_commitish": commit().as_str(),
        "name": "1.1.0",
        "body": "notes",
        "draft": draft,
        "prerelease": false,
        "html_url": format!("https://ghe.example/acme/widget/releases/{id}"),
        "upload_url": format!("https://ghe.example/upload/{id}{{?name,label}}"),
        "assets": [],
    })
}
