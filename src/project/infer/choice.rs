//! Choices that past releases decide: `init` tries each and keeps the one that fits.

use crate::project::commits::ChangeKinds;
use crate::project::manifest::Policy;

/// Choices that the files alone do not determine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Who decides the version, if no file carries it.
    pub policy: Policy,
    /// Gates that only inform, each with the reason.
    pub inform: Vec<(String, String)>,
    /// Files that are not changelogs, despite their names.
    pub not_changelogs: Vec<String>,
    /// Whether fragments are not required, although there are some.
    pub without_fragments: bool,
}

impl Default for Choice {
    fn default() -> Self {
        let (inform, not_changelogs) = (Vec::new(), Vec::new());
        Self { policy: Policy::Commits, inform, not_changelogs, without_fragments: false }
    }
}

/// How many of some commits follow Conventional Commits, by their subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    /// How many there are.
    pub all: usize,
    /// How many follow it.
    pub known: usize,
}

impl Convention {
    /// Counts them.
    #[must_use]
    pub fn of<'a>(subjects: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self { all: 0, known: 0 };
        for subject in subjects {
            found.all += 1;
            found.known += usize::from(ChangeKinds::default().knows(subject));
        }
        found
    }

    /// Whether at least nine in ten do.
    #[must_use]
    pub fn is_followed(self) -> bool {
        self.all > 0 && self.known * 10 >= self.all * 9
    }

    /// Whether only some do, so that a `feat:` says little about the version.
    #[must_use]
    pub fn is_rare(self) -> bool {
        self.known > 0 && self.known * 2 < self.all
    }
}
