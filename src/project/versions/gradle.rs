//! Gradle: `version` in `gradle.properties` and in build scripts.

use super::capture::{Rule, by_rules, one};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use crate::base::source::Span;

pub(super) struct Properties;

static NAMED: [Rule; 4] = [
    Rule::new(r"^[ \t]*version[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$"),
    Rule::new(r"^[ \t]*(?:VERSION_NAME|VERSION)[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$"),
    Rule::new(
        r"^[ \t]*(?:projectVersion|project\.version|currentVersion|mod_version|modVersion|libraryVersion|POM_VERSION|publishVersion)[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$",
    ),
    Rule::new(r"^[ \t]*[\w.]+[._]?[vV]ersion(?:_NAME)?[ \t]*[=:][ \t]*(\d+\.\S+)[ \t]*\r?$"),
];

impl VersionFile for Properties {
    const PLACES: &'static [&'static str] = &["gradle.properties", "version.properties"];
    const TOPS: &'static [&'static str] = &["gradle.properties"];

    fn is(path: &str) -> bool {
        path.ends_with(".properties")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let [first, second, third, last] = &NAMED;
        let usual = by_rules(file, &[first, second, third], None);
        let none = || Err(file.missing("`version`"));
        // Otherwise the only property whose name ends with `version`.
        usual.unwrap_or_else(|| match last.all(file.text).as_slice() {
            [(text, span)] => file.site(text, *span, None),
            _ => none(),
        })
    }
}

pub(super) struct Gradle;

static ASSIGNED: Rule = Rule::new(
    r#"^([ \t]*)(?:project\.|this\.)?version[ \t]*(?:=|\(|[ \t])[ \t]*["']v?\d[^"'\r\n]*["']"#,
);
static VALUE: Rule = Rule::new(
    r#"^[ \t]*(?:project\.|this\.)?version[ \t]*(?:=|\(|[ \t])[ \t]*["'](v?\d[^"'\r\n]*)["']"#,
);
static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:(?:public|internal|private|const)[ \t]+)*(?:val|def|ext|var|final String)[ .][ \t]*(?:projectVersion|libVersion|libraryVersion|releaseVersion|publishVersion|versionName|version|appVersion|VERSION)[ \t]*(?::[ \t]*String[ \t]*)?=[ \t]*["'](v?\d[^"'\r\n]*)["']"#,
);
static ANDROID: Rule = Rule::new(r#"^[ \t]*versionName[ \t]*=?[ \t]*["'](v?\d[^"'\r\n]*)["']"#);

impl VersionFile for Gradle {
    const PLACES: &'static [&'static str] = &[
        "build.gradle.kts",
        "build.gradle",
        "{app,lib,library}/build.gradle.kts",
        "{app,lib,library}/build.gradle",
        "{build-logic,buildSrc,gradle}/**/*.gradle.kts",
        "{build-logic,buildSrc,gradle}/**/*.gradle",
        "buildSrc/src/main/*/*.kt",
    ];
    const TOPS: &'static [&'static str] = &["build.gradle", "build.gradle.kts"];
    const TRUSTED: &'static [&'static str] = &["*.gradle", "*.gradle.kts"];

    fn is(path: &str) -> bool {
        [".gradle", ".gradle.kts", ".kt"].iter().any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        if let Some(found) = outermost(file) {
            return found;
        }
        by_rules(file, &[&CONSTANT, &ANDROID], None)
            .unwrap_or_else(|| Err(file.missing("literal `version`")))
    }
}

/// Of several assignments, those with the least indentation: others belong to a plugin or a
/// dependency.
fn outermost(file: &File<'_>) -> Option<Result<Site, SiteError>> {
    let indents: Vec<usize> =
        ASSIGNED.all(file.text).iter().map(|(indent, _)| indent.len()).collect();
    let least = indents.iter().min()?;
    let values = VALUE.all(file.text);
    let paired = indents.iter().zip(&values).filter(|(indent, _)| *indent == least);
    let found: Vec<(&str, Span)> = paired.map(|(_, value)| *value).collect();
    one(file, &found, None)
}
