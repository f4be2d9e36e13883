//! Converts YAML text to [`Node`]s: the only file that uses the YAML crate.
//!
//! Everything is bounded: size, depth, number of values, aliases. The crate's errors are reported
//! in our own words, with their location.

use super::node::{Node, Value};
use crate::base::finding::Finding;
use crate::base::number::grouped;
use crate::base::source::{Source, Span, Spanned};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Error, Location, Spanned as Located};
use std::fmt;

/// The maximum size of a manifest, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The maximum nesting depth of lists and mappings.
pub const MAX_DEPTH: usize = 32;
/// The maximum number of values in a manifest, including those that aliases repeat.
pub const MAX_NODES: usize = 20_000;
/// The maximum number of aliases (`*name`) in a manifest.
pub const MAX_ALIASES: usize = 64;

/// Parses a text as one YAML document whose root is a mapping.
///
/// An empty document is an empty mapping. Spans are bytes of `source.text`; the span of a value
/// from an alias is that of the alias.
///
/// # Errors
/// One finding, at the first error: the YAML parser stops there.
#[expect(clippy::result_large_err, reason = "called once a run, and a finding is what is wanted")]
pub fn parse(source: &Source) -> Result<Node, Finding> {
    parse_file(source, "a manifest", "start with `schema: 1`")
}

/// The same for a file that messages call `noun`; `start` is the help for an empty or wrong file.
///
/// # Errors
/// As [`parse`].
#[expect(clippy::result_large_err, reason = "called once a run, and a finding is what is wanted")]
pub fn parse_file(source: &Source, noun: &str, start: &str) -> Result<Node, Finding> {
    if source.text.len() > MAX_BYTES {
        let message = format!(
            "`{}` is too large: {} bytes (limit: {})",
            source.name,
            grouped(source.text.len()),
            grouped(MAX_BYTES)
        );
        return Err(Finding::new(message).at(&source.name, Span::default(), ""));
    }
    let raw: Option<Located<Raw>> = serde_yaml::from_str_with_options(&source.text, options())
        .map_err(|error| explain(source, noun, error.without_snippet()))?;
    let Some(raw) = raw else { return Ok(Spanned::new(Value::Map(Vec::new()), Span::default())) };
    let node = node(source, raw);
    match node.value {
        Value::Map(_) => Ok(node),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
            let found = node.value.kind();
            Err(Finding::new(format!("{noun} must be a mapping, but this is {found}"))
                .at(&source.name, node.span, "expected `key: value`")
                .help(start))
        }
    }
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_documents: 1,
            max_recorded_anchor_events: 4 * MAX_NODES,
            max_total_scalar_bytes: MAX_BYTES,
            max_recorded_anchor_bytes: 4 * MAX_BYTES,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: MAX_NODES,
            max_replay_stack_depth: MAX_DEPTH,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// The output of the YAML crate, before its locations are converted to ours.
enum Raw {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Located<Raw>>),
    Map(Vec<(Located<String>, Located<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

/// Converts the crate's tree to ours: locations become byte offsets, and numbers keep their
/// original text.
fn node(source: &Source, raw: Located<Raw>) -> Node {
    let start = span(source, raw.referenced);
    let aliased = raw.referenced != raw.defined;
    let whole = |last: Option<usize>| {
        let end = last.unwrap_or(start.end);
        if aliased { start } else { closed(&source.text, Span { end, ..start }) }
    };
    match raw.value {
        Raw::Null => Node::new(Value::Null, start),
        Raw::Bool(value) => Node::new(Value::Bool(value), start),
        Raw::Text(text) => Node::new(Value::Text(text), start),
        Raw::Number => {
            let written = span(source, raw.defined);
            let text = source.text.get(written.start..written.end).unwrap_or_default();
            Node::new(Value::Number(text.trim().into()), start)
        }
        Raw::List(items) => {
            let items: Vec<Node> = items.into_iter().map(|item| node(source, item)).collect();
            let last = items.last().map(|item| item.span.end);
            Node::new(Value::List(items), whole(last))
        }
        Raw::Map(entries) => {
            let entry = |(key, value): (Located<String>, Located<Raw>)| {
                let place = span(source, key.referenced);
                (Spanned::new(key.value, place), node(source, value))
            };
            let entries: Vec<_> = entries.into_iter().map(entry).collect();
            let last = entries.last().map(|(_, value)| value.span.end);
            Node::new(Value::Map(entries), whole(last))
        }
    }
}

/// A flow collection ends at its bracket, not at its last item.
fn closed(text: &str, span: Span) -> Span {
    let close = match text.get(span.start..).and_then(|rest| rest.chars().next()) {
        Some('[') => ']',
        Some('{') => '}',
        Some(_) | None => return span,
    };
    let after = text.get(span.end..).and_then(|rest| rest.find(close));
    Span { end: after.map_or(span.end, |offset| span.end + offset + 1), ..span }
}

/// A location in bytes. Syntax errors have only a line and a column.
fn span(source: &Source, location: Location) -> Span {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let start = location.span().byte_offset().map_or_else(
        || offset(&source.text, number(location.line()), number(location.column())),
        number,
    );
    let length = location.span().byte_len().map_or(0, number);
    let start = start.min(source.text.len());
    Span { start, end: start.saturating_add(length).min(source.text.len()) }
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let within = content.char_indices().nth(column.saturating_sub(1));
            return start + within.map_or(content.trim_end().len(), |(byte, _)| byte);
        }
        start += content.len();
    }
    text.len()
}

