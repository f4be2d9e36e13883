//! Additional trusted root certificates, and the cause of a failed request.

use crate::base::number::grouped;
use std::path::Path;

/// More than any real bundle contains.
const MAX_ROOTS: u64 = 16 * 1024 * 1024;

/// Reads the certificates in a PEM file; the error is for people.
pub(crate) fn read(path: &Path) -> Result<Vec<reqwest::Certificate>, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_ROOTS {
        return Err(format!(
            "it is too large: {} bytes (limit: {})",
            grouped(size),
            grouped(MAX_ROOTS)
        ));
    }
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    match reqwest::Certificate::from_pem_bundle(&text) {
        Ok(roots) if roots.is_empty() => Err("it contains no PEM certificate".into()),
        Ok(roots) => Ok(roots),
        Err(error) => Err(cause(&error)),
    }
}

/// The innermost cause of an error: the outer ones only say that a request failed, and to where.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let text = inner.to_string();
    // octocrab's errors print their backtrace after the first line.
    text.lines().next().unwrap_or_default().to_owned()
}
