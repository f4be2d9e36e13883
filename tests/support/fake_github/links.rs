//! Pages of a list, and the `Link` header between them.

use super::message::{Answer, Ask};
use serde_json::Value;

/// One page of a list. Links lead to `/repositories/ID/…`: to be followed, never composed.
pub(crate) fn page(ask: &Ask, all: Vec<Value>, at: &str) -> Answer {
    let number = |name: &str| ask.query(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(30).clamp(1, 100);
    let page = number("page").unwrap_or(1).max(1);
    let last = all.len().div_ceil(size).max(1);
    let shown: Vec<_> = all.into_iter().skip((page - 1) * size).take(size).collect();
    let answer = Answer::json(200, &Value::Array(shown));
    let link = |to: usize, rel: &str| format!("<{at}?per_page={size}&page={to}>; rel=\"{rel}\"");
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(page - 1, "prev"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
        links.push(link(last, "last"));
    }
    if page > 1 {
        links.push(link(1, "first"));
    }
    if links.is_empty() { answer } else { answer.with("link", links.join(", ")) }
}
