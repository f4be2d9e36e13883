//! Autoconf: `AC_INIT([widget], [1.2.3])`, where the version can be a macro.

use super::capture::{Rule, in_parts};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;
use regex::Regex;

pub(super) struct Autoconf;

static INIT: Rule = Rule::new(
    r"^[ \t]*AC_INIT[ \t]*\([ \t\r\n]*\[?[^\],()]+\]?[ \t\r\n]*,[ \t\r\n]*\[?([^\],()\s]+)\]?",
);
static NAME: Rule = Rule::new(r"^[ \t]*AC_INIT[ \t]*\([ \t\r\n]*\[?([\w.+-]+)");
static MAJOR: Rule = Rule::new(r"m4_define\([ \t]*\[\w*major\w*\][ \t]*,[ \t]*\[?(\d+)");
static MINOR: Rule = Rule::new(r"m4_define\([ \t]*\[\w*minor\w*\][ \t]*,[ \t]*\[?(\d+)");
static PATCH: Rule =
    Rule::new(r"m4_define\([ \t]*\[\w*(?:micro|patch|revision)\w*\][ \t]*,[ \t]*\[?(\d+)");

impl VersionFile for Autoconf {
    const PLACES: &'static [&'static str] = &["configure.ac", "configure.in"];
    const TRUSTED: &'static [&'static str] = &["configure.ac"];

    fn is(path: &str) -> bool {
        matches!(name(path), "configure.ac" | "configure.in") || path.ends_with(".m4")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let Some((text, span)) = INIT.first(file.text) else {
            return Err(file.missing("literal `AC_INIT`"));
        };
        let package = NAME.text(file.text);
        if text.trim_start_matches('v').starts_with(|letter: char| letter.is_ascii_digit()) {
            return file.site(text, span, package);
        }
        let name = regex::escape(text);
        let macro_of =
            Regex::new(&format!(r"m4_define\([ \t]*\[{name}\][ \t]*,[ \t]*\[?(v?\d[^\s\])]*)"));
        let found = macro_of.ok().and_then(|it| {
            let at = it.captures(file.text)?.get(1)?;
            Some((at.as_str(), Span { start: at.start(), end: at.end() }))
        });
        match found {
            Some((text, span)) => file.site(text, span, package),
            None => in_parts(file, [&MAJOR, &MINOR, &PATCH], None).unwrap_or_else(|| {
                Err(file.elsewhere(format!("`{text}` is set elsewhere"), Some(span)))
            }),
        }
    }
}
