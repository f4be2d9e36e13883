//! The chains of entries that tminus keeps on refs.

use crate::base::names::TagName;
use crate::ports::HOLDS;

/// Which chain.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chain<'a> {
    /// The ledger of a release.
    Release(&'a TagName),
    /// The holds on the whole repository.
    Holds,
}

impl Chain<'_> {
    /// Its ref in the remote.
    pub(super) fn name(self) -> String {
        match self {
            Self::Release(tag) => format!("refs/tminus/releases/{tag}"),
            Self::Holds => HOLDS.into(),
        }
    }

    /// The local ref with the end of the remote's chain when it was last read.
    pub(super) fn copy(self) -> String {
        match self {
            Self::Release(tag) => format!("refs/tminus/remote/{tag}"),
            Self::Holds => "refs/tminus/remote-holds".into(),
        }
    }

    /// The local ref that it is fetched to.
    pub(super) fn fetched(self) -> String {
        match self {
            Self::Release(tag) => format!("refs/tminus/fetched/{tag}"),
            Self::Holds => "refs/tminus/fetched-holds".into(),
        }
    }

    /// What it is, for people.
    pub(super) fn noun(self) -> String {
        match self {
            Self::Release(tag) => format!("the ledger of {tag}"),
            Self::Holds => "the holds on the repository".into(),
        }
    }

    pub(super) fn reading(self) -> String {
        format!("read {}", self.noun())
    }

    pub(super) fn appending(self) -> String {
        format!("append to {}", self.noun())
    }
}
