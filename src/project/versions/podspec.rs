//! CocoaPods' specification.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};

pub(super) struct Podspec;

static VERSION: Rule = Rule::new(r#"^[ \t]*\w+\.version[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static CONSTANT: Rule = Rule::new(r#"^[ \t]*version[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static NAME: Rule = Rule::new(r#"^[ \t]*\w+\.name[ \t]*=[ \t]*["']([\w.+-]+)["']"#);

impl VersionFile for Podspec {
    const PLACES: &'static [&'static str] = &["*.podspec"];
    const TOPS: &'static [&'static str] = &["*.podspec"];

    fn is(path: &str) -> bool {
        path.ends_with(".podspec")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&VERSION, &CONSTANT], NAME.text(file.text))
            .unwrap_or_else(|| Err(file.missing("literal `version`")))
    }
}
