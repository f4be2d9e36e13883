//! Headings, whatever the markup.

use crate::base::source::Span;
use std::ops::Range;

/// The level of a line of text that could be a heading; one in bold is a level above.
pub(super) const PARAGRAPH: usize = 9;

/// The level of a line of plain text that could be a heading.
pub(super) const BARE: usize = PARAGRAPH + 1;

/// The level of the first line of an item of a list that could be a heading.
pub(super) const LISTED: usize = BARE + 1;

/// A heading as it is written in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// Where its markup begins, a rule above the title included.
    pub(super) start: usize,
    /// Its line.
    pub(super) span: Span,
    /// Where what follows it begins.
    pub(super) body: usize,
    /// Its level, 1 the highest.
    pub(super) level: usize,
    /// What a reader sees of it.
    pub(super) text: String,
}

impl Heading {
    /// A heading that takes a range of the text. If it has several lines, the report shows the
    /// first.
    pub(super) fn new(text: &str, range: Range<usize>, level: usize, title: String) -> Self {
        let start = text.get(..range.start).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let start = if text.get(start..).is_some_and(|t| t.starts_with('\u{feff}')) {
            start + '\u{feff}'.len_utf8()
        } else {
            start
        };
        let line = text.get(start..range.end).and_then(|t| t.lines().next()).unwrap_or_default();
        let span = Span { start, end: start + line.trim_end().len() };
        Self { start, span, body: range.end, level, text: title }
    }

    /// Whether its markup says that it is a heading.
    pub(super) fn is_marked(&self) -> bool {
        self.level < PARAGRAPH - 1
    }
}
