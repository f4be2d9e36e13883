//! A version in Go: a constant, optionally with HashiCorp's pre-release constant, or its parts.

use super::capture::{Rule, by_rules, in_parts};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use crate::base::source::Span;

pub(super) struct Go;

static EXACT: Rule = Rule::new(
    r#"^[ \t]*(?:const[ \t]+|var[ \t]+)?(?:Version|VERSION|version)[ \t]*(?:string[ \t]*)?=[ \t]*["`](v?\d+\.\d[^"`\r\n]*)["`]"#,
);
static NAMED: Rule = Rule::new(
    r#"^[ \t]*(?:const[ \t]+|var[ \t]+)?(?:\w*Version|\w+_VERSION)[ \t]*(?:string[ \t]*)?=[ \t]*["`](v?\d+\.\d[^"`\r\n]*)["`]"#,
);
static PRE: Rule =
    Rule::new(r#"^[ \t]*(?:const[ \t]+|var[ \t]+)?VersionPrerelease[ \t]*=[ \t]*"([^"\r\n]+)""#);
static MAJOR: Rule = Rule::new(
    r"^[ \t]*(?:const[ \t]+)?(?:Version)?(?:Major|VersionMajor|MAJOR)[ \t]*[:=][ \t]*(\d+)",
);
static MINOR: Rule = Rule::new(
    r"^[ \t]*(?:const[ \t]+)?(?:Version)?(?:Minor|VersionMinor|MINOR)[ \t]*[:=][ \t]*(\d+)",
);
static PATCH: Rule = Rule::new(
    r"^[ \t]*(?:const[ \t]+)?(?:Version)?(?:Patch(?:Level)?|VersionPatch|PATCH)[ \t]*[:=][ \t]*(\d+)",
);
static META: Rule =
    Rule::new(r#"^[ \t]*(?:const[ \t]+)?(?:Version)?(?:Meta|Suffix)[ \t]*[:=][ \t]*"([^"\r\n]+)""#);

impl VersionFile for Go {
    const PLACES: &'static [&'static str] = &[
        "version.go",
        "{version,internal/version,pkg/version,internal,cmd,pkg}/version.go",
        "*/version.go",
        "*/version/version.go",
        "{internal,pkg}/*/version.go",
        "version/*.go",
        "*/*/version*.go",
        "{const,constants,consts}.go",
    ];

    fn is(path: &str) -> bool {
        path.ends_with(".go")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        if let (Some((text, span)), Some(pre)) = (EXACT.first(file.text), PRE.text(file.text)) {
            return file.site(&format!("{text}-{pre}"), span, None);
        }
        let named = |file: &File<'_>| match NAMED.all(file.text).as_slice() {
            // If there are several names, it is unknown which one is the program's.
            [(text, span)] => Some(file.site(text, Span { ..*span }, None)),
            _ => None,
        };
        by_rules(file, &[&EXACT], None)
            .or_else(|| named(file))
            .or_else(|| in_parts(file, [&MAJOR, &MINOR, &PATCH], Some(&META)))
            .unwrap_or_else(|| Err(file.missing("literal `Version`")))
    }
}
