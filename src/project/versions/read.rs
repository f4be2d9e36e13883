//! Reading a version file of any kind, and its lock files.

use super::capture::by_pattern;
use super::file::{File, read_without_bom};
use super::kind::{Kind, LockedVersion, Package};
use super::registry::KINDS;
use super::site::{Site, SiteError};
use super::tree::{FileState, Tree, folder, name, upwards};
use crate::project::manifest::VersionSource;

/// The version in a file.
///
/// # Errors
/// When the file cannot be parsed, or contains no version in the place for its kind.
pub fn read(source: &VersionSource, text: &str, tree: &dyn Tree) -> Result<Site, SiteError> {
    read_without_bom(&opened(&source.path.value, text, tree), |file| match &source.pattern {
        Some(pattern) => by_pattern(file, pattern),
        None => by_kind(file),
    })
}

/// The version in a file, read according to its kind.
///
/// # Errors
/// As [`read`].
pub fn read_path(path: &str, text: &str, tree: &dyn Tree) -> Result<Site, SiteError> {
    read_without_bom(&opened(path, text, tree), by_kind)
}

/// The versions of the package in the lock files of a version file; of each kind of lock file, the
/// nearest one.
///
/// # Errors When a lock file cannot be parsed, lacks the package, or does not contain a valid
/// version for it.
pub fn locked(
    source: &VersionSource,
    site: &Site,
    tree: &dyn Tree,
) -> Result<Vec<Site>, SiteError> {
    let path = source.path.value.as_str();
    let mut sites = Vec::new();
    let locks = match (source.pattern.is_some(), kind(path)) {
        (false, Some(kind)) => kind.locks,
        (true, _) | (false, None) => &[],
    };
    for lock in locks {
        for above in upwards(folder(path)) {
            let at = format!("{above}{}", lock.name);
            let text = match tree.look(&at) {
                FileState::Text(text) => text,
                FileState::Absent => continue,
                FileState::NotFetched => return Err(SiteError::Unread { path: at, why: None }),
                FileState::Unread(why) => {
                    return Err(SiteError::Unread { path: at, why: Some(why) });
                }
            };
            let inner = folder(path).strip_prefix(above).unwrap_or_default();
            let package = Package { name: site.package.as_deref(), folder: inner, site };
            let file = opened(&at, &text, tree);
            let found = read_without_bom(&file, |file| (lock.read)(file, &package))?;
            match found {
                LockedVersion::At(found) => sites.extend(found),
                // A lock file further up may belong to another project.
                LockedVersion::Lacks if inner.is_empty() => {
                    let package = site.package.clone().unwrap_or_default();
                    return Err(SiteError::NotLocked { path: at, package, refresh: lock.refresh });
                }
                LockedVersion::Lacks | LockedVersion::Silent => {}
            }
            break;
        }
    }
    Ok(sites)
}

/// Where `tminus init` searches for version files, as globs in a package's folder, in order of
/// preference.
pub fn places() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|kind| kind.places).copied()
}

/// Patterns for places in a file that often contain the same version.
#[must_use]
pub fn also(path: &str) -> &'static [&'static str] {
    kind(path).map_or(&[], |kind| kind.also)
}

/// Whether a file marks the root of a package's folder.
pub(super) fn is_top(path: &str) -> bool {
    KINDS.iter().any(|kind| is_named(path, kind.tops))
}

/// Whether a file describes a package, so that `init` trusts it even without past releases.
#[must_use]
pub fn is_trusted(path: &str) -> bool {
    KINDS.iter().any(|kind| is_named(path, kind.trusted))
}

fn is_named(path: &str, names: &[&str]) -> bool {
    let name = name(path);
    names.iter().any(|known| match known.strip_prefix('*') {
        Some(ending) => name.ends_with(ending),
        None => name == *known,
    })
}

/// The command that updates a lock file; `None` for other files.
#[must_use]
pub fn refresh(path: &str) -> Option<&'static str> {
    let mut locks = KINDS.iter().flat_map(|kind| kind.locks);
    locks.find(|lock| lock.name == name(path)).map(|lock| lock.refresh)
}

/// Reads a file as the first kind that matches its path.
fn by_kind(file: &File<'_>) -> Result<Site, SiteError> {
    match kind(file.path) {
        Some(kind) => {
            let site = (kind.read)(file)?;
            match kind.scheme {
                Some(scheme) => site.in_scheme(scheme),
                None => Ok(site),
            }
        }
        None => Err(file.missing("version")),
    }
}

fn kind(path: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.is)(path))
}

fn opened<'f>(path: &'f str, text: &'f str, tree: &'f dyn Tree) -> File<'f> {
    File { path, text, tree, depth: 0, by_kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_named_by_a_version_kind_are_recognized_as_that_kind() {
        for (at, kind) in KINDS.iter().enumerate() {
            for declared in kind.tops.iter().chain(kind.trusted) {
                let path = format!("folder/{}", declared.replace('*', "widget"));
                let first = KINDS.iter().position(|kind| (kind.is)(&path));
                assert_eq!(first, Some(at), "`{declared}` is read as another kind");
                let named = is_top(&path) || is_trusted(&path);
                assert!(named, "{path}");
            }
        }
        assert!(is_trusted("a/b.csproj") && is_top("a/b.csproj"));
        assert!(is_trusted("lib/version.rb") && !is_top("lib/version.rb"));
        assert!(!is_trusted("Package.swift") && is_top("Package.swift"));
        assert!(!is_trusted("src/notes.txt") && !is_top("src/notes.txt"));
    }
}
