//! CMake: `project(NAME VERSION 1.2.3)`, or variables.

use super::capture::{Rule, in_parts, one};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;
use regex::Regex;

pub(super) struct Cmake;

static PROJECT: Rule =
    Rule::new(r#"^[ \t]*(?i:project)[ \t]*\([^)]*?\bVERSION[ \t\r\n]+["']?([^\s"')]+)["']?"#);
static NAME: Rule = Rule::new(r#"^[ \t]*(?i:project)[ \t]*\([ \t\r\n]*["']?([\w.+-]+)"#);
static WHOLE: Rule = Rule::new(
    r#"^[ \t]*(?i:set)[ \t]*\([ \t]*(?:[A-Za-z0-9]+_)?(?:VERSION|VERSION_STRING|PROJECT_VERSION)[ \t]+["']?(v?\d+\.\d+[\w.+-]*)["']?"#,
);
static MAJOR: Rule = Rule::new(
    r#"^[ \t]*(?i:set)[ \t]*\([ \t]*\w*(?:VERSION_MAJOR|MAJOR_VERSION|VER_MAJOR)[ \t]+["']?(\d+)"#,
);
static MINOR: Rule = Rule::new(
    r#"^[ \t]*(?i:set)[ \t]*\([ \t]*\w*(?:VERSION_MINOR|MINOR_VERSION|VER_MINOR)[ \t]+["']?(\d+)"#,
);
static PATCH: Rule = Rule::new(
    r#"^[ \t]*(?i:set)[ \t]*\([ \t]*\w*(?:VERSION_(?:PATCH|MICRO|REVISION|RELEASE|BUILD)|(?:PATCH|MICRO|REVISION)_VERSION|VER_PATCH)[ \t]+["']?(\d+)"#,
);
static SUFFIX: Rule = Rule::new(
    r#"^[ \t]*(?i:set)[ \t]*\([ \t]*\w*VERSION_(?:PRERELEASE|SUFFIX|TWEAK|EXTRA)[ \t]+["']([^"'\r\n]+)["']"#,
);

impl VersionFile for Cmake {
    const PLACES: &'static [&'static str] =
        &["CMakeLists.txt", "{cmake,CMake}/*ersion*.cmake", "*ersion.cmake", "src/CMakeLists.txt"];
    const TOPS: &'static [&'static str] = &["CMakeLists.txt"];

    fn is(path: &str) -> bool {
        name(path) == "CMakeLists.txt" || path.ends_with(".cmake")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let package = NAME.text(file.text);
        if let Some((text, span)) = PROJECT.first(file.text) {
            return match text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) {
                Some(variable) => variable_in(file, variable, span, package),
                None => file.site(text, span, package),
            };
        }
        let found: Vec<(&str, Span)> = WHOLE.all(file.text);
        one(file, &found, package)
            .or_else(|| in_parts(file, [&MAJOR, &MINOR, &PATCH], Some(&SUFFIX)))
            .unwrap_or_else(|| Err(file.missing("literal `project(… VERSION …)`")))
    }
}

/// The value of a variable that is set in the same file.
fn variable_in(
    file: &File<'_>,
    variable: &str,
    span: Span,
    package: Option<&str>,
) -> Result<Site, SiteError> {
    let name = regex::escape(variable);
    let set =
        Regex::new(&format!(r#"(?i:set)[ \t]*\([ \t]*{name}[ \t]+["']?(v?\d[^\s"')]*)"#)).ok();
    let found = set.as_ref().and_then(|set| set.captures(file.text)?.get(1));
    match found {
        Some(at) => file.site(at.as_str(), Span { start: at.start(), end: at.end() }, package),
        None => in_parts(file, [&MAJOR, &MINOR, &PATCH], Some(&SUFFIX)).unwrap_or_else(|| {
            Err(file.elsewhere(format!("the variable `{variable}` is set elsewhere"), Some(span)))
        }),
    }
}
