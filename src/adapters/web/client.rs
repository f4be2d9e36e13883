//! One GET without redirects, bounded in time and size.

use super::certificate::expires;
use super::roots;
use crate::base::secrets::Secrets;
use crate::ports::{HttpResponse, PortError};
use crate::release::sample::HttpSample;
use reqwest::redirect::Policy;
use std::path::PathBuf;
use std::time::Duration;
use url::{Host, Url};

const AGENT: &str = concat!("tminus/", env!("CARGO_PKG_VERSION"));
/// The maximum number of bytes of a body that are read.
const MAX_BODY: usize = 1024 * 1024;

/// Sends requests.
#[derive(Clone)]
pub(crate) struct Web {
    /// A file with additional trusted root certificates.
    pub(crate) certificates: Option<PathBuf>,
    /// Masked in what is received.
    pub(crate) secrets: Secrets,
}

impl Web {
    /// Sends the request of a sample.
    pub(crate) async fn get(&self, sample: &HttpSample) -> Result<HttpResponse, PortError> {
        let refused = |why: String| PortError::Refused { what: "send the request".into(), why };
        let url = Url::parse(&sample.url).map_err(|error| refused(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(format!("`{}:` is not `http:` or `https:`", url.scheme())));
        }
        let what = format!("GET {}", self.secrets.redact(shown(&url).as_str()));
        let timeout = Duration::from_secs(sample.timeout_seconds);
        let request = self.client(&what, &url)?.get(url).timeout(timeout);
        let failed = |error: reqwest::Error| self.no_answer(&what, timeout, &error);
        let response = request.send().await.map_err(failed)?;
        let certificate_expires = expires(&response);
        let status = response.status().as_u16();
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(&self.secrets.redact_bytes(bytes)).into_owned();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())));
        let headers = headers.collect();
        let body = body(response, MAX_BODY).await.map_err(failed)?;
        let body = self.secrets.redact_bytes(&body).into_owned();
        Ok(HttpResponse { status, headers, body, certificate_expires })
    }

    /// A client for an address. Must run inside a tokio runtime.
    pub(super) fn client(&self, what: &str, url: &Url) -> Result<reqwest::Client, PortError> {
        let refused = |why| PortError::Refused { what: what.into(), why };
        // Only the first call installs the provider; later calls have no effect.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder =
            reqwest::Client::builder().redirect(Policy::none()).user_agent(AGENT).tls_info(true);
        let builder = match &self.certificates {
            Some(path) => builder.tls_certs_merge(roots::read(path).map_err(|why| {
                let path = path.display();
                refused(format!(
                    "cannot load the certificates from `{path}` (set by `SSL_CERT_FILE`): {why}"
                ))
            })?),
            None => builder,
        };
        let builder = if is_loopback(url) { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| refused(roots::cause(&error)))
    }

    /// Why there is no usable response. The outer errors quote the whole address.
    pub(super) fn no_answer(
        &self,
        what: &str,
        timeout: Duration,
        error: &reqwest::Error,
    ) -> PortError {
        let why = if error.is_timeout() {
            format!("no response within {} s", timeout.as_secs())
        } else {
            self.secrets.redact(&roots::cause(error)).into_owned()
        };
        PortError::NoAnswer { what: what.into(), why }
    }
}

/// The beginning of a body.
pub(super) async fn body(
    mut response: reqwest::Response,
    most: usize,
) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() < most {
        let Some(chunk) = response.chunk().await? else { break };
        body.extend_from_slice(&chunk);
    }
    body.truncate(most);
    Ok(body)
}

/// An address without user and password.
fn shown(url: &Url) -> Url {
    let mut url = url.clone();
    // These cannot fail for a URL with a host, and other URLs have no credentials.
    let _set = (url.set_username(""), url.set_password(None));
    url
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
