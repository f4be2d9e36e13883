//! The identity of the CI job that tminus runs in.
//!
//! GitHub signs it as a token
//! (<https://docs.github.com/en/actions/reference/security/oidc>). The signature is not verified: the
//! token comes over TLS from the issuer that the runner names, and tminus only learns from it where it
//! runs itself. The token is a secret. It is dropped as soon as it is read, and no message quotes it.

use super::client::{Web, body, is_loopback};
use crate::base::names::{EnvironmentName, Sha};
use crate::facts::environment::JobIdentity;
use crate::ports::PortError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

const WHAT: &str = "read the identity of the job";
/// The audience of the token. No other service accepts it.
const AUDIENCE: &str = "tminus";
const TIMEOUT: Duration = Duration::from_secs(15);
/// Tokens are about 2 KB.
const MAX_BODY: usize = 64 * 1024;

/// Where a job requests its identity, and with what. Only a job with the permission `id-token: write`
/// has it.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The address, without an audience.
    pub url: String,
    /// The bearer token.
    pub token: SecretString,
}

#[derive(Deserialize)]
struct Issued {
    value: String,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    repository: String,
    sha: Option<Sha>,
    /// Only of a job that names an environment.
    environment: Option<EnvironmentName>,
}

impl Web {
    /// Requests the identity of this job.
    pub(crate) async fn identity(&self, from: &TokenRequest) -> Result<JobIdentity, PortError> {
        let refused = |why: &str| PortError::Refused { what: WHAT.into(), why: why.into() };
        let no_answer = |why: &str| PortError::NoAnswer { what: WHAT.into(), why: why.into() };
        let mut url = Url::parse(&from.url)
            .map_err(|_| refused("`ACTIONS_ID_TOKEN_REQUEST_URL` is not a URL"))?;
        // Without TLS, anybody on the network path could respond.
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(refused("`ACTIONS_ID_TOKEN_REQUEST_URL` does not begin with `https:`"));
        }
        url.query_pairs_mut().append_pair("audience", AUDIENCE);
        let request = self.client(WHAT, &url)?.get(url).timeout(TIMEOUT);
        let request = request.bearer_auth(from.token.expose_secret());
        let failed = |error: reqwest::Error| self.no_answer(WHAT, TIMEOUT, &error);
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        if !status.is_success() {
            return Err(no_answer(&format!("http {}", status.as_u16())));
        }
        let body = body(response, MAX_BODY).await.map_err(failed)?;
        let claims = claims(&body).ok_or_else(|| no_answer("it is not an identity token"))?;
        if claims.aud != AUDIENCE {
            return Err(no_answer("the identity token is for another audience"));
        }
        let Claims { repository, sha, environment, .. } = claims;
        Ok(JobIdentity { repository, commit: sha, environment })
    }
}

/// The claims of a JSON Web Token (RFC 7519): the second of its three parts.
fn claims(body: &[u8]) -> Option<Claims> {
    let Issued { value } = serde_json::from_slice(body).ok()?;
    let mut parts = value.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = URL_SAFE_NO_PAD.decode(claims).ok().filter(|_| parts.next().is_none())?;
    serde_json::from_slice(&claims).ok()
}
