//! What a kind of version file is: where it is found, how it is read, and its lock files.

use super::file::{File, HasLocation};
use super::site::{Site, SiteError};
use crate::base::source::Span;
use crate::base::version::Scheme;

/// A kind of version file.
pub(super) trait VersionFile {
    /// Where `tminus init` looks for it, as globs in a package's folder; the usual place first.
    const PLACES: &'static [&'static str] = &[];
    /// The scheme that the format prescribes; `None` if it accepts any version.
    const SCHEME: Option<Scheme> = None;
    /// The files that mark the root of a package's folder, by name; `*` matches any beginning.
    /// Files in its code, such as `version.rb`, do not show where the package's folder is.
    const TOPS: &'static [&'static str] = &[];
    /// Files that `tminus init` trusts even if no past release shows that they change with
    /// releases.
    const TRUSTED: &'static [&'static str] = Self::TOPS;
    /// Patterns for other places in the same file that may contain the version. `tminus init` lists
    /// those that contained it at all past releases; others are the version of another program.
    const ALSO: &'static [&'static str] = &[];
    /// The lock files that may be beside it or in a parent folder.
    const LOCKS: &'static [Lock] = &[];

    /// Whether a file is of this kind, by its path.
    fn is(path: &str) -> bool;

    /// The version in the file.
    ///
    /// # Errors
    /// When the file cannot be parsed, or contains no version of its own.
    fn read(file: &File<'_>) -> Result<Site, SiteError>;
}

/// A lock file of a kind.
#[derive(Clone, Copy)]
pub(super) struct Lock {
    /// Its name.
    pub(super) name: &'static str,
    /// The function that reads the entry of the project's own package.
    pub(super) read: fn(lock: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError>,
    /// The command that updates it.
    pub(super) refresh: &'static str,
}

/// The package whose version is searched for in a lock file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Package<'p> {
    /// Its name, if its version file contains one.
    pub(super) name: Option<&'p str>,
    /// Its folder, relative to the lock file: empty, or with a slash at its end.
    pub(super) folder: &'p str,
    /// The version in its version file.
    pub(super) site: &'p Site,
}

/// The entry of a package in a lock file.
pub(super) enum LockedVersion {
    /// Its version, at each location.
    At(Vec<Site>),
    /// There is no entry, although there should be one.
    Lacks,
    /// There is no entry, and none is needed.
    Silent,
}

impl LockedVersion {
    /// Converts the found versions to an entry.
    pub(super) fn of(sites: Vec<Site>) -> Option<Self> {
        (!sites.is_empty()).then_some(Self::At(sites))
    }
}

impl HasLocation for LockedVersion {
    fn move_in(&mut self, path: &str, moved: &dyn Fn(Span) -> Span) {
        match self {
            Self::At(sites) => sites.iter_mut().for_each(|site| site.move_in(path, moved)),
            Self::Lacks | Self::Silent => {}
        }
    }
}

/// A kind without its type, as the registry lists it.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) places: &'static [&'static str],
    pub(super) tops: &'static [&'static str],
    pub(super) trusted: &'static [&'static str],
    pub(super) also: &'static [&'static str],
    pub(super) scheme: Option<Scheme>,
    pub(super) is: fn(&str) -> bool,
    pub(super) read: fn(&File<'_>) -> Result<Site, SiteError>,
    pub(super) locks: &'static [Lock],
}

impl Kind {
    pub(super) const fn of<V: VersionFile>() -> Self {
        Self {
            places: V::PLACES,
            tops: V::TOPS,
            trusted: V::TRUSTED,
            also: V::ALSO,
            scheme: V::SCHEME,
            is: V::is,
            read: V::read,
            locks: V::LOCKS,
        }
    }
}
