//! `setup.cfg`: `version = 1.2.3`, `attr: widget.__version__`, `file: VERSION`.

use super::capture::Rule;
use super::file::File;
use super::kind::VersionFile;
use super::pyproject::by_attr;
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;
use crate::base::version::Scheme;

pub(super) struct SetupCfg;

static METADATA: Rule = Rule::new(r"^\[metadata\][ \t]*\r?\n((?:[^\[\r\n].*\r?\n?|\r?\n)*)");
static VERSION: Rule = Rule::new(r"^version[ \t]*[=:][ \t]*(\S(?:[^\r\n]*\S)?)[ \t]*\r?$");
static NAME: Rule = Rule::new(r"^name[ \t]*[=:][ \t]*(\S+)");
static FOLDER: Rule = Rule::new(r"^package_dir[ \t]*=(?:[ \t]*\r?\n)?[ \t]*=[ \t]*(\S+)");

impl VersionFile for SetupCfg {
    const PLACES: &'static [&'static str] = &["setup.cfg"];
    const TOPS: &'static [&'static str] = &["setup.cfg"];
    const SCHEME: Option<Scheme> = Some(Scheme::Pep440);

    fn is(path: &str) -> bool {
        name(path) == "setup.cfg"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let none = || file.missing("`version` under `[metadata]`");
        let (section, at) = METADATA.first(file.text).ok_or_else(none)?;
        let (text, place) = VERSION.first(section).ok_or_else(none)?;
        let span = Span { start: at.start + place.start, end: at.start + place.end };
        let package = NAME.text(section);
        let followed = if let Some(attr) = text.strip_prefix("attr:") {
            by_attr(file, attr, FOLDER.text(file.text))?
        } else if let Some(path) = text.strip_prefix("file:") {
            file.follow(path.trim())?
        } else {
            return file.site(text, span, package);
        };
        let found =
            followed.ok_or_else(|| file.elsewhere(format!("it is `{text}`"), Some(span)))?;
        Ok(Site { package: package.map(str::to_owned), ..found })
    }
}
