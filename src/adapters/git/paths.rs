//! Paths as git has them, which are bytes.

use super::open::cannot;
use crate::ports::RepositoryError;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{Seek as _, Write as _};
use std::process::Stdio;

/// A file that holds paths for git to read.
pub(super) fn lines(paths: &[Vec<u8>]) -> std::io::Result<Stdio> {
    let mut file = tempfile::tempfile()?;
    for path in paths {
        file.write_all(path)?;
        file.write_all(b"\0")?;
    }
    file.rewind()?;
    Ok(file.into())
}

pub(super) fn odd(command: &str, what: &[u8]) -> RepositoryError {
    let what = if what.is_empty() { String::new() } else { format!(": `{}`", shown(what)) };
    cannot(format!("`git {command}` printed what tminus cannot read{what}"))
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
