//! Git's paths, which are bytes.

use super::open::cannot;
use crate::ports::RepositoryError;
use std::borrow::Cow;
use std::ffi::OsStr;

/// Paths as git reads them with `-z`.
pub(super) fn lines(paths: &[Vec<u8>]) -> Vec<u8> {
    paths.iter().flat_map(|path| [path, &b"\0"[..]]).flatten().copied().collect()
}

pub(super) fn odd(command: &str, what: &[u8]) -> RepositoryError {
    let what = if what.is_empty() { String::new() } else { format!(": `{}`", shown(what)) };
    cannot(format!("`git {command}` printed output that tminus cannot parse{what}"))
}

pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(unix)]
pub(super) fn os(bytes: &[u8]) -> Cow<'_, OsStr> {
    use std::os::unix::ffi::OsStrExt as _;
    Cow::Borrowed(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn os(bytes: &[u8]) -> Cow<'_, OsStr> {
    Cow::Owned(String::from_utf8_lossy(bytes).into_owned().into())
}
