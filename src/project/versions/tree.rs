//! The other files of a commit, as a kind of version file may need them.

use std::borrow::Cow;

/// The state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState<'t> {
    /// Its text.
    Text(Cow<'t, str>),
    /// It does not exist.
    Absent,
    /// It was not fetched yet.
    NotFetched,
    /// It cannot be read, with the reason.
    Unread(String),
}

/// The files of a commit.
pub trait Tree {
    /// The state of the file at a path.
    fn look(&self, path: &str) -> FileState<'_>;
}

/// A commit from which only the file itself is read.
#[derive(Debug, Clone, Copy)]
pub struct SingleFile;

impl Tree for SingleFile {
    fn look(&self, _: &str) -> FileState<'_> {
        FileState::Absent
    }
}

/// The name of a file, without its folder.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a file: empty, or with a slash at its end.
pub(super) fn folder(path: &str) -> &str {
    path.strip_suffix(name(path)).unwrap_or_default()
}

/// A folder, then each of its parent folders, up to the root of the repository.
pub(super) fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |inner| {
        let inner = inner.strip_suffix('/')?;
        Some(inner.rfind('/').and_then(|slash| inner.get(..=slash)).unwrap_or_default())
    })
}

/// A path as it is written in a file of a folder; `None` if it points outside the repository.
pub(super) fn join(folder: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    let written = written.replace('\\', "/");
    if written.starts_with('/') {
        return None;
    }
    for part in folder.split('/').chain(written.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_folders_end_at_the_repository_root() {
        assert_eq!(upwards("a/b/").collect::<Vec<_>>(), ["a/b/", "a/", ""]);
        assert_eq!(upwards("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn a_relative_path_that_leaves_the_repository_does_not_resolve() {
        assert_eq!(join("a/", "../b/./c.toml").as_deref(), Some("b/c.toml"));
        assert_eq!(join("a/", "..\\b.xml").as_deref(), Some("b.xml"));
        assert_eq!(join("a/", "../../b"), None);
        assert_eq!(join("a/", "/etc/passwd"), None);
        assert_eq!(join("a/", ".."), None);
    }
}
