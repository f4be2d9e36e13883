//! PHP: a constant of a class, a definition, or the header of a WordPress plugin.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct Php;

static HEADER: Rule = Rule::new(r"^[ \t*#/]*Version:[ \t]*(v?\d+\.\d[\w.+-]*)[ \t]*\r?$");
static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:(?:final|public|protected|private)[ \t]+)*const[ \t]+(?:string[ \t]+)?(?:VERSION|version)[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*|@\w+@)["']"#,
);
static DEFINED: Rule =
    Rule::new(r#"define\([ \t]*["']\w*VERSION["'][ \t]*,[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static MADE: Rule = Rule::new(r#"new[ \t]+(?:VersionId|Version)\([ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static PROPERTY: Rule = Rule::new(
    r#"^[ \t]*(?:(?:public|protected|private|static)[ \t]+)+(?:string[ \t]+)?\$version[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#,
);

static ENTRY: Rule = Rule::new(r#"^[ \t]*["']version["'][ \t]*=>[ \t]*["'](v?\d[^"'\r\n]*)["']"#);

impl VersionFile for Php {
    const PLACES: &'static [&'static str] =
        &["src/*.php", "src/*/*.php", "*.php", "lib/*.php", "src/{Version,*/Version}.php"];

    fn is(path: &str) -> bool {
        path.ends_with(".php")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&HEADER, &CONSTANT, &DEFINED, &MADE, &PROPERTY, &ENTRY], None)
            .unwrap_or_else(|| Err(file.missing("literal `VERSION`")))
    }
}
