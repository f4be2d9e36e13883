//! A version in Ruby: `VERSION = "1.2.3"`, or its parts.

use super::capture::{Rule, by_rules, in_parts};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct Ruby;

static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:[A-Z_]+[ \t]*=[ \t]*)*(?:\w+::)?VERSION[ \t]*\|{0,2}=[ \t]*(?:[A-Z_]+[ \t]*=[ \t]*)*["'](v?\d[^"'\r\n]*)["']"#,
);
static STRING: Rule =
    Rule::new(r#"^[ \t]*(?:STRING|Version|[A-Z]+_VERSION)[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static METHOD: Rule = Rule::new(
    r#"def (?:self\.)?(?:gem_)?version\b[^\r\n]*\r?\n[ \t]*(?:Gem::Version\.new\(?[ \t]*)?["'](v?\d[^"'\r\n]*)["']"#,
);
static MAJOR: Rule = Rule::new(r"^[ \t]*MAJOR[ \t]*=[ \t]*(\d+)");
static MINOR: Rule = Rule::new(r"^[ \t]*MINOR[ \t]*=[ \t]*(\d+)");
static PATCH: Rule = Rule::new(r"^[ \t]*(?:TINY|PATCH)[ \t]*=[ \t]*(\d+)");
static PRE: Rule = Rule::new(r#"^[ \t]*PRE[ \t]*=[ \t]*["']([^"'\r\n]+)["']"#);

impl VersionFile for Ruby {
    const PLACES: &'static [&'static str] = &[
        "lib/*/version.rb",
        "lib/*/*/version.rb",
        "lib/*/gem_version.rb",
        "lib/version.rb",
        "*/lib/*/version.rb",
        "*/lib/*/gem_version.rb",
        "lib/*.rb",
        "version.rb",
    ];
    const TRUSTED: &'static [&'static str] = &["version.rb"];

    fn is(path: &str) -> bool {
        path.ends_with(".rb")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&CONSTANT, &STRING, &METHOD], None)
            .or_else(|| in_parts(file, [&MAJOR, &MINOR, &PATCH], Some(&PRE)))
            .unwrap_or_else(|| Err(file.missing("literal `VERSION`")))
    }
}
