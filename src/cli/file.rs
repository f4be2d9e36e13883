//! Reading files that the user names.

use anyhow::{Context as _, bail};
use std::path::Path;

/// A text file of at most so many bytes.
pub(super) fn read(path: &Path, most: usize) -> anyhow::Result<String> {
    let about = || format!("cannot read `{}`", path.display());
    let size = std::fs::metadata(path).with_context(about)?.len();
    if size > most as u64 {
        bail!("cannot read `{}`: it has {size} bytes, at most {most} are read", path.display());
    }
    std::fs::read_to_string(path).with_context(about)
}
