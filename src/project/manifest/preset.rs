//! The default of a key, as its field declares it.

use super::node::{Node, Value};
use crate::base::source::{Span, Spanned};
use std::fmt;

/// A default, as data: it is read again for every mapping without the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(u64),
    /// A text.
    Text(&'static str),
    /// A list of texts.
    List(&'static [&'static str]),
}

impl Preset {
    /// The same value as if it were written, but without a location.
    #[must_use]
    pub fn node(self) -> Node {
        let text = |text: &str| Value::Text(text.into());
        let value = match self {
            Self::Flag(flag) => Value::Bool(flag),
            Self::Number(number) => Value::Number(number.to_string()),
            Self::Text(it) => text(it),
            Self::List(items) => Value::List(
                items.iter().map(|item| Spanned::new(text(item), Span::default())).collect(),
            ),
        };
        Spanned::new(value, Span::default())
    }
}

/// As it is written in YAML, on one line.
impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => {
                let quoted = |item: &&str| match item.contains('{') {
                    true => format!("'{item}'"),
                    false => (*item).to_owned(),
                };
                write!(f, "[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
