//! Generates the manifest's JSON Schema (draft 2020-12) from the shapes.
//!
//! It does not contain rules that involve several values (a duplicate stage, a step too early); the
//! parser checks these.

use super::keys::with_root;
use super::kinds::Kinds;
use super::shape::{Field, Shape, Word};
use serde_json::{Map, Value, json};

/// The URL or name that identifies the schema in editors and catalogs.
pub const ID: &str = "https://tminus.dev/schema/1.json";

/// No control characters.
const ONE_LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$";
/// Paths that are absolute, on a drive, contain a backslash or `..`, or are inside `.git`.
const OUTSIDE: &str = r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|(^|/)\.[gG][iI][tT](/|$)";
const DURATION: &str = r"^[0-9]+ ?[wdhms]( ?[0-9]+ ?[wdhms])*$";
/// Tags that `git check-ref-format` rejects, or with `{version}` twice.
const NO_TAG: &str = concat!(
    r"[\u0000-\u0020\u007f-\u009f~^:?*\[\\]|\.\.|@\{(?!version\})|//|^[-/.]|/\.|/$|\.$|\./|\.lock(/|$)",
    r"|\{version\}.*\{(version|major|minor|patch)\}|\{name\}.*\{name\}",
    r"|\{(major|minor|patch)\}.*\{(version|major)\}|\{(minor|patch)\}.*\{minor\}|\{patch\}.*\{patch\}",
    r"|\{(version|major|name)\}\{(major|minor|patch)\}|\{minor\}\{patch\}",
    r"|^(?!.*\{minor\}).*\{patch\}|^(?!.*\{major\}).*\{minor\}|\{patch\}.*\{minor\}"
);

/// The schema of a manifest with these gates and steps.
#[must_use]
pub fn json_schema(kinds: &Kinds) -> Value {
    let mut root = Map::new();
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".into(), json!(ID));
    root.insert("title".into(), json!("tminus release manifest"));
    if let Value::Object(body) = with_root(kinds, schema) {
        root.extend(body);
    }
    // An empty document is a manifest too.
    root.insert("type".into(), json!(["object", "null"]));
    Value::Object(root)
}

/// The schema of one shape.
#[must_use]
pub fn schema(shape: &Shape<'_>) -> Value {
    match shape {
        Shape::Text | Shape::Glob => text(json!({ "pattern": ONE_LINE })),
        Shape::Name => text(json!({ "pattern": "^[A-Za-z0-9._-]+$" })),
        Shape::Files | Shape::Path => {
            text(json!({ "pattern": ONE_LINE, "not": { "type": "string", "pattern": OUTSIDE } }))
        }
        Shape::Duration => json!({
            "type": "string", "pattern": DURATION, "not": { "pattern": "^[^1-9]*$" },
        }),
        Shape::Tag => json!({
            "type": "string",
            "pattern": r"\{version\}|\{major\}.*[^}]\{minor\}",
            "not": { "pattern": NO_TAG },
        }),
        Shape::LinePattern => {
            text(json!({ "format": "regex", "pattern": r"\((?!\?[:imsUux-])", "minLength": 3 }))
        }
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Integer { min, max: u64::MAX } => json!({ "type": "integer", "minimum": min }),
        Shape::Integer { min, max } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        Shape::OneOf(words) => one_of(words),
        Shape::Argv => json!({
            "type": "array",
            "minItems": 1,
            "prefixItems": [text(json!({ "pattern": r"^[^\u0000]+$" }))],
            "items": text(json!({ "pattern": r"^[^\u0000]*$" })),
        }),
        Shape::List { of, min } => {
            json!({ "type": "array", "items": schema(of), "minItems": min })
        }
        Shape::Dictionary(of) => json!({ "type": "object", "additionalProperties": schema(of) }),
        Shape::Object(fields) | Shape::Named { fields, .. } => object(fields),
        Shape::Choice { fields, .. } => choice(fields),
        Shape::AnyOf(shapes) => json!({ "anyOf": shapes.iter().map(schema).collect::<Vec<_>>() }),
    }
}

/// A string, or a number, whose text is kept as it is written.
fn text(limits: Value) -> Value {
    let mut schema = json!({ "type": ["string", "number"] });
    if let (Value::Object(schema), Value::Object(limits)) = (&mut schema, limits) {
        schema.extend(limits);
    }
    schema
}

fn one_of(words: &[Word]) -> Value {
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let docs: Vec<&str> = words.iter().map(|(_, doc)| *doc).collect();
    json!({ "enum": names, "enumDescriptions": docs })
}

fn object(fields: &[Field<'_>]) -> Value {
    let mut properties = Map::new();
    for item in fields {
        properties.insert(item.key.into(), field(item));
    }
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    schema.insert("additionalProperties".into(), json!(false));
    Value::Object(schema)
}

fn field(field: &Field<'_>) -> Value {
    let mut described = Map::new();
    described.insert("description".into(), json!(field.doc));
    if let Some(default) = field.default {
        described.insert("default".into(), default.node().to_json());
    }
    if let Value::Object(schema) = schema(&field.shape) {
        described.extend(schema);
    }
    Value::Object(described)
}

fn choice(fields: &[Field<'_>]) -> Value {
    let bare: Vec<&str> =
        fields.iter().filter(|field| !field.required).map(|field| field.key).collect();
    let mut properties = Map::new();
    for item in fields {
        properties.insert(item.key.into(), field(item));
    }
    json!({
        "anyOf": [
            { "enum": bare },
            {
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ],
    })
}
