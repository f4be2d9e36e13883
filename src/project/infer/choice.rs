//! Choices that past releases decide: `init` tries each and keeps the one that fits.

use crate::project::commits::ChangeKinds;
use crate::project::manifest::Policy;

/// What cannot be read from files alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Who decides the version, if no file carries it.
    pub policy: Policy,
    /// Gates that only inform, each with how many releases it would have stopped, and of how many.
    pub inform: Vec<(String, usize, usize)>,
    /// Files that are not changelogs, despite their names.
    pub not_changelogs: Vec<String>,
}

impl Default for Choice {
    fn default() -> Self {
        Self { policy: Policy::Commits, inform: Vec::new(), not_changelogs: Vec::new() }
    }
}

/// Whether at least nine in ten of some commits follow Conventional Commits, by their subjects.
#[must_use]
pub fn follows_convention<'a>(subjects: impl Iterator<Item = &'a str>) -> bool {
    let (mut all, mut known) = (0_usize, 0_usize);
    for subject in subjects {
        all += 1;
        known += usize::from(ChangeKinds::default().knows(subject));
    }
    all > 0 && known * 10 >= all * 9
}
