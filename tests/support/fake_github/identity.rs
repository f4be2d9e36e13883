//! The issuer of identity tokens: of the CI host, and no part of the API.

use super::books::Shared;
use super::message::{Answer, Ask};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// Its path.
pub(crate) const PATH: &str = "/_apis/oidc/token";
/// What a job requests its identity with.
pub(crate) const REQUEST_TOKEN: &str = "eyJ.S3cr3t+request/token==";

/// Signs who the world's job is.
pub(crate) fn answer(shared: &Shared, ask: &Ask) -> Result<Answer, Answer> {
    if ask.header("authorization") != Some(&format!("Bearer {REQUEST_TOKEN}")) {
        return Err(Answer::error(401, "Bad credentials"));
    }
    let world = shared.world()?;
    let job = world.job.as_ref();
    let repository = job.map_or(shared.options.repository.as_str(), |job| job.repository.as_str());
    let now = world.now.as_second();
    let mut claims = json!({
        "iss": "https://token.actions.githubusercontent.com",
        "aud": ask.query("audience").unwrap_or_else(|| shared.base.clone()),
        "sub": format!("repo:{repository}:ref:refs/heads/main"), "repository": repository,
        "sha": job.and_then(|job| job.commit.as_ref()), "ref": "refs/heads/main", "run_id": "7",
        "iat": now, "nbf": now, "exp": now + 300,
    });
    let environment = job.and_then(|job| job.environment.as_ref());
    if let (Some(name), Some(claims)) = (environment, claims.as_object_mut()) {
        claims.insert("environment".into(), name.as_str().into());
    }
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "1" });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.{}", part(&header), part(&claims), URL_SAFE_NO_PAD.encode("signed"));
    Ok(Answer::json(200, &json!({ "count": token.len(), "value": token })))
}
