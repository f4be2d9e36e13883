//! `setup.py` with a literal version.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::version::Scheme;

pub(super) struct SetupPy;

static ARGUMENT: Rule =
    Rule::new(r#"(?:^|[(,\s])version[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["'][ \t]*[,)\r\n]"#);
static CONSTANT: Rule = Rule::new(
    r#"^(?:__version__|VERSION|version|_version|PACKAGE_VERSION|release)[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#,
);
static NAME: Rule = Rule::new(r#"(?:^|[(,\s])name[ \t]*=[ \t]*["']([\w.-]+)["']"#);

impl VersionFile for SetupPy {
    const PLACES: &'static [&'static str] = &["setup.py", "python/setup.py"];
    const TOPS: &'static [&'static str] = &["setup.py"];
    const SCHEME: Option<Scheme> = Some(Scheme::Pep440);

    fn is(path: &str) -> bool {
        name(path) == "setup.py"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        by_rules(file, &[&ARGUMENT, &CONSTANT], NAME.text(file.text))
            .unwrap_or_else(|| Err(file.missing("literal `version`")))
    }
}
