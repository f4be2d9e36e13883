//! Index flags that make git ignore changes on disk.

use super::paths::{odd, os};
use super::program::Git;
use crate::ports::RepositoryError;
use git2::{Index, Repository};
use std::path::Path;

/// The flag of an index entry that is assumed to be unchanged.
const ASSUMED: u16 = 1 << 15;
/// The extended flag of an index entry that excludes it from the working tree.
const SKIPPED: u16 = 1 << 14;

type Result<T> = std::result::Result<T, RepositoryError>;

/// Files that git ignores because of index flags, although they exist or should exist.
#[derive(Default)]
pub(super) struct Marked {
    /// Assumed to be unchanged.
    pub(super) assumed: Vec<Vec<u8>>,
    /// Excluded by a sparse checkout.
    pub(super) skipped: Vec<Vec<u8>>,
}

impl Marked {
    pub(super) fn find(repository: &Repository, git: &Git, root: &Path) -> Result<Self> {
        // libgit2 cannot read sparse and split indexes; for others, it saves starting a process.
        if let Ok(index) = repository.index() {
            return Ok(Self::of(&index, root));
        }
        let sparse = git.answer(git.local(&["ls-files", "-z", "-v", "--sparse"]), b"");
        match sparse.map(|listed| Self::read(&listed, root)) {
            Ok(Some(marked)) => Ok(marked),
            // Files exist in an excluded folder, or git is too old for sparse folders.
            Ok(None) | Err(_) => {
                let listed = git.answer(git.local(&["ls-files", "-z", "-v"]), b"")?;
                Self::read(&listed, root).ok_or_else(|| odd("ls-files", b""))
            }
        }
    }

    fn of(index: &Index, root: &Path) -> Self {
        let mut marked = Self::default();
        for entry in index.iter() {
            if entry.flags & ASSUMED != 0 {
                marked.assumed.push(entry.path.clone());
            }
            if entry.flags_extended & SKIPPED != 0 && is_there(root, &entry.path) {
                marked.skipped.push(entry.path);
            }
        }
        marked
    }

    /// `None` if a folder exists that the index stores as one entry.
    fn read(listed: &[u8], root: &Path) -> Option<Self> {
        let mut marked = Self::default();
        for line in listed.split(|byte| *byte == 0) {
            let [tag, b' ', path @ ..] = line else { continue };
            let skipped = tag.eq_ignore_ascii_case(&b'S');
            let skipped = skipped && is_there(root, path);
            if skipped && path.ends_with(b"/") {
                return None;
            }
            if tag.is_ascii_lowercase() {
                marked.assumed.push(path.into());
            }
            if skipped {
                marked.skipped.push(path.into());
            }
        }
        Some(marked)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.assumed.is_empty() && self.skipped.is_empty()
    }
}

/// An excluded file that does not exist is not a difference.
fn is_there(root: &Path, path: &[u8]) -> bool {
    root.join(os(path)).symlink_metadata().is_ok()
}
