//! `pyproject.toml`, by PEP 621 or as Poetry writes it.

use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::toml::{nested, parse, site};
use crate::base::version::Scheme;
use toml_edit::Item;

pub(super) struct Pyproject;

impl VersionFile for Pyproject {
    const NAME: Option<&'static str> = Some("pyproject.toml");
    const SCHEME: Option<Scheme> = Some(Scheme::Pep440);

    fn read(path: &str, text: &str) -> Result<Site, SiteError> {
        let document = parse(path, text)?;
        let table = document.as_table();
        let item = nested(table, &["project", "version"])
            .or_else(|| nested(table, &["tool", "poetry", "version"]));
        let Some(item) = item else {
            let dynamic = nested(table, &["project", "dynamic"]).and_then(Item::as_array);
            let mut names = dynamic.into_iter().flatten();
            if names.any(|name| name.as_str() == Some("version")) {
                let why = "it is dynamic, made when the package is built".into();
                return Err(SiteError::Elsewhere { path: path.into(), why, span: None });
            }
            let what = "static `project.version`";
            return Err(SiteError::Missing { path: path.into(), what });
        };
        let name = nested(table, &["project", "name"])
            .or_else(|| nested(table, &["tool", "poetry", "name"]))
            .and_then(Item::as_str);
        site(path, item, name)
    }
}
