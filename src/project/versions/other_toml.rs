//! Other TOML with a `version`, at the top or under `project` or `package` (Julia's `Project.toml`,
//! Typst's `typst.toml`).

use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::toml::{nested, parse, site, text};
use toml_edit::Item;

pub(super) struct AnyToml;

impl VersionFile for AnyToml {
    const PLACES: &'static [&'static str] =
        &["Project.toml", "typst.toml", "gleam.toml", "pixi.toml"];
    const TRUSTED: &'static [&'static str] = &["Project.toml"];

    fn is(path: &str) -> bool {
        path.ends_with(".toml")
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let document = parse(file, file.text)?;
        let table = document.as_table();
        let places: [&[&str]; 4] = [
            &["version"],
            &["project", "version"],
            &["package", "version"],
            &["workspace", "version"],
        ];
        let found = places.iter().filter_map(|keys| nested(table, keys)).find(|item| item.is_str());
        let name = text(table, &["name"]).or_else(|| text(table, &["package", "name"]));
        match found {
            Some(item @ Item::Value(_)) => site(file, item, name),
            Some(_) | None => Err(file.missing("`version`")),
        }
    }
}
