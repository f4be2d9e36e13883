//! Versions that are found by a pattern with one capture.

use super::file::File;
use super::site::{Site, SiteError};
use crate::base::source::Span;
use crate::project::manifest::LinePattern;
use regex::{Regex, RegexBuilder};
use std::sync::OnceLock;

/// A pattern that is compiled on first use. `^` and `$` match at line boundaries.
pub(super) struct Rule {
    pattern: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Rule {
    pub(super) const fn new(pattern: &'static str) -> Self {
        Self { pattern, compiled: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || RegexBuilder::new(self.pattern).multi_line(true).build().ok();
        self.compiled.get_or_init(compile).as_ref()
    }

    /// The captured text of each match, with its location: the first capture group that matched.
    pub(super) fn all<'t>(&self, text: &'t str) -> Vec<(&'t str, Span)> {
        let captures = self.regex().into_iter().flat_map(|regex| regex.captures_iter(text));
        let first = captures.filter_map(|found| found.iter().skip(1).flatten().next());
        first.map(|at| (at.as_str(), Span { start: at.start(), end: at.end() })).collect()
    }

    /// The first captured text.
    pub(super) fn first<'t>(&self, text: &'t str) -> Option<(&'t str, Span)> {
        self.all(text).into_iter().next()
    }

    /// The first captured text, without its location.
    pub(super) fn text<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.first(text).map(|(text, _)| text)
    }
}

/// The only version in the captured texts, which can occur several times.
pub(super) fn one(
    file: &File<'_>,
    found: &[(&str, Span)],
    package: Option<&str>,
) -> Option<Result<Site, SiteError>> {
    let (first, span) = *found.first()?;
    if let Some((second, span)) = found.iter().find(|(text, _)| *text != first) {
        return Some(Err(SiteError::Several {
            path: file.path.into(),
            first: first.into(),
            second: (*second).into(),
            span: *span,
        }));
    }
    Some(file.site(first, span, package))
}

/// The version that the first matching rule finds.
pub(super) fn by_rules(
    file: &File<'_>,
    rules: &[&Rule],
    package: Option<&str>,
) -> Option<Result<Site, SiteError>> {
    rules.iter().find_map(|rule| one(file, &rule.all(file.text), package))
}

/// A version whose numbers are written separately, each matched by a rule: major, minor, patch. A
/// fourth rule matches the part after them.
pub(super) fn in_parts(
    file: &File<'_>,
    [major, minor, patch]: [&Rule; 3],
    suffix: Option<&Rule>,
) -> Option<Result<Site, SiteError>> {
    let (major, at) = major.first(file.text)?;
    let (minor, _) = minor.first(file.text)?;
    let (patch, last) = patch.first(file.text)?;
    let span = Span { start: at.start.min(last.start), end: at.end.max(last.end) };
    let suffix = suffix.and_then(|rule| rule.text(file.text)).unwrap_or_default();
    let dash = if suffix.is_empty() || suffix.starts_with(['-', '.', '+']) { "" } else { "-" };
    let suffix = if suffix.eq_ignore_ascii_case("stable") { "" } else { suffix };
    let dash = if suffix.is_empty() { "" } else { dash };
    Some(file.site(&format!("{major}.{minor}.{patch}{dash}{suffix}"), span, None))
}

/// The version that the manifest's own pattern finds.
pub(super) fn by_pattern(file: &File<'_>, pattern: &LinePattern) -> Result<Site, SiteError> {
    let found: Vec<(&str, Span)> = pattern.captures(file.text).collect();
    one(file, &found, None).unwrap_or_else(|| {
        let pattern = pattern.as_str().to_owned();
        Err(SiteError::NoMatch { path: file.path.into(), pattern })
    })
}
