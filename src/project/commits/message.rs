//! What one message says: the kind of its change, or that it takes another change back.

use super::change::{Change, Commit};
use std::collections::BTreeSet;

/// ChangeKinds that every project knows: those of the Conventional Commits' examples and of the Angular
/// convention, and a few that tools write.
pub const KINDS: [&str; 15] = [
    "feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert",
    "deps", "i18n", "release", "security",
];

/// The kinds that are known: the usual ones, and the project's own (`version.kinds`).
#[derive(Debug, Clone, Copy, Default)]
pub struct ChangeKinds<'a>(&'a [String]);

impl<'a> ChangeKinds<'a> {
    /// The usual ones and these.
    #[must_use]
    pub fn of(own: &'a [String]) -> Self {
        Self(own)
    }

    /// Every one, the usual ones first.
    pub fn all(self) -> impl Iterator<Item = &'a str> {
        KINDS.into_iter().chain(self.0.iter().map(String::as_str))
    }

    fn has(self, word: &str) -> bool {
        self.all().any(|kind| kind.eq_ignore_ascii_case(word))
    }

    /// Whether a line begins with a kind that is known.
    #[must_use]
    pub fn knows(self, line: &str) -> bool {
        conventional(line).is_some_and(|parsed| self.has(parsed.type_().as_str()))
    }
}

/// The changes of one commit: its own, and the listed ones of a squashed body (`* feat: …`). One at
/// least; whether the commit is left out of an account is not asked.
#[must_use]
pub fn changes(commit: &Commit, kinds: ChangeKinds<'_>) -> Vec<Change> {
    let mut changes = vec![own(commit, kinds)];
    let squashed = commit.message.lines().skip(1).filter_map(|line| line.strip_prefix("* "));
    let listed =
        squashed.filter_map(|line| Some(change(commit, &conventional(line)?, line, kinds)));
    changes.extend(listed.filter(|listed| listed.bump().is_some()));
    changes
}

/// Whether a subject is the one that `git revert` and GitHub's button write.
#[must_use]
pub fn is_revert(subject: &str) -> bool {
    matches!(quoting(subject), Some(Quoting { undone: true, .. }))
}

fn own(commit: &Commit, kinds: ChangeKinds<'_>) -> Change {
    let subject = commit.subject();
    // The whole message first: only there its footers are read.
    if let Some(parsed) = conventional(&commit.message).or_else(|| conventional(subject)) {
        return change(commit, &parsed, subject, kinds);
    }
    match quoting(subject) {
        Some(Quoting { undone: true, .. }) => {
            Change { kind: Some("revert".into()), ..plain(commit) }
        }
        Some(Quoting { undone: false, innermost, .. }) => conventional(innermost)
            .map_or_else(|| plain(commit), |parsed| change(commit, &parsed, innermost, kinds)),
        None => plain(commit),
    }
}

fn conventional(text: &str) -> Option<git_conventional::Commit<'_>> {
    // The parser takes anything before a colon for a kind, `::error` and `http` of a link too.
    let word = |kind: &str| kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let parsed = git_conventional::Commit::parse(text.trim()).ok();
    parsed.filter(|parsed| word(parsed.type_().as_str()))
}

/// What a parsed line says. One of a kind that is not known is kept as it is written.
fn change(
    commit: &Commit,
    parsed: &git_conventional::Commit<'_>,
    line: &str,
    kinds: ChangeKinds<'_>,
) -> Change {
    let (sha, breaking) = (commit.sha.clone(), parsed.breaking());
    let word = parsed.type_();
    if !kinds.has(word.as_str()) {
        let (unknown, description) = (Some(word.as_str().to_owned()), line.trim().to_owned());
        return Change { sha, kind: None, unknown, scope: None, breaking, description };
    }
    Change {
        sha,
        kind: Some(word.as_str().to_ascii_lowercase()),
        unknown: None,
        scope: parsed.scope().map(|scope| scope.as_str().to_owned()),
        breaking,
        description: parsed.description().to_owned(),
    }
}

fn plain(commit: &Commit) -> Change {
    // A body that git-conventional cannot parse may still carry the footer.
    let breaking =
        commit.message.lines().skip(1).any(|line| {
            line.starts_with("BREAKING CHANGE: ") || line.starts_with("BREAKING-CHANGE: ")
        });
    let (sha, description) = (commit.sha.clone(), commit.subject().to_owned());
    Change { sha, kind: None, unknown: None, scope: None, breaking, description }
}

/// A subject that quotes another one.
struct Quoting<'a> {
    /// The subject that it quotes.
    quoted: &'a str,
    /// Whether it takes that one back; `Reapply` takes back the revert of it.
    reverts: bool,
    /// The one inside of all quotations.
    innermost: &'a str,
    /// Whether that one is taken back, rather than brought back.
    undone: bool,
}

/// Reads `Revert "…"`, and `Reapply "…"`, which git writes for the revert of a revert. A squash
/// merge adds the number of the pull request.
fn quoting(subject: &str) -> Option<Quoting<'_>> {
    let (quoted, reverts) = unquoted(subject)?;
    let (mut innermost, mut undone) = (quoted, reverts);
    while let Some((inner, reverts)) = unquoted(innermost) {
        (innermost, undone) = (inner, undone != reverts);
    }
    Some(Quoting { quoted, reverts, innermost, undone })
}

/// What a subject quotes, and whether it reverts that.
fn unquoted(subject: &str) -> Option<(&str, bool)> {
    let line = unnumbered(subject);
    let (rest, reverts) = match line.strip_prefix("Revert \"") {
        Some(rest) => (rest, true),
        None => (line.strip_prefix("Reapply \"")?, false),
    };
    let quoted = rest.strip_suffix('"')?;
    (!quoted.trim().is_empty()).then_some((quoted, reverts))
}

/// Without the ` (#12)` that a squash merge adds.
fn unnumbered(subject: &str) -> &str {
    let subject = subject.trim();
    let number = subject.rsplit_once(" (#").filter(|(_, rest)| {
        rest.strip_suffix(')').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    });
    number.map_or(subject, |(before, _)| before)
}

/// The newest of some older commits that a revert quotes and that is not undone yet. A squash merge
/// may leave nothing but the subject.
pub(super) fn quoted_in<'c>(
    older: &'c [Commit],
    undone: &BTreeSet<&str>,
    subject: &str,
) -> Option<&'c str> {
    let Quoting { quoted, reverts, .. } = quoting(subject)?;
    let target = if reverts { quoted.to_owned() } else { format!("Revert \"{quoted}\"") };
    let is_it = |commit: &&Commit| {
        let one = commit.subject();
        (one == target || unnumbered(one) == target) && !undone.contains(commit.sha.as_str())
    };
    older.iter().find(is_it).map(|commit| commit.sha.as_str())
}
