//! The change that a message describes, and the changes that it lists.

use super::change::{Change, Commit};
use super::header::conventional;
use super::part::{Part, parts, unnumbered};
use super::quoting::{Quoting, quoting};
use super::revert::revert;
use crate::base::names::Sha;

/// Types that tminus always recognizes: those of the Conventional Commits' examples and of the
/// Angular convention, and a few that tools write.
pub const KINDS: [&str; 15] = [
    "feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert",
    "deps", "i18n", "release", "security",
];

/// The known types: the usual ones, and the project's own (`version.kinds`).
#[derive(Debug, Clone, Copy, Default)]
pub struct ChangeKinds<'a>(&'a [String]);

impl<'a> ChangeKinds<'a> {
    /// The usual ones and these.
    #[must_use]
    pub fn of(own: &'a [String]) -> Self {
        Self(own)
    }

    /// All types, the usual ones first.
    pub fn all(self) -> impl Iterator<Item = &'a str> {
        KINDS.into_iter().chain(self.0.iter().map(String::as_str))
    }

    fn has(self, word: &str) -> bool {
        self.all().any(|kind| kind.eq_ignore_ascii_case(word))
    }

    /// Whether a line begins with a known type.
    #[must_use]
    pub fn knows(self, line: &str) -> bool {
        conventional(line).is_some_and(|parsed| self.has(parsed.type_().as_str()))
    }
}

/// The changes of one commit, at least one: its own, and those that a squash merge lists (`* feat:
/// …`) and that require a bump. This does not check whether an account excludes the commit.
#[must_use]
pub fn changes(commit: &Commit, kinds: ChangeKinds<'_>) -> Vec<Change> {
    let parts = parts(&commit.message);
    let said = parts.iter().map(|part| change(&commit.sha, part, kinds)).collect();
    distinct(said)
}

/// The first change, and every other change that affects the version and is not a duplicate: a
/// squash merge of one commit lists the same change twice.
pub(super) fn distinct(said: Vec<Change>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for (n, change) in said.into_iter().enumerate() {
        let told = changes.iter().any(|known| {
            unnumbered(&known.description) == unnumbered(&change.description)
                && known.scope == change.scope
                && known.bump() >= change.bump()
        });
        if n == 0 || (change.bump().is_some() && !told) {
            changes.push(change);
        }
    }
    changes
}

/// Whether a subject has the format of `git revert` and GitHub's button.
#[must_use]
pub fn is_revert(subject: &str) -> bool {
    matches!(quoting(subject), Some(Quoting { undone: true, .. }))
}

/// Whether a subject is that of a revert: in the format of `git revert`, or `revert: …`.
#[must_use]
pub fn is_revert_subject(subject: &str) -> bool {
    let kind = |parsed: git_conventional::Commit<'_>| parsed.type_() == "revert";
    is_revert(subject) || conventional(subject).is_some_and(kind)
}

/// The change of one part of a message.
pub(super) fn change(sha: &Sha, part: &Part<'_>, kinds: ChangeKinds<'_>) -> Change {
    let said = match conventional(&part.subject) {
        Some(parsed) => parsed_change(sha, &parsed, &part.subject, kinds),
        None => match quoting(&part.subject) {
            Some(Quoting { undone: false, innermost, .. }) => match conventional(innermost) {
                Some(parsed) => parsed_change(sha, &parsed, innermost, kinds),
                None => plain(sha, &part.subject),
            },
            Some(Quoting { undone: true, .. }) => reverting(sha, &part.subject),
            None if revert(part).is_some() => reverting(sha, &part.subject),
            None => plain(sha, &part.subject),
        },
    };
    Change { breaking: said.breaking || part.breaks(), notes: part.notes.clone(), ..said }
}

/// The change in a parsed line. A line of an unknown type is kept unchanged.
fn parsed_change(
    sha: &Sha,
    parsed: &git_conventional::Commit<'_>,
    line: &str,
    kinds: ChangeKinds<'_>,
) -> Change {
    let (sha, breaking) = (sha.clone(), parsed.breaking());
    let word = parsed.type_();
    if !kinds.has(word.as_str()) {
        let (unknown, description) = (Some(word.as_str().to_owned()), line.trim().to_owned());
        return Change { unknown, breaking, description, ..plain(&sha, "") };
    }
    Change {
        sha,
        kind: Some(word.as_str().to_ascii_lowercase()),
        unknown: None,
        scope: parsed.scope().map(|scope| scope.as_str().to_owned()),
        breaking,
        description: parsed.description().to_owned(),
        notes: Vec::new(),
    }
}

fn reverting(sha: &Sha, subject: &str) -> Change {
    Change { kind: Some("revert".into()), ..plain(sha, subject) }
}

fn plain(sha: &Sha, subject: &str) -> Change {
    let (sha, description) = (sha.clone(), subject.to_owned());
    let notes = Vec::new();
    Change { sha, kind: None, unknown: None, scope: None, breaking: false, description, notes }
}
