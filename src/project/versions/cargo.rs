//! `Cargo.toml`, with what it inherits from its workspace.

use super::cargo_lock::LOCK;
use super::file::File;
use super::kind::{Lock, VersionFile};
use super::site::{Site, SiteError};
use super::toml::{nested, parse, site, span_of, text};
use super::tree::{join, name, upwards};
use crate::base::version::Scheme;
use toml_edit::Item;

pub(super) struct Cargo;

impl VersionFile for Cargo {
    const PLACES: &'static [&'static str] =
        &["Cargo.toml", "*/Cargo.toml", "crates/*/Cargo.toml", "*/*/Cargo.toml"];
    const TOPS: &'static [&'static str] = &["Cargo.toml"];
    const SCHEME: Option<Scheme> = Some(Scheme::Semver);
    const LOCKS: &'static [Lock] = &[LOCK];

    fn is(path: &str) -> bool {
        name(path) == "Cargo.toml"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let document = parse(file, file.text)?;
        let table = document.as_table();
        let package = text(table, &["package", "name"]);
        let own = nested(table, &["package", "version"]);
        let shared = nested(table, &["workspace", "package", "version"]);
        let mut found = match (own, shared) {
            (Some(item), _) if item.is_str() => site(file, item, package),
            (_, Some(item)) => site(file, item, package),
            (Some(item), None) => {
                let workspace = text(table, &["package", "workspace"]);
                let found = inherited(file, workspace)?;
                let none = SiteError::Inherited { path: file.path.into(), span: span_of(item) };
                found.ok_or(none).map(|found| Site { package: package.map(Into::into), ..found })
            }
            (None, None) => Err(file.missing("`package.version` or `workspace.package.version`")),
        }?;
        found.private =
            nested(table, &["package", "publish"]).and_then(Item::as_bool) == Some(false);
        Ok(found)
    }
}

/// The version of a package's workspace: the workspace that it names or, otherwise, the nearest one
/// above.
fn inherited(file: &File<'_>, named: Option<&str>) -> Result<Option<Site>, SiteError> {
    let named = named.map(|folder| join(file.folder(), &format!("{folder}/Cargo.toml")));
    let above = upwards(file.folder()).map(|folder| Some(format!("{folder}Cargo.toml")));
    let paths: Vec<String> = match named {
        Some(path) => path.into_iter().collect(),
        None => above.flatten().filter(|path| path != file.path).collect(),
    };
    for path in paths {
        let Some(other) = file.other(&path)? else { continue };
        match file.there(&path, &other, shared) {
            Ok(found) => return Ok(Some(found)),
            // A package above that is not a workspace.
            Err(SiteError::Missing { .. }) => {}
            Err(SiteError::Elsewhere { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The version that a workspace defines for its members.
fn shared(root: &File<'_>) -> Result<Site, SiteError> {
    let document = parse(root, root.text)?;
    match nested(document.as_table(), &["workspace", "package", "version"]) {
        Some(item) => site(root, item, None),
        None if document.contains_key("workspace") => {
            Err(root.elsewhere("its members have their own", None))
        }
        None => Err(root.missing("`workspace`")),
    }
}
