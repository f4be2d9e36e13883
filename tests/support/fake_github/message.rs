//! Requests and answers without any server around them.

use axum::http::HeaderMap;
use serde_json::{Value, json};

/// What was asked.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// As sent, prefixes of Enterprise included.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The whole request without what authorizes it.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let mut raw = format!("{} {}?{}\n", self.method, self.path, self.query).into_bytes();
        for (name, value) in self.headers.iter().filter(|(name, _)| *name != "authorization") {
            raw.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
        }
        raw.extend_from_slice(&self.body);
        raw
    }

    /// What authorizes the request, as something on the way may repeat it: as it came, as basic
    /// authentication, and as a part of an address.
    pub(crate) fn echo(&self) -> String {
        let given = self.header("authorization").unwrap_or_default();
        let token = given.rsplit(' ').next().unwrap_or_default();
        let basic = tminus::base::secrets::base64(format!("x-access-token:{token}").as_bytes());
        let part: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
        format!("Authorization: {given}, basic {basic}, https://x:{part}@example.com/")
    }

    /// One value of the query, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> Result<Value, Answer> {
        serde_json::from_slice(&self.body).map_err(|_| Answer::error(400, "Problems parsing JSON"))
    }
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        let kind = ("content-type", "application/json; charset=utf-8".to_owned());
        Self { status, headers: vec![kind], body: value.to_string().into_bytes() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn html(status: u16, text: &str) -> Self {
        let kind = ("content-type", "text/html; charset=utf-8".to_owned());
        let body = format!("<!DOCTYPE html>\n<html><body><h1>{text}</h1></body></html>\n");
        Self { status, headers: vec![kind], body: body.into_bytes() }
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        let page = "https://docs.github.com/rest";
        let text = status.to_string();
        Self::json(
            status,
            &json!({ "message": message, "documentation_url": page, "status": text }),
        )
    }

    pub(crate) fn missing() -> Self {
        Self::error(404, "Not Found")
    }

    /// 403 by the token's permissions, which it names.
    pub(crate) fn forbidden(needs: &str) -> Self {
        Self::error(403, "Resource not accessible by integration")
            .with("x-accepted-github-permissions", needs)
    }

    pub(crate) fn invalid(resource: &str, code: &str, field: &str, message: &str) -> Self {
        let mut wrong = json!({ "resource": resource, "code": code, "field": field });
        if let (false, Some(wrong)) = (message.is_empty(), wrong.as_object_mut()) {
            wrong.insert("message".into(), message.into());
        }
        let page = "https://docs.github.com/rest/releases/releases";
        Self::json(
            422,
            &json!({
                "message": "Validation Failed", "errors": [wrong],
                "documentation_url": page, "status": "422",
            }),
        )
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Undoes percent-encoding.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            Some(_) | None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
