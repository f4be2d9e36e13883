//! Pages of a list, and the `Link` header between them.

use super::message::{Answer, Ask};
use serde_json::{Value, json};

/// One page of a list. Links lead to `/repositories/ID/…`: to be followed, never composed.
pub(crate) fn page(ask: &Ask, all: Vec<Value>, at: &str) -> Answer {
    let (shown, links) = cut(ask, all, at);
    let answer = Answer::json(200, &Value::Array(shown));
    if links.is_empty() { answer } else { answer.with("link", links) }
}

/// One page of a list that is a field of an object.
pub(crate) fn page_of(ask: &Ask, field: &str, all: Vec<Value>, at: &str) -> Answer {
    let total = all.len();
    let (shown, links) = cut(ask, all, at);
    let answer = Answer::json(200, &json!({ "total_count": total, field: shown }));
    if links.is_empty() { answer } else { answer.with("link", links) }
}

/// What is on the page that is asked for, and its links.
fn cut(ask: &Ask, all: Vec<Value>, at: &str) -> (Vec<Value>, String) {
    let number = |name: &str| ask.query(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(30).clamp(1, 100);
    let page = number("page").unwrap_or(1).max(1);
    let last = all.len().div_ceil(size).max(1);
    let shown: Vec<_> = all.into_iter().skip((page - 1) * size).take(size).collect();
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
    (shown, links.join(", "))
}
