//! `/graphql`.

use super::graph::{execute, fatal};
use super::message::Answer;
use super::view::View;
use super::visit::Visit;
use serde_json::{Map, Value};

pub(crate) fn answer(visit: &Visit<'_>) -> Result<Answer, Answer> {
    if visit.ask.method != "POST" {
        return Err(Answer::missing());
    }
    let body = visit.ask.json()?;
    let Some(text) = body.get("query").and_then(Value::as_str) else {
        return Ok(Answer::json(
            200,
            &fatal("A query attribute must be specified and must be a string."),
        ));
    };
    let document = match graphql_parser::parse_query::<String>(text) {
        Ok(document) => document,
        Err(error) => return Ok(Answer::json(200, &fatal(&error.to_string()))),
    };
    let none = Map::new();
    let variables = body.get("variables").and_then(Value::as_object).unwrap_or(&none);
    let view = View::new(visit, text.contains("elease"))?;
    let resolve = |parent: &Value, field: &str, arguments: &Map<String, Value>| {
        view.resolve(parent, field, arguments)
    };
    Ok(Answer::json(200, &execute(&document, variables, &resolve)))
}
