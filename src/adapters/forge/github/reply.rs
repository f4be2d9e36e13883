//! A response, and why there may be no usable response.

pub(super) use crate::adapters::retry::Trouble;

use super::verdict::{header, is_json, message};
use crate::base::clean::clip;
use crate::ports::PortError;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

const SNIPPET: usize = 80;
/// The maximum length of the forge's message about a rejected request.
const SAID: usize = 160;

/// A reply, read to its end.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Reads the JSON. A response that is not JSON came from an intermediary, and retrying does not
    /// help. Truncated JSON is worth a retry.
    pub(super) fn decode<T: DeserializeOwned>(&self, what: &str) -> Result<T, Trouble> {
        if !is_json(&self.headers) {
            let (what, why) = (what.to_owned(), self.unusable_response());
            return Err(Trouble::Final(PortError::NoAnswer { what, why }));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Trouble::Passing(format!("{error}, in {}", self.unusable_response())))
    }

    /// A description of an unusable response.
    pub(super) fn unusable_response(&self) -> String {
        let kind = header(&self.headers, "content-type").unwrap_or("no content type");
        let text = String::from_utf8_lossy(&self.body);
        let start = start(&text, SNIPPET);
        let trace = trace(&self.headers);
        let said = match start.trim() {
            "" => "with an empty body".into(),
            start => format!("`{start}`"),
        };
        format!("http {} ({kind}) {said}{trace}", self.status.as_u16())
    }

    /// The forge's message about a rejected request, and the request's ID.
    pub(super) fn said(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let words = message(&text).map(|words| format!("`{}`", start(&words, SAID)));
        let id = header(&self.headers, "x-github-request-id").map(|id| format!("request id {id}"));
        let said: Vec<String> = words.into_iter().chain(id).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }
}

fn start(text: &str, most: usize) -> String {
    clip(&text.chars().filter(|c| !c.is_control()).collect::<String>(), most).into_owned()
}

/// The ID of the request, for GitHub's support.
pub(super) fn trace(headers: &HeaderMap) -> String {
    let id = header(headers, "x-github-request-id");
    id.map(|id| format!(", request id {id}")).unwrap_or_default()
}
