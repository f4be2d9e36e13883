//! What a kind of version file is: its file names, its parser, and its lock file.

use super::site::{Site, SiteError};
use crate::base::version::Scheme;

/// A kind of version file.
pub(super) trait VersionFile {
    /// The file's name in a package's folder, where `tminus init` looks for it; `None` for kinds
    /// that the manifest must name.
    const NAME: Option<&'static str>;
    /// The scheme that the format prescribes; `None` where it takes any version.
    const SCHEME: Option<Scheme> = None;
    /// The lock file that may stand beside it.
    const LOCK: Option<Lock> = None;

    /// Whether a file is of this kind, by its name.
    fn is(name: &str) -> bool {
        Self::NAME == Some(name)
    }

    /// The version that the file carries.
    ///
    /// # Errors
    /// When it does not parse, or holds no version of its own.
    fn read(path: &str, text: &str) -> Result<Site, SiteError>;
}

/// The lock file of a kind.
#[derive(Clone, Copy)]
pub(super) struct Lock {
    /// Its name.
    pub(super) name: &'static str,
    /// The version that it records for a package of the project itself, if it records one.
    pub(super) read: fn(path: &str, text: &str, package: &str) -> Result<Option<Site>, SiteError>,
    /// The command that writes it anew.
    pub(super) refresh: &'static str,
}

/// A kind without its type, as the registry lists it.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: Option<&'static str>,
    pub(super) scheme: Option<Scheme>,
    pub(super) is: fn(&str) -> bool,
    pub(super) read: fn(&str, &str) -> Result<Site, SiteError>,
    pub(super) lock: Option<Lock>,
}

impl Kind {
    pub(super) const fn of<V: VersionFile>() -> Self {
        Self { name: V::NAME, scheme: V::SCHEME, is: V::is, read: V::read, lock: V::LOCK }
    }
}
