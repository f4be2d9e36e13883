//! Files that the user names.

use anyhow::{Context as _, bail};
use std::io::Write as _;
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

/// Writes a file in one piece: a reader sees the old one or the new one. A link is replaced, and not
/// followed.
pub(super) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    readable(file.as_file())?;
    file.persist(path)?;
    Ok(())
}

/// A temporary file is its owner's alone; a report is an ordinary file.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
