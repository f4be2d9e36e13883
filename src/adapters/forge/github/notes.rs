//! Has GitHub generate release notes, and saves them nowhere. GitHub reads `.github/release.yml` for
//! this itself.

use super::client::{ApiRequest, Http};
use super::retry::probe;
use crate::ports::{NotesRequest, PortError};
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

#[derive(Deserialize)]
struct Notes<T> {
    body: T,
}

/// The text that GitHub generated, as a string or not at all.
pub(super) async fn generated<T: DeserializeOwned>(
    http: &Http,
    what: &'static str,
    order: &NotesRequest,
) -> Result<T, PortError> {
    let target = format!("/repos/{}/releases/generate-notes", http.settings.repository);
    let mut body = json!({
        "tag_name": order.tag.as_str(),
        "target_commitish": order.commit.as_str(),
    });
    // Without it the notes may reach back to the first commit.
    if let (Some(previous), Some(body)) = (&order.previous, body.as_object_mut()) {
        body.insert("previous_tag_name".into(), previous.as_str().into());
    }
    let ask = ApiRequest {
        what,
        endpoint: "POST /repos/{}/releases/generate-notes",
        method: &Method::POST,
        target: &target,
        body: Some(&body),
        needs: "contents: write",
    };
    probe(http, &ask).await.map(|notes: Notes<T>| notes.body)
}
