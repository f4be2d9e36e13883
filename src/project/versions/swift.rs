//! A version in Swift, or in Xcode's settings (`MARKETING_VERSION`).

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct Swift;

static CONSTANT: Rule = Rule::new(
    r#"^[ \t]*(?:(?:public|internal|private|fileprivate|package|static|nonisolated)[ \t]+)*(?:let|var)[ \t]+(?:version|Version|\w+Version|VERSION)[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*(?:\w+\([^"\r\n]*)?"(v?\d+\.\d[^"\r\n]*)""#,
);
static SETTING: Rule = Rule::new(r"\bMARKETING_VERSION[ \t]*=[ \t]*(\d[\w.+-]*)");

impl VersionFile for Swift {
    const PLACES: &'static [&'static str] = &[
        "Sources/*/*ersion.swift",
        "Source/*ersion.swift",
        "Sources/*/*/*ersion.swift",
        "Source/*.swift",
        "Sources/*/*.swift",
        "*.xcconfig",
        "{Config,Configs,Configurations,Configuration}/*.xcconfig",
        "*.xcodeproj/project.pbxproj",
    ];
    const TOPS: &'static [&'static str] = &["Package.swift"];
    const TRUSTED: &'static [&'static str] = &[];

    fn is(path: &str) -> bool {
        [".swift", ".xcconfig", ".pbxproj"].iter().any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&CONSTANT, &SETTING], None)
            .unwrap_or_else(|| Err(file.missing("literal `version`")))
    }
}
