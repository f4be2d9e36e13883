//! Checks the shape of a document: reports all errors at once, each with its location.

use super::leaf::misfit;
use super::node::{Node, Value};
use super::shape::{Field, Shape, Word, either};
use crate::base::finding::Finding;
use crate::base::source::Spanned;

/// Adds a finding for everything in `node` that does not match `shape`.
pub fn check(shape: &Shape<'_>, node: &Node, file: &str, problems: &mut Vec<Finding>) {
    Checker { file, problems }.check(shape, "", node);
}

/// The known word that was probably meant, if one is similar.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let distance = |other: &str| strsim::damerau_levenshtein(&word.to_lowercase(), other);
    let near = known.into_iter().map(|other| (distance(other), other));
    let (distance, other) = near.min_by_key(|(distance, _)| *distance)?;
    let reach = (word.chars().count().max(other.chars().count()) / 3).max(1);
    (distance <= reach).then_some(other)
}

/// `did you mean` the most similar word; otherwise, the whole list.
pub(super) fn suggestion(word: &str, noun: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("no {noun}s are allowed here"),
        None => {
            let known: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
            format!("the {noun}s are {}", known.join(", "))
        }
    }
}

struct Checker<'c> {
    file: &'c str,
    problems: &'c mut Vec<Finding>,
}

