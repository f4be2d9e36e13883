//! Where a value was written: files, byte spans, and values with their location.
//!
//! Nothing here reads a file; a [`Source`] is passed in as text.

use serde::{Deserialize, Serialize};

/// A range of bytes in one source text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value and its location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the source.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Combines a value with its location.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// A new value with the same location.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: make(self.value), span: self.span }
    }
}

/// A text file: its name in messages, and its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path as shown, relative to the repository, with forward slashes.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Line and column of a byte offset, both counted from 1, the column in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        position(&self.text, offset)
    }

    /// The span of the first whole occurrence of `needle` at or after `from`.
    #[must_use]
    pub fn find(&self, needle: &str, from: usize) -> Option<Span> {
        let start = from + self.text.get(from..)?.find(needle)?;
        Some(Span { start, end: start + needle.len() })
    }
}

/// Line and column of a byte offset in a text, as [`Source::position`] counts them.
#[must_use]
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source { name: "a".into(), text: "é: 1\nb: 2\n".into() };
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (1, 3));
        assert_eq!(source.position(6), (2, 1));
        assert_eq!(source.position(999), (3, 1));
    }
}
