//! `meson.build`: `project('widget', 'c', version: '1.2.3')`, or a file that is named there.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;

pub(super) struct Meson;

static VERSION: Rule = Rule::new(r"project[ \t]*\([^)]*?\bversion[ \t]*:[ \t]*'(v?\d[^'\r\n]*)'");
static NAME: Rule = Rule::new(r"project[ \t]*\([ \t\r\n]*'([\w.+-]+)'");
static FROM_FILE: Rule = Rule::new(
    r"\bversion[ \t]*:[ \t]*(?:files[ \t]*\([ \t]*'([\w./-]+)'|run_command[ \t]*\([ \t]*'cat'[ \t]*,[ \t]*'([\w./-]+)')",
);

impl VersionFile for Meson {
    const PLACES: &'static [&'static str] = &["meson.build"];
    const TRUSTED: &'static [&'static str] = &["meson.build"];

    fn is(path: &str) -> bool {
        name(path) == "meson.build"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let package = NAME.text(file.text);
        if let Some(found) = by_rules(file, &[&VERSION], package) {
            return found;
        }
        let none = || file.missing("literal `version` of `project()`");
        let path = FROM_FILE.text(file.text).ok_or_else(none)?;
        let found = file.follow(path)?.ok_or_else(none)?;
        Ok(Site { package: package.map(str::to_owned), ..found })
    }
}
