//! A gem's specification, with `Gemfile.lock` beside it.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::{Lock, LockedVersion, Package, VersionFile};
use super::ruby::Ruby;
use super::site::{Site, SiteError};
use crate::base::source::Span;

pub(super) struct Gemspec;

static VERSION: Rule = Rule::new(r#"^[ \t]*\w+\.version[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static CONSTANT: Rule =
    Rule::new(r#"^[ \t]*(?:version|VERSION)[ \t]*=[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static NAME: Rule = Rule::new(r#"^[ \t]*\w+\.name[ \t]*=[ \t]*["']([\w.-]+)["']"#);
static REQUIRED: Rule = Rule::new(
    r#"(?:require|require_relative|load)[ \t(]+(?:File\.expand_path\()?["'](?:\./|\.\./)?(?:lib/)?([\w./-]*version)(?:\.rb)?["']"#,
);
static FROM_FILE: Rule =
    Rule::new(r#"File\.read\([^)\r\n]*["'](?:\.\./|\./)?/?([\w.-]*VERSION)["']"#);
static PATHS: Rule = Rule::new(r"^PATH\r?\n  remote: \.\r?\n  specs:\r?\n((?:    .*\r?\n?)+)");
static SPEC: Rule = Rule::new(r"^    ([\w.-]+ \([^)\r\n]+\))\r?$");

impl VersionFile for Gemspec {
    const PLACES: &'static [&'static str] = &["*.gemspec", "*/*.gemspec"];
    const TOPS: &'static [&'static str] = &["*.gemspec"];
    const LOCKS: &'static [Lock] =
        &[Lock { name: "Gemfile.lock", read: lock, refresh: "bundle lock" }];

    fn is(path: &str) -> bool {
        path.ends_with(".gemspec")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let package = NAME.text(file.text);
        if let Some(found) = by_rules(file, &[&VERSION, &CONSTANT], package) {
            return found;
        }
        let named = |site: Site| Site { package: package.map(str::to_owned), ..site };
        if let Some(name) = FROM_FILE.text(file.text) {
            let beside = [name.to_owned(), format!("../{name}")];
            if let Some(site) = file.first_of(beside, file.by_kind)? {
                return Ok(named(site));
            }
        }
        let required = REQUIRED.text(file.text).into_iter();
        let required = required.flat_map(|path| [format!("lib/{path}.rb"), format!("{path}.rb")]);
        let by_name = package.map(|name| format!("lib/{}/version.rb", name.replace('-', "/")));
        match file.first_of(required.chain(by_name), Ruby::read)? {
            Some(site) => Ok(named(site)),
            None => Err(file.missing("literal `version`")),
        }
    }
}

/// Bundler records the gem of the folder itself under `PATH`.
fn lock(file: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError> {
    let (Some(name), Some((specs, at))) = (package.name, PATHS.first(file.text)) else {
        return Ok(LockedVersion::Silent);
    };
    for (spec, place) in SPEC.all(specs) {
        if let Some(text) = spec.strip_prefix(name).and_then(|rest| rest.strip_prefix(" (")) {
            let start = at.start + place.start + name.len() + 2;
            let text = text.trim_end_matches(')');
            let span = Span { start, end: start + text.len() };
            return Ok(LockedVersion::At(vec![file.site(text, span, None)?]));
        }
    }
    Ok(LockedVersion::Silent)
}
