//! C and C++: `#define WIDGET_VERSION "1.2.3"`, its parts, a constant, or one number with all parts.

use super::capture::{Rule, by_rules, in_parts};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct Header;

static NAMED: Rule = Rule::new(
    r#"^[ \t]*#[ \t]*define[ \t]+\w*(?:VERSION|VER)(?:_STRING|_STR|_TEXT|_NAME)?[ \t]+\(?[ \t]*L?"(v?\d+\.\d[^"\r\n]*)""#,
);
static MAJOR: Rule = Rule::new(
    r#"^[ \t]*#[ \t]*define[ \t]+\w*(?:VERSION_MAJOR|MAJOR_VERSION|VER_MAJOR|VERSION_HI)[ \t]+"?(\d+)"#,
);
static MINOR: Rule = Rule::new(
    r#"^[ \t]*#[ \t]*define[ \t]+\w*(?:VERSION_MINOR|MINOR_VERSION|VER_MINOR|VERSION_MID)[ \t]+"?(\d+)"#,
);
static PATCH: Rule = Rule::new(
    r#"^[ \t]*#[ \t]*define[ \t]+\w*(?:VERSION_(?:PATCH(?:LEVEL)?|MICRO|RELEASE|REVISION|TINY|BUGFIX|LO|SUBMINOR)|(?:PATCH|MICRO|PATCHLEVEL|REVISION|SUBMINOR)_VERSION|VER_(?:PATCH|MICRO|REVISION))[ \t]+"?(\d+)"#,
);
static SUFFIX: Rule = Rule::new(
    r#"^[ \t]*#[ \t]*define[ \t]+\w*VERSION_(?:SUFFIX|PRERELEASE|EXTRA|TAG)[ \t]+"([^"\r\n]+)""#,
);
static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:static|inline|const|constexpr|extern)\b[^\r\n=;]*\b\w*(?:version|Version|VERSION)(?:_string|String)?(?:\[\])?[ \t]*[={][ \t]*"(v?\d+\.\d[^"\r\n]*)""#,
);
static PACKED: Rule = Rule::new(
    r"^[ \t]*#[ \t]*define[ \t]+\w*(?:VERSION|version)(?:_(?:NUMBER|NUM|INT|CODE))?[ \t]+\(?(\d{5,9})[uUlL]*\)?[ \t]*(?:/[/*].*)?\r?$",
);

/// `#define WIDGET_VERSION 10203`: two digits for each number behind the first, or three in a number
/// that is longer.
fn packed(file: &File<'_>) -> Option<Result<Site, SiteError>> {
    let found = PACKED.all(file.text);
    let [(digits, span)] = found.as_slice() else { return None };
    let number: u64 = digits.parse().ok()?;
    let base = if digits.len() < 7 { 100 } else { 1000 };
    let (major, minor, patch) = (number / (base * base), number / base % base, number % base);
    Some(file.site(&format!("{major}.{minor}.{patch}"), *span, None))
}

impl VersionFile for Header {
    const PLACES: &'static [&'static str] = &[
        "{,src,include,lib,Source,source}/*ersion*.{h,hpp,hh}",
        "{src,include,lib}/*/*ersion*.{h,hpp,hh}",
        "include/*/*/*ersion*.{h,hpp,hh}",
        "*ersion*.{h,hpp}",
        "include/*/*ver.h",
        "*.{h,hpp}",
        "{src,include,lib}/*.{h,hpp}",
        "include/*/*.{h,hpp}",
        "src/*/*.h",
        "src/version.{c,cc,cpp}",
    ];

    fn is(path: &str) -> bool {
        [".h", ".hpp", ".hh", ".hxx", ".c", ".cc", ".cpp"]
            .iter()
            .any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&NAMED], None)
            .or_else(|| in_parts(file, [&MAJOR, &MINOR, &PATCH], Some(&SUFFIX)))
            .or_else(|| by_rules(file, &[&CONSTANT], None))
            .or_else(|| packed(file))
            .unwrap_or_else(|| Err(file.missing("literal `#define …_VERSION`")))
    }
}
