//! Reads a mapping, or a list, that was already checked: the written value, or the declared default.
//!
//! A default is declared once, in its [`Field`]. The schema, the reference page and this reader use
//! it.

use super::leaf::seconds;
use super::node::{Node, Value};
use super::pattern::Pattern;
use super::shape::{Field, Shape};
use crate::base::source::Spanned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The settings of one mapping.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'n> {
    fields: &'n [Field<'n>],
    written: Option<&'n Node>,
}

impl<'n> Reader<'n> {
    /// Reads a mapping of this shape; `None` if there is no value.
    #[must_use]
    pub fn new(shape: &'n Shape<'n>, written: Option<&'n Node>) -> Self {
        let fields = match shape {
            Shape::Object(fields) => *fields,
            Shape::Text | Shape::Name | Shape::Flag | Shape::Integer { .. } | Shape::OneOf(_) => {
                &[]
            }
            Shape::Glob | Shape::Files | Shape::Path | Shape::Duration | Shape::Tag => &[],
            Shape::Argv | Shape::List { .. } | Shape::Named { .. } | Shape::Choice { .. } => &[],
            Shape::AnyOf(_) | Shape::LinePattern | Shape::Dictionary(_) => &[],
        };
        Self { fields, written }
    }

    /// The settings of a mapping under a key.
    #[must_use]
    pub fn section(&self, key: &str) -> Self {
        match self.fields.iter().find(|field| field.key == key) {
            Some(field) => Self::new(&field.shape, self.written(key)),
            None => Self { fields: &[], written: None },
        }
    }

    /// The value of a key, without its default.
    #[must_use]
    pub fn written(&self, key: &str) -> Option<&'n Node> {
        self.written?.get(key)
    }

    /// The items, if the value is a list.
    #[must_use]
    pub fn items(&self) -> &'n [Node] {
        self.written.map_or(&[], Node::items)
    }

    /// The value of a key or, otherwise, its default. `None` if it has neither.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<Cow<'n, Node>> {
        if let Some(node) = self.written(key) {
            return Some(Cow::Borrowed(node));
        }
        let default = self.fields.iter().find(|field| field.key == key)?.default?;
        Some(Cow::Owned(default.node()))
    }

    /// A text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.value(key)?.text().map(str::to_owned)
    }

    /// A word from a fixed set, converted to its value.
    #[must_use]
    pub fn word<T: Copy>(&self, key: &str, known: &[(&str, T)]) -> Option<T> {
        let value = self.value(key)?;
        let text = value.text()?;
        known.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
    }

    /// `true` or `false`.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.value(key)?.value {
            Value::Bool(flag) => Some(flag),
            Value::Null | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
                None
            }
        }
    }

    /// A duration in seconds.
    #[must_use]
    pub fn seconds(&self, key: &str) -> Option<u64> {
        seconds(self.value(key)?.text()?)
    }

    /// A list of texts.
    #[must_use]
    pub fn texts(&self, key: &str) -> Option<Vec<String>> {
        self.value(key)?.items().iter().map(|item| item.text().map(str::to_owned)).collect()
    }

    /// A mapping of texts to texts, in the order of its keys. Empty if there is none.
    #[must_use]
    pub fn dictionary(&self, key: &str) -> Option<BTreeMap<String, String>> {
        let Some(node) = self.written(key) else { return Some(BTreeMap::new()) };
        let Value::Map(entries) = &node.value else { return None };
        let text =
            |(key, value): &(Spanned<String>, Node)| Some((key.value.clone(), value.scalar()?));
        entries.iter().map(text).collect()
    }

    /// A whole number.
    #[must_use]
    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.value(key)?.text()?.parse().ok()
    }

    /// A list of globs, each with its place.
    #[must_use]
    pub fn patterns(&self, key: &str) -> Option<Vec<Spanned<Pattern>>> {
        let pattern = |item: &Node| Some(Spanned::new(Pattern::new(item.text()?).ok()?, item.span));
        self.value(key)?.items().iter().map(pattern).collect()
    }

    /// Reads an optional key with one of the methods above: `Some(None)` if it is missing, `None`
    /// if it cannot be read.
    #[must_use]
    pub fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Self, &str) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.written(key) {
            Some(_) => read(self, key).map(Some),
            None => Some(None),
        }
    }
}
