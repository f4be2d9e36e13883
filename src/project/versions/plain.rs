//! A plain file that contains only the version (`VERSION`), or `KEY=VERSION`.

use super::capture::{Rule, by_rules, in_parts};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;

pub(super) struct Plain;

/// `VERSION=1.2.3`, in shell, make and `.env` files.
static ASSIGNED: Rule = Rule::new(
    r#"^[ \t]*(?:(?:export|readonly|local|constant|declare[ \t]+-r)[ \t]+)?(?:[A-Z]+_)?(?:VERSION|version|VER)[ \t]*:?\??=[ \t]*["']?(v?\d+\.\d+[\w.+-]*)["']?[ \t]*(?:#.*)?\r?$"#,
);

static MAJOR: Rule = Rule::new(
    r"^[ \t]*(?:export[ \t]+)?(?:[A-Z]+_)?(?:VERSION_MAJOR|MAJOR_VERSION|MAJOR)[ \t]*:?\??=[ \t]*(\d+)[ \t]*\r?$",
);
static MINOR: Rule = Rule::new(
    r"^[ \t]*(?:export[ \t]+)?(?:[A-Z]+_)?(?:VERSION_MINOR|MINOR_VERSION|MINOR)[ \t]*:?\??=[ \t]*(\d+)[ \t]*\r?$",
);
static PATCH: Rule = Rule::new(
    r"^[ \t]*(?:export[ \t]+)?(?:[A-Z]+_)?(?:VERSION_PATCH|PATCH_VERSION|VERSION_MICRO|PATCHLEVEL|PATCH|MICRO)[ \t]*:?\??=[ \t]*(\d+)[ \t]*\r?$",
);

impl VersionFile for Plain {
    const PLACES: &'static [&'static str] = &[
        "VERSION",
        "VERSION.txt",
        "version",
        "version.txt",
        ".version",
        "RELEASE",
        "*/VERSION",
        "*/VERSION.txt",
        "*/version.txt",
        "src/*/VERSION",
        "*_VERSION",
        "Makefile",
    ];
    const TRUSTED: &'static [&'static str] = &["VERSION", "VERSION.txt", "version.txt"];

    fn is(_: &str) -> bool {
        true
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let mut at = 0;
        let mut lines: Vec<(&str, usize)> = Vec::new();
        for line in file.text.split_inclusive('\n') {
            let text = line.trim();
            if !text.is_empty() && !text.starts_with('#') {
                lines.push((text, at + line.len() - line.trim_start().len()));
            }
            at += line.len();
        }
        if let Some(found) = by_rules(file, &[&ASSIGNED], None) {
            return found;
        }
        if let Some(found) = in_parts(file, [&MAJOR, &MINOR, &PATCH], None) {
            return found;
        }
        let mentions = |text: &str| text.contains([' ', '=', ':']);
        match lines.as_slice() {
            [(text, start)] if !mentions(text) || name(file.path).contains("ERSION") => {
                file.site(text, Span { start: *start, end: start + text.len() }, None)
            }
            _ => Err(file.missing("version: a plain version file contains one line, the version")),
        }
    }
}
