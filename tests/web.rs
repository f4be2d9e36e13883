//! Requests to the user's own systems, and the identity of the CI job, over real connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use crate::support::fake_github::{FakeGitHub, Options, REQUEST_TOKEN};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tminus::adapters::process::{Identity, Processes};
use tminus::adapters::web::TokenRequest;
use tminus::base::names::{EnvironmentName, Sha};
use tminus::base::secrets::Secrets;
use tminus::facts::environment::JobIdentity;
use tminus::ports::{HttpResponse, PortError, Prober as _};
use tminus::release::sample::HttpSample;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

const SECRET: &str = "s3cr3t-password";

fn processes(url: Option<String>) -> Processes {
    let token_request = url.map(|url| TokenRequest { url, token: REQUEST_TOKEN.into() });
    let identity = Identity { token_request, ..Identity::default() };
    let secrets = Secrets::of([SECRET.into(), REQUEST_TOKEN.into()]);
    Processes::new("/".into(), identity, &secrets, Rc::new(|_| {}))
}

fn sample(url: &str) -> HttpSample {
    HttpSample {
        url: url.into(),
        status: None,
        headers: BTreeMap::new(),
        json: BTreeMap::new(),
        body: None,
        certificate_seconds: None,
        timeout_seconds: 60,
    }
}

/// A server that gives the same answer to all.
async fn server(answer: fn(Request<Body>) -> Response<Body>) -> String {
    let app = Router::new().fallback(move |request| async move { answer(request) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    base
}

#[tokio::test]
async fn a_response_is_returned_unchanged_except_for_masked_cookies() {
    let base = server(|request| {
        let said = format!("{} {}", request.method(), request.uri());
        let response = Response::builder().status(503).header("X-Version", "1.1.0");
        response.header("set-cookie", "a=s3cr3t-password").body(Body::from(said)).unwrap()
    });
    let base = base.await;
    let response = processes(None).http(&sample(&format!("{base}/health?full=1"))).await.unwrap();
    let HttpResponse { status, headers, body, certificate_expires } = response;
    assert_eq!((status, certificate_expires), (503, None));
    assert_eq!(String::from_utf8(body).unwrap(), "GET /health?full=1");
    let header = |name: &str| {
        let found = headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!((header("x-version"), header("set-cookie")), (Some("1.1.0"), Some("a=***")));
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let base = server(|request| {
        assert_eq!(request.uri().path(), "/old");
        Response::builder().status(302).header("location", "/new").body(Body::empty()).unwrap()
    });
    let response = processes(None).http(&sample(&format!("{}/old", base.await))).await.unwrap();
    assert_eq!(response.status, 302);
    assert!(response.headers.contains(&("location".into(), "/new".into())));
}

#[tokio::test]
async fn a_response_body_is_truncated_at_one_mebibyte() {
    let base = server(|_| Response::new(Body::from(vec![b'x'; 3 << 20])));
    let response = processes(None).http(&sample(&base.await)).await.unwrap();
    assert_eq!(response.body.len(), 1 << 20);
}

#[tokio::test]
async fn a_response_that_takes_too_long_is_an_error() {
    // The connection is made by the system; nobody ever reads the request.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let error = processes(None).http(&HttpSample { timeout_seconds: 0, ..sample(&base) }).await;
    let expected = format!("GET {base}/: no usable response: no response within 0 s");
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn an_error_message_does_not_contain_the_password_of_a_url() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    for url in [format!("http://ada:hunter2@{at}/x"), format!("http://hunter2@{at}/x")] {
        let error = processes(None).http(&sample(&url)).await.unwrap_err();
        assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("GET http://{at}/x: ")) && !text.contains("hunter2"),
            "{text}"
        );
    }
    let url = format!("http://{at}/?key={SECRET}");
    let text = processes(None).http(&sample(&url)).await.unwrap_err().to_string();
    assert!(text.starts_with(&format!("GET http://{at}/?key=***: ")), "{text}");
}

#[tokio::test]
async fn only_http_urls_are_requested() {
    for url in ["file:///etc/passwd", "ftp://example.com/", "not a url", "/health"] {
        let error = processes(None).http(&sample(url)).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{url}: {error}");
    }
}

/// A server behind TLS whose certificate expires then; its address, and its authority's certificate.
async fn behind_tls(expires: (i32, u8, u8)) -> (String, String) {
    let mut ours = CertificateParams::default();
    ours.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ours = CertifiedIssuer::self_signed(ours, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    leaf.not_after = rcgen::date_time_ymd(expires.0, expires.1, expires.2);
    let leaf = leaf.signed_by(&key, &ours).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // One that does not trust us hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            let _closed = stream.shutdown().await;
        }
    });
    (base, ours.pem())
}

