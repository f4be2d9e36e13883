//! Reads a version file of any kind, and its lock file.

use super::kind::{Kind, Lock};
use super::registry::KINDS;
use super::site::{Site, SiteError};

/// The version that a file carries.
///
/// # Errors
/// When the file does not parse, or holds no version where its kind keeps it.
pub fn read(path: &str, text: &str) -> Result<Site, SiteError> {
    match kind(path) {
        Some(kind) => {
            let site = (kind.read)(path, text)?;
            match kind.scheme {
                Some(scheme) => site.in_scheme(path, scheme),
                None => Ok(site),
            }
        }
        None => Err(SiteError::Missing { path: path.into(), what: "version" }),
    }
}

/// The names that a package's version file may have in its folder.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter_map(|kind| kind.name)
}

/// The lock file that may stand beside a version file.
#[must_use]
pub fn lock_beside(path: &str) -> Option<String> {
    let lock = kind(path)?.lock?.name;
    let folder = path.strip_suffix(file_name(path)).unwrap_or("");
    Some(format!("{folder}{lock}"))
}

/// The version that a lock file records for the package itself; `None` where it records none.
///
/// # Errors
/// When the file does not parse, or what it records is no version.
pub fn read_lock(path: &str, text: &str, package: &str) -> Result<Option<Site>, SiteError> {
    match lock(path) {
        Some(lock) => (lock.read)(path, text, package),
        None => Ok(None),
    }
}

/// The command that writes a lock file anew; `None` for what is no lock file.
#[must_use]
pub fn refresh(path: &str) -> Option<&'static str> {
    lock(path).map(|lock| lock.refresh)
}

fn kind(path: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.is)(file_name(path)))
}

fn lock(path: &str) -> Option<Lock> {
    KINDS.iter().filter_map(|kind| kind.lock).find(|lock| lock.name == file_name(path))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
