//! The lines to the forge: a proxy, a certificate authority of one's own, a repository that moved.

use crate::support::fake_github::Options;
use crate::support::story::{MANIFEST, Said, Story};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const HOST: &str = "ghe.test";

/// A GitHub of one's own behind TLS, reached through a proxy alone.
struct Office {
    /// The proxy's address.
    proxy: String,
    /// The authority's certificate, in PEM.
    authority: String,
    /// Where the proxy was asked to connect to.
    asked: Arc<Mutex<Vec<String>>>,
    _runtime: tokio::runtime::Runtime,
}

fn certificate() -> (String, rustls::ServerConfig) {
    let mut ours = CertificateParams::default();
    ours.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ours = CertifiedIssuer::self_signed(ours, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new([HOST.to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (ours.pem(), config)
}

impl Office {
    fn open(fake_github: &str) -> Self {
        let (authority, config) = certificate();
        let fake_github = fake_github.trim_start_matches("http://").to_owned();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, acceptor) = (Arc::clone(&asked), TlsAcceptor::from(Arc::new(config)));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(
                    stream,
                    fake_github.clone(),
                    acceptor.clone(),
                    Arc::clone(&seen),
                ));
            }
        });
        Self { proxy, authority, asked, _runtime: runtime }
    }
}

/// One CONNECT: what is beyond it speaks TLS, and hands the rest on to the fake_github.
async fn tunnel(
    mut stream: TcpStream,
    fake_github: String,
    acceptor: TlsAcceptor,
    seen: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    seen.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let mut inside = acceptor.accept(stream).await?;
    let mut fake_github = TcpStream::connect(fake_github).await?;
    copy_bidirectional(&mut inside, &mut fake_github).await?;
    Ok(())
}

/// A project whose GitHub is in the office.
fn commute() -> (Story, Office) {
    let mut story = Story::new();
    let office = Office::open(&story.fake_github.url);
    story.set("GITHUB_API_URL", &format!("https://{HOST}/api/v3"));
    story.set("GITHUB_GRAPHQL_URL", &format!("https://{HOST}/api/graphql"));
    story.set("GITHUB_SERVER_URL", &format!("https://{HOST}"));
    story.set("HTTPS_PROXY", &office.proxy);
    (story, office)
}

fn checks(said: &Said) -> &str {
    let line = said.stdout.lines().find(|line| line.contains("  checks-green  "));
    line.unwrap_or(&said.stderr).split("checks-green").nth(1).unwrap_or_default().trim()
}

#[test]
fn a_custom_certificate_authority_is_trusted_only_if_configured() {
    let (mut story, office) = commute();
    let before = story.run(&["check"]);
    assert_eq!(before.code, Some(4), "{}", before.whole());
    assert!(
        before.stdout.contains("invalid peer certificate: UnknownIssuer"),
        "{}",
        before.whole()
    );
    assert!(before.stdout.contains("`SSL_CERT_FILE`"), "{}", before.whole());
    assert!(before.stdout.contains("(1 API request,"), "a certificate does not get better");

    story.write("ca.pem", &office.authority);
    story.set("SSL_CERT_FILE", story.path("ca.pem").to_str().unwrap());
    let after = story.run(&["check"]);
    assert_eq!(after.code, Some(0), "{}", after.whole());
    let asked = office.asked.lock().unwrap();
    assert!(asked.iter().all(|line| *line == format!("CONNECT {HOST}:443 HTTP/1.1")), "{asked:?}");
    let paths = story.fake_github.requests();
    assert!(paths.iter().all(|one| one.path == "/api/graphql"), "under the Enterprise's paths");
}

#[test]
fn an_unusable_certificate_file_is_reported_before_any_request() {
    let (mut story, _office) = commute();
    story.write("empty.pem", "no certificate at all\n");
    for (file, why) in [
        ("empty.pem", "it contains no PEM certificate"),
        ("missing.pem", "No such file or directory (os error 2)"),
    ] {
        let path = story.path(file).to_str().unwrap().to_owned();
        story.set("SSL_CERT_FILE", &path);
        let said = story.run(&["check"]);
        assert_eq!(said.code, Some(4), "{}", said.whole());
        let text =
            format!("cannot load the certificates from `{path}` (set by `SSL_CERT_FILE`): {why}");
        assert!(said.stdout.contains(&text), "{}", said.whole());
    }
    assert!(story.fake_github.requests().is_empty());
}

#[test]
fn a_server_on_this_machine_is_queried_without_a_proxy() {
    let mut story = Story::new();
    let office = Office::open(&story.fake_github.url);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"] {
        story.set(name, &office.proxy);
    }
    assert_eq!(checks(&story.run(&["check"])).split_whitespace().next(), Some("1"));
    assert!(office.asked.lock().unwrap().is_empty());
}

#[test]
fn a_release_of_a_renamed_repository_completes_and_reports_the_new_name() {
    let options = Options { renamed_from: Some("acme/old".into()), ..Options::default() };
    let mut story = Story::bare(options, MANIFEST);
    story.report("build", "success");
    story.set("GITHUB_REPOSITORY", "acme/old");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let note = "note: the repository has moved to `acme/widget`; \
                use the new name in the remote's URL and in the workflow";
    assert!(said.stderr.contains(note), "{}", said.whole());
    let requests = story.fake_github.requests();
    let moved = requests.iter().filter(|one| one.path.starts_with("/repos/acme/old"));
    let moved: Vec<String> = moved.map(|one| format!("{} {}", one.method, one.path)).collect();
    let first = "POST /repos/acme/old/releases/generate-notes";
    assert_eq!(moved, [first, "GET /repos/acme/old"], "found out once, then gone there at once");
}
