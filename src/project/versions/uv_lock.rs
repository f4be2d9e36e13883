//! `uv.lock`: the entry of the project itself, and of each member of its workspace.

use super::file::File;
use super::kind::{Lock, LockedVersion, Package};
use super::site::SiteError;
use super::toml::{nested, parse, site, text};
use toml_edit::{Item, Table};

pub(super) const LOCK: Lock = Lock { name: "uv.lock", read: lock, refresh: "uv lock" };

fn lock(file: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError> {
    let document = parse(file, file.text)?;
    let entries = document.get("package").and_then(Item::as_array_of_tables);
    let folder = match package.folder.trim_end_matches('/') {
        "" => ".",
        folder => folder,
    };
    let here = |entry: &&Table| {
        let place = |key: &str| text(entry, &["source", key]) == Some(folder);
        nested(entry, &["source", "registry"]).is_none() && (place("editable") || place("virtual"))
    };
    let own = entries.into_iter().flatten().find(here);
    match own.and_then(|entry| entry.get("version")) {
        // An entry with a dynamic version has no version there.
        None => Ok(LockedVersion::Silent),
        Some(item) => Ok(LockedVersion::At(vec![site(file, item, None)?])),
    }
}
