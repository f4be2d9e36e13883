//! Values in TOML, with their locations.

use super::file::File;
use super::site::{Site, SiteError};
use crate::base::source::Span;
use toml_edit::{Document, Item, Table};

pub(super) fn parse<'t>(file: &File<'_>, text: &'t str) -> Result<Document<&'t str>, SiteError> {
    Document::parse(text).map_err(|error| {
        let span = error.span().map(|range| Span { start: range.start, end: range.end });
        file.unparsable(error.message(), span)
    })
}

pub(super) fn nested<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Item> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(first)?, |item, key| item.as_table_like()?.get(key))
}

/// The text under nested keys.
pub(super) fn text<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t str> {
    nested(table, keys).and_then(Item::as_str)
}

pub(super) fn span_of(item: &Item) -> Span {
    item.span().map_or(Span::default(), |range| Span { start: range.start, end: range.end })
}

pub(super) fn site(file: &File<'_>, item: &Item, package: Option<&str>) -> Result<Site, SiteError> {
    let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    file.site(&text, span_of(item), package)
}
