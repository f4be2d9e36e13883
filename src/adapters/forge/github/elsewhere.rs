//! A file of another repository at one commit.

use super::client::{ApiRequest, Http};
use super::retry::get;
use crate::base::names::{Sha, Slug};
use crate::facts::FileAt;
use crate::ports::PortError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// The largest file that GitHub sends within JSON, in bytes.
const LARGEST: u64 = 1 << 20;

/// Characters of a path that are not encoded.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// The content at a path. A folder is a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum There {
    One(Entry),
    #[expect(dead_code, reason = "only its shape matters")]
    Folder(Vec<serde::de::IgnoredAny>),
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    size: u64,
    encoding: Option<String>,
    content: Option<String>,
}

/// The file (<https://docs.github.com/en/rest/repos/contents#get-repository-content>). A 404 can also
/// mean that the token cannot read the repository.
pub(super) async fn file(
    http: &Http,
    slug: &Slug,
    commit: &Sha,
    path: &str,
) -> Result<FileAt, PortError> {
    let what = format!("read `{path}` of {slug} at {}", commit.short());
    let target = format!("/repos/{slug}/contents/{}?ref={commit}", utf8_percent_encode(path, PATH));
    let ask = ApiRequest {
        what: &what,
        endpoint: "GET /repos/{}/contents/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "contents: read",
    };
    let page = get::<There>(http, &ask).await?;
    let refused = |why: String| Err(PortError::Refused { what: what.clone(), why });
    let entry = match page.map(|page| page.value) {
        None => {
            return refused(format!(
                "it does not exist, or the token lacks `contents: read` for {slug}"
            ));
        }
        Some(There::Folder(_)) => return refused("it is a folder".into()),
        Some(There::One(entry)) => entry,
    };
    if entry.size > LARGEST {
        return Ok(FileAt::TooLarge { bytes: entry.size });
    }
    match (entry.kind.as_str(), entry.encoding.as_deref(), entry.content) {
        ("file", Some("base64"), Some(content)) => {
            let plain: String = content.chars().filter(|it| !it.is_ascii_whitespace()).collect();
            match STANDARD.decode(plain) {
                Ok(bytes) => Ok(String::from_utf8(bytes).map_or(FileAt::Binary, FileAt::Text)),
                Err(error) => Err(PortError::NoAnswer { what, why: error.to_string() }),
            }
        }
        (kind, _, _) => refused(format!("it is a {kind} without content")),
    }
}
