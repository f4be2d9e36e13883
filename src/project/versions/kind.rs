//! What a kind of version file is: where it is found, how it is read, and its lock files.

use super::file::{File, HasLocation};
use super::site::{Site, SiteError};
use crate::base::source::Span;
use crate::base::version::Scheme;

/// A kind of version file.
pub(super) trait VersionFile {
    /// Where `tminus init` looks for it, as globs in a package's folder; the usual place first.
    const PLACES: &'static [&'static str] = &[];
    /// The scheme that the format prescribes; `None` where it takes any version.
    const SCHEME: Option<Scheme> = None;
    /// The files that stand at the top of a package's folder, by name; `*` is any beginning. Files
    /// that are part of its code, such as `version.rb`, do not say where the package begins.
    const TOPS: &'static [&'static str] = &[];
    /// Files that `tminus init` trusts even if no past release shows that they change with
    /// releases.
    const TRUSTED: &'static [&'static str] = Self::TOPS;
    /// Patterns of further places for the version in the same file. `tminus init` lists those that had
    /// the version at all past releases; otherwise they are another program's version.
    const ALSO: &'static [&'static str] = &[];
    /// The lock files that may stand beside it or in a folder above.
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
    /// What it records of a package of the project itself.
    pub(super) read: fn(lock: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError>,
    /// The command that updates it.
    pub(super) refresh: &'static str,
}

/// The package whose version is looked for in a lock file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Package<'p> {
    /// Its name, if its version file gives one.
    pub(super) name: Option<&'p str>,
    /// Its folder, as seen from the lock file: empty, or with a slash at its end.
    pub(super) folder: &'p str,
    /// What its version file says.
    pub(super) site: &'p Site,
}

/// What a lock file records of a package.
pub(super) enum LockedVersion {
    /// Its version, at each place that has it.
    At(Vec<Site>),
    /// Nothing, although it should.
    Lacks,
    /// Nothing, which is fine.
    Silent,
}

impl LockedVersion {
    /// What was found, if anything was.
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
    pub(super) believed: &'static [&'static str],
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
            believed: V::TRUSTED,
            also: V::ALSO,
            scheme: V::SCHEME,
            is: V::is,
            read: V::read,
            locks: V::LOCKS,
        }
    }
}