impl Checker<'_> {
    fn check(&mut self, shape: &Shape<'_>, path: &str, node: &Node) {
        if !takes(shape, &node.value) {
            return self.wrong_kind(shape, path, node);
        }
        match shape {
            Shape::Flag => {}
            Shape::Integer { min, max } => self.integer(shape, path, node, *min..=*max),
            Shape::OneOf(words) => self.word(shape, words, path, node),
            Shape::Argv => self.argv(path, node),
            Shape::List { of, min } => {
                if node.items().len() < *min {
                    let message = format!("`{path}` is empty");
                    self.report(Finding::new(message), node, "at least one is needed");
                }
                for item in node.items() {
                    self.check(of, path, item);
                }
            }
            Shape::Dictionary(of) => {
                let Value::Map(entries) = &node.value else { return };
                for (key, value) in entries {
                    self.check(of, &joined(path, &key.value), value);
                }
            }
            Shape::Object(fields) => self.object("key", fields, path, node),
            Shape::Named { noun, fields } => self.object(noun, fields, path, node),
            Shape::Choice { noun, fields } => self.choice(noun, fields, path, node),
            Shape::AnyOf(shapes) => {
                if let Some(shape) = alternative(shapes, node) {
                    self.check(shape, path, node);
                }
            }
            Shape::Text | Shape::Name | Shape::Glob | Shape::Files => self.leaf(shape, path, node),
            Shape::Path | Shape::Duration | Shape::Tag | Shape::LinePattern => {
                self.leaf(shape, path, node);
            }
        }
    }

    fn report(&mut self, finding: Finding, node: &Node, label: impl Into<String>) {
        self.problems.push(finding.at(self.file, node.span, label));
    }

    fn wrong_kind(&mut self, shape: &Shape<'_>, path: &str, node: &Node) {
        let expected = shape.describe();
        let finding = if node.value == Value::Null {
            Finding::new(format!("`{path}` has no value"))
                .help("give it a value, or remove the key")
        } else {
            let mut finding = Finding::new(format!("`{path}` cannot be {}", node.value.kind()));
            finding.help = suggest_fix(shape, node);
            finding
        };
        self.report(finding, node, format!("expected {expected}"));
    }

    fn leaf(&mut self, shape: &Shape<'_>, path: &str, node: &Node) {
        let Some(misfit) = node.text().and_then(|text| misfit(shape, text)) else { return };
        let mut finding = Finding::new(format!("invalid `{path}`: {}", misfit.why));
        finding.help = misfit.help;
        self.report(finding, node, format!("expected {}", shape.describe()));
    }

    fn integer(
        &mut self,
        shape: &Shape<'_>,
        path: &str,
        node: &Node,
        range: std::ops::RangeInclusive<u64>,
    ) {
        let text = node.text().unwrap_or_default();
        if !text.parse().is_ok_and(|number| range.contains(&number)) {
            let message = format!("`{path}` cannot be `{text}`");
            self.report(Finding::new(message), node, format!("expected {}", shape.describe()));
        }
    }

    fn word(&mut self, shape: &Shape<'_>, words: &[Word], path: &str, node: &Node) {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let (written, meant) = match &node.value {
            Value::Bool(true) => ("true", ["on", "yes"].into_iter().find(|w| known.contains(w))),
            Value::Bool(false) => ("false", ["off", "no"].into_iter().find(|w| known.contains(w))),
            Value::Text(text) | Value::Number(text) => {
                (text.as_str(), nearest(text, known.iter().copied()))
            }
            Value::Null | Value::List(_) | Value::Map(_) => ("", None),
        };
        if known.contains(&written) && !matches!(node.value, Value::Bool(_)) {
            return;
        }
        let finding = Finding::new(format!("`{path}` cannot be `{written}`"));
        let finding = match meant {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")),
            None => finding,
        };
        self.report(finding, node, format!("expected {}", shape.describe()));
    }

    fn argv(&mut self, path: &str, node: &Node) {
        if node.items().is_empty() {
            let message = format!("`{path}` is empty");
            self.report(Finding::new(message), node, "a program is needed");
        }
        for (index, item) in node.items().iter().enumerate() {
            match item.text() {
                None => {
                    let kind = item.value.kind();
                    let finding = Finding::new(format!("an argument of `{path}` is {kind}"));
                    let finding = match &item.value {
                        Value::Bool(value) => finding.help(format!("quote it: `\"{value}\"`")),
                        Value::Null | Value::Number(_) | Value::Text(_) => finding,
                        Value::List(_) | Value::Map(_) => finding,
                    };
                    self.report(finding, item, "expected a string");
                }
                Some("") if index == 0 => {
                    let message = format!("`{path}` starts with an empty program name");
                    self.report(Finding::new(message), item, "");
                }
                Some(text) if text.contains('\0') => {
                    let message = format!("an argument of `{path}` contains a NUL character");
                    self.report(Finding::new(message), item, "");
                }
                Some(_) => {}
            }
        }
    }

    fn object(&mut self, noun: &str, fields: &[Field<'_>], path: &str, node: &Node) {
        let Value::Map(entries) = &node.value else { return };
        for (key, value) in entries {
            match fields.iter().find(|field| field.key == key.value) {
                Some(field) => self.check(&field.shape, &joined(path, field.key), value),
                None => self.unknown(noun, fields, key),
            }
        }
        for field in fields.iter().filter(|field| field.required && node.get(field.key).is_none()) {
            let whole = if path.is_empty() { "the manifest".into() } else { format!("`{path}`") };
            let finding = Finding::new(format!("{whole} has no `{}`", field.key)).help(format!(
                "add `{}`: {}",
                field.key,
                field.shape.describe()
            ));
            self.report(finding, node, format!("`{}` is needed here", field.key));
        }
    }

    fn unknown(&mut self, noun: &str, fields: &[Field<'_>], key: &Spanned<String>) {
        let known: Vec<&str> = fields.iter().map(|field| field.key).collect();
        let finding = Finding::new(format!("unknown {noun} `{}`", key.value))
            .help(suggestion(&key.value, noun, &known));
        self.problems.push(finding.at(self.file, key.span, ""));
    }

    fn choice(&mut self, noun: &str, fields: &[Field<'_>], path: &str, node: &Node) {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Text(_) | Value::Number(_) => return self.bare(noun, fields, path, node),
            Value::Null | Value::Bool(_) | Value::List(_) => return,
        };
        if entries.len() != 1 {
            let known = either(fields.iter().map(|field| format!("`{}`", field.key)));
            let finding = Finding::new(format!(
                "a {noun} must have exactly one key, but this one has {}",
                entries.len()
            ))
            .help(format!("write each {noun} as its own list item: {known}"));
            self.report(finding, node, "");
        }
        for (key, value) in entries {
            match fields.iter().find(|field| field.key == key.value) {
                Some(field) if matches!(value.value, Value::Null) => {
                    let finding = Finding::new(format!("`{}` has no value", field.key));
                    let finding = if field.required {
                        finding
                    } else {
                        finding.help(format!("write `- {}` for its defaults", field.key))
                    };
                    self.problems.push(finding.at(self.file, key.span, "expected its settings"));
                }
                Some(field) => self.check(&field.shape, &joined(path, field.key), value),
                None => self.unknown(noun, fields, key),
            }
        }
    }

    fn bare(&mut self, noun: &str, fields: &[Field<'_>], path: &str, node: &Node) {
        let name = node.text().unwrap_or_default();
        match fields.iter().find(|field| field.key == name) {
            None => self.unknown(noun, fields, &Spanned::new(name.into(), node.span)),
            Some(field) if field.required => {
                // The settings are missing; name the required ones.
                let is_list = matches!(field.shape, Shape::List { .. });
                let empty = if is_list { Value::List(Vec::new()) } else { Value::Map(Vec::new()) };
                let empty = Node::new(empty, node.span);
                self.check(&field.shape, &joined(path, field.key), &empty);
            }
            Some(_) => {}
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.into() } else { format!("{path}.{key}") }
}

/// Whether a value of this type can be intended for a shape; the value itself may still be invalid.
fn takes(shape: &Shape<'_>, value: &Value) -> bool {
    let scalar = matches!(value, Value::Text(_) | Value::Number(_));
    match shape {
        Shape::Flag => matches!(value, Value::Bool(_)),
        Shape::Integer { .. } => matches!(value, Value::Number(_)),
        Shape::OneOf(_) => scalar || matches!(value, Value::Bool(_)),
        Shape::Argv | Shape::List { .. } => matches!(value, Value::List(_)),
        Shape::Object(_) | Shape::Named { .. } | Shape::Dictionary(_) => {
            matches!(value, Value::Map(_))
        }
        Shape::Choice { .. } => scalar || matches!(value, Value::Map(_)),
        Shape::AnyOf(shapes) => shapes.iter().any(|shape| takes(shape, value)),
        Shape::Text | Shape::Name | Shape::Glob | Shape::Files => scalar,
        Shape::Path | Shape::Duration | Shape::Tag | Shape::LinePattern => scalar,
    }
}

/// The intended form: the first form of the value's type that matches; otherwise, the first form of
/// that type.
fn alternative<'s, 'a>(shapes: &'s [Shape<'a>], node: &Node) -> Option<&'s Shape<'a>> {
    let of_kind = || shapes.iter().filter(|shape| takes(shape, &node.value));
    let fits = |shape: &&Shape<'_>| {
        let mut problems = Vec::new();
        check(shape, node, "", &mut problems);
        problems.is_empty()
    };
    of_kind().find(fits).or_else(|| of_kind().next())
}

/// A correct way to write a value of the wrong type, if it is obvious.
fn suggest_fix(shape: &Shape<'_>, node: &Node) -> Option<String> {
    let text = node.text();
    match shape {
        Shape::List { .. } => text.map(|text| match text.contains(['{', '}', '[', ']', ',']) {
            true => format!("write `[\"{text}\"]`"),
            false => format!("write `[{text}]`"),
        }),
        Shape::Argv => {
            let words: Vec<&str> = text?.split_whitespace().collect();
            Some(format!(
                "commands do not run in a shell; write it as a list: `[{}]`",
                words.join(", ")
            ))
        }
        Shape::Flag => match text? {
            "yes" | "on" => Some("did you mean `true`?".into()),
            "no" | "off" => Some("did you mean `false`?".into()),
            _ => None,
        },
        Shape::Text | Shape::Name | Shape::Glob | Shape::Files | Shape::Path | Shape::Tag => {
            match &node.value {
                Value::Bool(value) => Some(format!("quote it: `\"{value}\"`")),
                Value::Null | Value::Number(_) | Value::Text(_) => None,
                Value::List(_) | Value::Map(_) => None,
            }
        }
        Shape::Duration | Shape::Integer { .. } | Shape::OneOf(_) | Shape::Object(_) => None,
        Shape::Named { .. } | Shape::Choice { .. } | Shape::AnyOf(_) => None,
        Shape::LinePattern | Shape::Dictionary(_) => None,
    }
}