#[tokio::test]
async fn the_expiry_date_of_a_certificate_is_read() {
    let (base, authority) = behind_tls((2049, 3, 1)).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let trusting = processes(None).trusting(Some(file.path().into()));
    let response = trusting.http(&sample(&base)).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, &b"ok"[..]));
    assert_eq!(response.certificate_expires.unwrap().to_string(), "2049-03-01T00:00:00Z");
}

#[tokio::test]
async fn an_expired_or_untrusted_certificate_is_an_error() {
    let (base, authority) = behind_tls((2020, 3, 1)).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let expired = processes(None).trusting(Some(file.path().into()));
    let text = expired.http(&sample(&base)).await.unwrap_err().to_string();
    assert!(
        text.contains("no usable response: invalid peer certificate: certificate expired"),
        "{text}"
    );
    let (base, _) = behind_tls((2049, 3, 1)).await;
    let error = processes(None).trusting(Some(file.path().into())).http(&sample(&base)).await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("invalid peer certificate: "), "{error}");
    assert!(error.help().unwrap().contains("SSL_CERT_FILE"), "{error}");
}

#[tokio::test]
async fn a_job_reads_its_identity_from_its_token() {
    let fake_github = FakeGitHub::start(Options::default()).unwrap();
    let inside = |environment: Option<&str>| JobIdentity {
        repository: "acme/widget".into(),
        commit: Sha::new("a".repeat(40)).ok(),
        environment: environment.map(|name| EnvironmentName::new(name).unwrap()),
    };
    for job in [inside(Some("größe/東京")), inside(None)] {
        fake_github.with(|state| state.job = Some(job.clone()));
        let read = processes(Some(fake_github.identity_url())).identity().await.unwrap();
        assert_eq!(read, Some(job));
    }
    let asked = fake_github.requests();
    let query = &asked.first().unwrap().query;
    assert_eq!(query, "api-version=2.0&run=7&audience=tminus");
}

#[tokio::test]
async fn there_is_no_identity_outside_a_job() {
    assert_eq!(processes(None).identity().await.unwrap(), None);
}

fn token(claims: &Value) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn issuer(text: String) -> impl Future<Output = String> {
    let app = Router::new().fallback(move || async move { text });
    async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        base
    }
}

#[tokio::test]
async fn an_invalid_identity_token_is_an_error_and_is_not_quoted() {
    let good = json!({ "aud": "tminus", "repository": "acme/widget", "sha": "a".repeat(40) });
    let with = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().insert(key.into(), value);
        json!({ "value": token(&claims) }).to_string()
    };
    let whole = issuer(json!({ "value": token(&good) }).to_string()).await;
    assert!(processes(Some(whole)).identity().await.unwrap().is_some());
    let padding = " ".repeat(64 * 1024);
    for text in [
        String::new(),
        "<html>".into(),
        "{}".into(),
        json!({ "value": "" }).to_string(),
        json!({ "value": "a.b" }).to_string(),
        json!({ "value": "a.!.c" }).to_string(),
        json!({ "value": format!("{}.d", token(&good)) }).to_string(),
        format!("{padding}{}", json!({ "value": token(&good) })),
        with("aud", json!("https://github.com/acme")),
        with("sha", json!("main")),
        with("repository", json!(7)),
        with("environment", json!("")),
    ] {
        let error = processes(Some(issuer(text.clone()).await)).identity().await.unwrap_err();
        assert!(matches!(error, PortError::NoAnswer { .. }), "{text}: {error}");
        let said = error.to_string();
        assert!(!said.contains("e30") && !said.contains("request/token"), "{said}");
    }
}

#[tokio::test]
async fn a_token_issuer_that_rejects_or_redirects_is_an_error() {
    let fake_github = FakeGitHub::start(Options::default()).unwrap();
    let moved = server(|_| {
        let to = Response::builder().status(307).header("location", "https://evil.example/");
        to.body(Body::empty()).unwrap()
    });
    let elsewhere = processes(Some(moved.await)).identity().await.unwrap_err();
    let text = "read the identity of the job: no usable response: http";
    assert_eq!(elsewhere.to_string(), format!("{text} 307"));
    let token_request = TokenRequest { url: fake_github.identity_url(), token: "stolen".into() };
    let identity = Identity { token_request: Some(token_request), ..Identity::default() };
    let stranger = Processes::new("/".into(), identity, &Secrets::default(), Rc::new(|_| {}));
    assert_eq!(stranger.identity().await.unwrap_err().to_string(), format!("{text} 401"));
}

#[tokio::test]
async fn an_identity_token_is_not_requested_without_tls() {
    for url in ["http://192.0.2.1/token", "http://localhost.example/", "ftp://127.0.0.1/", "token"]
    {
        let error = processes(Some(url.into())).identity().await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{url}: {error}");
    }
}
