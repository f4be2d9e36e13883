//! Values in TOML, with their locations.

use super::site::{Site, SiteError, version};
use crate::base::source::Span;
use toml_edit::{Document, Item, Table};

pub(super) fn parse<'t>(path: &str, text: &'t str) -> Result<Document<&'t str>, SiteError> {
    Document::parse(text).map_err(|error| SiteError::Unparsable {
        path: path.into(),
        why: error.message().to_owned(),
        span: error.span().map(|range| Span { start: range.start, end: range.end }),
    })
}

pub(super) fn nested<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Item> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(first)?, |item, key| item.as_table_like()?.get(key))
}

pub(super) fn span_of(item: &Item) -> Span {
    item.span().map_or(Span::default(), |range| Span { start: range.start, end: range.end })
}

pub(super) fn site(path: &str, item: &Item, package: Option<&str>) -> Result<Site, SiteError> {
    let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    version(path, &text, span_of(item), package)
}
