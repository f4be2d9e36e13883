//! `Cargo.lock`: the entries of the project's own packages.

use super::file::File;
use super::kind::{Lock, LockedVersion, Package};
use super::site::{Site, SiteError};
use super::toml::{nested, parse, site, text};
use super::tree::join;
use toml_edit::{Item, Table};

pub(super) const LOCK: Lock =
    Lock { name: "Cargo.lock", read: lock, refresh: "cargo update --workspace" };

fn lock(file: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError> {
    let document = parse(file, file.text)?;
    let entries = document.get("package").and_then(Item::as_array_of_tables);
    // A dependency of the same name has a source.
    let own: Vec<&Table> =
        entries.into_iter().flatten().filter(|entry| !entry.contains_key("source")).collect();
    let entry = |name: &str| own.iter().copied().find(|entry| text(entry, &["name"]) == Some(name));
    let at = |entry: &Table| entry.get("version").map(|item| site(file, item, None)).transpose();
    let mut names: Vec<String> = members(file, package)?;
    names.retain(|name| Some(name.as_str()) != package.name);
    let mut sites = Vec::new();
    if let Some(name) = package.name {
        let Some(entry) = entry(name) else { return Ok(LockedVersion::Lacks) };
        sites.extend(at(entry)?);
    } else if names.is_empty() {
        sites.extend(of_workspace(&own, package, at));
    }
    for name in names {
        if let Some(entry) = entry(&name) {
            sites.extend(at(entry)?);
        }
    }
    Ok(if sites.is_empty() { LockedVersion::Silent } else { LockedVersion::At(sites) })
}

/// Members that inherit the version of the workspace, if it lists them individually.
fn members(lock: &File<'_>, package: &Package<'_>) -> Result<Vec<String>, SiteError> {
    let root = format!("{}Cargo.toml", lock.folder());
    if package.site.path != root {
        return Ok(Vec::new());
    }
    let Some(manifest) = lock.other(&root)? else { return Ok(Vec::new()) };
    let document = parse(lock, &manifest)?;
    if nested(document.as_table(), &["workspace", "package", "version"]).is_none() {
        return Ok(Vec::new());
    }
    let members = nested(document.as_table(), &["workspace", "members"]).and_then(Item::as_array);
    let folders = members.into_iter().flatten().filter_map(|member| member.as_str());
    let mut names = Vec::new();
    for folder in folders.filter(|folder| !folder.contains(['*', '?', '['])) {
        let Some(path) = join(lock.folder(), &format!("{folder}/Cargo.toml")) else {
            continue;
        };
        let Some(member) = lock.other(&path)? else { continue };
        let Ok(member) = toml_edit::Document::parse(member.as_ref()) else { continue };
        let inherits = nested(member.as_table(), &["package", "version", "workspace"]);
        if inherits.and_then(Item::as_bool) == Some(true) {
            names.extend(text(member.as_table(), &["package", "name"]).map(str::to_owned));
        }
    }
    Ok(names)
}

/// For a workspace whose members are not listed individually: an entry with the workspace's
/// version, otherwise one with another version. Members with their own version cannot be
/// distinguished from it.
fn of_workspace(
    own: &[&Table],
    package: &Package<'_>,
    at: impl Fn(&Table) -> Result<Option<Site>, SiteError>,
) -> Option<Site> {
    let mut sites = own.iter().filter_map(|entry| at(entry).ok().flatten()).collect::<Vec<_>>();
    let same = sites.iter().position(|site| site.version == package.site.version).unwrap_or(0);
    (same < sites.len()).then(|| sites.swap_remove(same))
}
