//! Elixir's `mix.exs`.

use super::capture::{Rule, by_rules};
use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use crate::base::version::Scheme;

pub(super) struct Mix;

static ATTRIBUTE: Rule = Rule::new(r#"^[ \t]*@version[ \t]+["'](v?\d[^"'\r\n]*)["']"#);
static KEY: Rule = Rule::new(r#"^[ \t]*(?:\[[ \t]*)?version:[ \t]*["'](v?\d[^"'\r\n]*)["']"#);
static NAME: Rule = Rule::new(r"\bapp:[ \t]*:(\w+)");
static FROM_FILE: Rule = Rule::new(r#"File\.read!?\([ \t]*["']([\w./-]+)["']"#);

impl VersionFile for Mix {
    const PLACES: &'static [&'static str] = &["mix.exs", "apps/*/mix.exs", "*/mix.exs"];
    const TOPS: &'static [&'static str] = &["mix.exs"];
    const SCHEME: Option<Scheme> = Some(Scheme::Semver);

    fn is(path: &str) -> bool {
        path.ends_with(".exs")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let package = NAME.text(file.text);
        if let Some(found) = by_rules(file, &[&ATTRIBUTE, &KEY], package) {
            return found;
        }
        let none = || file.missing("literal `@version` or `version:`");
        let path = FROM_FILE.text(file.text).ok_or_else(none)?;
        let found = file.follow(path)?.ok_or_else(none)?;
        Ok(Site { package: package.map(str::to_owned), ..found })
    }
}
