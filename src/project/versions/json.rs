//! `package.json` with `package-lock.json` beside it, and any other JSON with a top-level `version`.

use super::kind::{Lock, VersionFile};
use super::site::{Site, SiteError, version};
use crate::base::source::Span;
use crate::base::version::Scheme;
use jsonc_parser::ast::Value as Json;

pub(super) struct PackageJson;

impl VersionFile for PackageJson {
    const NAME: Option<&'static str> = Some("package.json");
    const SCHEME: Option<Scheme> = Some(Scheme::Semver);
    const LOCK: Option<Lock> = Some(Lock {
        name: "package-lock.json",
        read: |path, text, _| match json(path, text) {
            Err(SiteError::Missing { .. }) => Ok(None),
            read => read.map(Some),
        },
        refresh: "npm install --package-lock-only",
    });

    fn read(path: &str, text: &str) -> Result<Site, SiteError> {
        json(path, text)
    }
}

pub(super) struct AnyJson;

impl VersionFile for AnyJson {
    const NAME: Option<&'static str> = None;

    fn is(name: &str) -> bool {
        name.ends_with(".json")
    }

    fn read(path: &str, text: &str) -> Result<Site, SiteError> {
        json(path, text)
    }
}

fn json(path: &str, text: &str) -> Result<Site, SiteError> {
    let parsed = jsonc_parser::parse_to_ast(
        text.strip_prefix('\u{feff}').unwrap_or(text),
        &jsonc_parser::CollectOptions::default(),
        &jsonc_parser::ParseOptions::default(),
    );
    let shift = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let unparsable = |why: String, span| SiteError::Unparsable { path: path.into(), why, span };
    let root = parsed.map_err(|error| {
        let range = error.range();
        let span = Span { start: range.start + shift, end: range.end + shift };
        unparsable(error.kind().to_string(), Some(span))
    })?;
    let missing = SiteError::Missing { path: path.into(), what: "top-level `version`" };
    let Some(Json::Object(object)) = root.value else { return Err(missing) };
    let name = object.get_string("name").map(|literal| literal.value.to_string());
    match object.get("version").map(|property| &property.value) {
        Some(Json::StringLit(literal)) => {
            let span = Span { start: literal.range.start + shift, end: literal.range.end + shift };
            version(path, &literal.value, span, name.as_deref())
        }
        Some(_) | None => Err(missing),
    }
}