/// A syntax error, in our own words.
#[expect(clippy::wildcard_enum_match_arm, reason = "the crate's errors are not exhaustive")]
fn explain(source: &Source, noun: &str, error: &Error) -> Finding {
    let place = error.location().map_or_else(Span::default, |location| span(source, location));
    let cause = match error {
        Error::AliasError { error, .. } => error.as_ref(),
        other => other,
    };
    let (finding, label) = match cause {
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("?");
            (
                Finding::new(format!("duplicate key `{key}`")).help("keep one of the two"),
                "again here",
            )
        }
        Error::MultipleDocuments { .. } => (one_document(noun), "a second one starts here"),
        Error::MergeKeyNotAllowed { .. } => (
            Finding::new(format!("{noun} cannot have merge keys (`<<`)"))
                .help("write the keys out"),
            "",
        ),
        Error::UnsupportedTag { tag, .. } => (
            Finding::new(format!("{noun} cannot have the YAML tag `{tag}`"))
                .help("remove it, or quote the text"),
            "",
        ),
        Error::UnknownAnchor { .. } => (
            Finding::new("this alias has no anchor")
                .help("quote the text if it is not meant as an alias (`*` starts one)"),
            "",
        ),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            (Finding::new("this alias is inside its own anchor"), "")
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            (Finding::new(format!("aliases repeat more than {} values", grouped(MAX_NODES))), "")
        }
        Error::Budget { breach, .. } => (over_budget(noun, breach), ""),
        Error::NullIntoString { .. } | Error::Unexpected { .. } => {
            (Finding::new("a key must be a string"), "")
        }
        other => (syntax(&other.to_string()), ""),
    };
    finding.at(&source.name, place, label)
}

fn one_document(noun: &str) -> Finding {
    Finding::new(format!("{noun} must be a single YAML document")).help("remove the line `---`")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the crate's limits are not exhaustive")]
fn over_budget(noun: &str, breach: &BudgetBreach) -> Finding {
    match breach {
        BudgetBreach::Documents { .. } => one_document(noun),
        BudgetBreach::Depth { .. } => too_deep(),
        BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => {
            Finding::new(format!("more than {} values", grouped(MAX_NODES)))
        }
        BudgetBreach::Aliases { .. } => Finding::new(format!("more than {MAX_ALIASES} aliases")),
        BudgetBreach::Anchors { .. } => Finding::new(format!("more than {MAX_ALIASES} anchors")),
        _ => Finding::new(format!("more YAML than {noun} may contain")),
    }
}

fn too_deep() -> Finding {
    Finding::new(format!("nested deeper than {MAX_DEPTH} levels"))
}

/// The scanner's message is kept as the reason, without its location, which we report ourselves.
fn syntax(text: &str) -> Finding {
    let reason = text.rsplit_once(" at line ").map_or(text, |(reason, _)| reason);
    if reason.starts_with("recursion limit") {
        return too_deep();
    }
    let finding = Finding::new(format!("this is not YAML: {}", reason.replace('\'', "`")));
    if reason.starts_with("tabs disallowed") {
        finding.help("indent with spaces")
    } else if reason.starts_with("unexpected character") {
        finding.help("quote the text")
    } else if reason.starts_with("mapping values are not allowed") {
        finding.help("quote text that contains `: `, or indent the key like its neighbors")
    } else {
        finding
    }
}
