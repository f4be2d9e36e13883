//! `Cargo.toml`, and the `Cargo.lock` beside it.

use super::kind::{Lock, VersionFile};
use super::site::{Site, SiteError};
use super::toml::{nested, parse, site, span_of};
use crate::base::version::Scheme;
use toml_edit::Item;

pub(super) struct Cargo;

impl VersionFile for Cargo {
    const NAME: Option<&'static str> = Some("Cargo.toml");
    const SCHEME: Option<Scheme> = Some(Scheme::Semver);
    const LOCK: Option<Lock> =
        Some(Lock { name: "Cargo.lock", read: lock, refresh: "cargo update --workspace" });

    fn read(path: &str, text: &str) -> Result<Site, SiteError> {
        let document = parse(path, text)?;
        let package = document.get("package").and_then(Item::as_table);
        let name = package.and_then(|table| table.get("name")).and_then(Item::as_str);
        let workspace = nested(document.as_table(), &["workspace", "package", "version"]);
        let own = package.and_then(|table| table.get("version"));
        match (own, workspace) {
            (Some(item), _) if item.is_str() => site(path, item, name),
            (_, Some(item)) => site(path, item, name),
            (Some(item), None) => {
                Err(SiteError::Inherited { path: path.into(), span: span_of(item) })
            }
            (None, None) => {
                let what = "`package.version` or `workspace.package.version`";
                Err(SiteError::Missing { path: path.into(), what })
            }
        }
    }
}

fn lock(path: &str, text: &str, package: &str) -> Result<Option<Site>, SiteError> {
    let document = parse(path, text)?;
    let packages = document.get("package").and_then(Item::as_array_of_tables);
    let own = packages.into_iter().flatten().find(|table| {
        table.get("name").and_then(Item::as_str) == Some(package) && !table.contains_key("source")
    });
    own.and_then(|table| table.get("version")).map(|item| site(path, item, None)).transpose()
}
