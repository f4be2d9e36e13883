//! Values in XML, with their locations.

use super::file::File;
use super::site::SiteError;
use crate::base::source::Span;
use roxmltree::{Document, Node, ParsingOptions};

pub(super) fn parse<'t>(file: &File<'_>, text: &'t str) -> Result<Document<'t>, SiteError> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: 200_000, ..Default::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let line: usize = text
            .split_inclusive('\n')
            .take(usize::try_from(at.row).unwrap_or_default().saturating_sub(1))
            .map(str::len)
            .sum();
        let start = line.min(text.len());
        file.unparsable(error.to_string(), Some(Span { start, end: start }))
    })
}

/// The child with this name.
pub(super) fn child<'a, 't>(node: Node<'a, 't>, name: &str) -> Option<Node<'a, 't>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// The text of an element, with its location.
pub(super) fn text<'a>(node: Node<'a, '_>) -> Option<(&'a str, Span)> {
    let inner = node.children().find(|child| {
        child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty())
    })?;
    let (whole, range) = (inner.text()?, inner.range());
    let text = whole.trim();
    let start = range.start + (whole.len() - whole.trim_start().len());
    Some((text, Span { start, end: (start + text.len()).min(range.end) }))
}

/// The text of the child with this name, with its location.
pub(super) fn text_of<'a>(node: Node<'a, '_>, name: &str) -> Option<(&'a str, Span)> {
    child(node, name).and_then(text)
}
