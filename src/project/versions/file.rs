//! A version file that is being read, and the files that it refers to.

use super::site::{Site, SiteError, version};
use super::tree::{FileState, Tree, folder, join};
use crate::base::source::Span;
use std::borrow::Cow;

/// The maximum length of a chain of files that refer to one another.
const DEEPEST: u8 = 8;

/// A function that reads a file.
pub(super) type Reader = fn(&File<'_>) -> Result<Site, SiteError>;

/// A file with its text, and the tree that it is in.
pub(super) struct File<'f> {
    pub(super) path: &'f str,
    pub(super) text: &'f str,
    pub(super) tree: &'f dyn Tree,
    /// The number of files in the chain of references to it.
    pub(super) depth: u8,
    /// The function that reads a file of any kind.
    pub(super) by_kind: Reader,
}

impl File<'_> {
    /// Its folder: empty, or with a slash at its end.
    pub(super) fn folder(&self) -> &str {
        folder(self.path)
    }

    /// Creates a site from a text in this file.
    pub(super) fn site(
        &self,
        text: &str,
        span: Span,
        package: Option<&str>,
    ) -> Result<Site, SiteError> {
        version(self.path, text, span, package)
    }

    pub(super) fn missing(&self, what: &'static str) -> SiteError {
        SiteError::Missing { path: self.path.into(), what }
    }

    pub(super) fn elsewhere(&self, why: impl Into<String>, span: Option<Span>) -> SiteError {
        SiteError::Elsewhere { path: self.path.into(), why: why.into(), span }
    }

    pub(super) fn unparsable(&self, why: impl Into<String>, span: Option<Span>) -> SiteError {
        SiteError::Unparsable { path: self.path.into(), why: why.into(), span }
    }

    /// The text of another file, by its path from the root; `None` if it does not exist.
    pub(super) fn other(&self, path: &str) -> Result<Option<Cow<'_, str>>, SiteError> {
        let unread = |why| SiteError::Unread { path: path.into(), why };
        match self.tree.look(path) {
            FileState::Text(text) if self.depth < DEEPEST => Ok(Some(text)),
            FileState::Text(_) => Err(unread(Some("too many files refer to one another".into()))),
            FileState::Absent => Ok(None),
            FileState::NotFetched => Err(unread(None)),
            FileState::Unread(why) => Err(unread(Some(why))),
        }
    }

    /// Reads another file, by its path from the root.
    pub(super) fn there<T: HasLocation>(
        &self,
        path: &str,
        text: &str,
        read: impl FnOnce(&File<'_>) -> Result<T, SiteError>,
    ) -> Result<T, SiteError> {
        let Self { tree, depth, by_kind, .. } = *self;
        read_without_bom(&File { path, text, tree, depth: depth + 1, by_kind }, read)
    }

    /// Reads another file according to its kind, by its path relative to this file; `None` if it
    /// does not exist.
    pub(super) fn follow(&self, written: &str) -> Result<Option<Site>, SiteError> {
        self.first_of([written.to_owned()], self.by_kind)
    }

    /// Reads the first of some files that exists, by their paths relative to this file.
    pub(super) fn first_of(
        &self,
        written: impl IntoIterator<Item = String>,
        read: impl Fn(&File<'_>) -> Result<Site, SiteError>,
    ) -> Result<Option<Site>, SiteError> {
        for path in written.into_iter().filter_map(|path| join(self.folder(), &path)) {
            if let Some(text) = self.other(&path)? {
                return self.there(&path, &text, &read).map(Some);
            }
        }
        Ok(None)
    }
}

/// Reads a file without its byte order mark; offsets include the mark.
pub(super) fn read_without_bom<T: HasLocation>(
    file: &File<'_>,
    read: impl FnOnce(&File<'_>) -> Result<T, SiteError>,
) -> Result<T, SiteError> {
    let Some(text) = file.text.strip_prefix('\u{feff}') else { return read(file) };
    let shift = file.text.len() - text.len();
    let moved = |span: Span| Span { start: span.start + shift, end: span.end + shift };
    match read(&File { text, ..*file }) {
        Ok(mut found) => {
            found.move_in(file.path, &moved);
            Ok(found)
        }
        Err(mut error) => {
            error.move_in(file.path, &moved);
            Err(error)
        }
    }
}

/// A value that contains locations in files.
pub(super) trait HasLocation {
    /// Shifts the locations that are in this file.
    fn move_in(&mut self, path: &str, moved: &dyn Fn(Span) -> Span);
}

impl HasLocation for Site {
    fn move_in(&mut self, path: &str, moved: &dyn Fn(Span) -> Span) {
        if self.path == path {
            self.span = moved(self.span);
        }
    }
}
