//! What commit messages say: the kind of each change, and how far they move the version.
//!
//! Messages are parsed by the Conventional Commits grammar
//! (<https://www.conventionalcommits.org/en/v1.0.0/>). Every commit in range ends up listed or
//! excluded by a named rule; none is dropped silently.

use crate::base::names::Sha;
use crate::project::manifest::Bump;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A commit as history tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub sha: Sha,
    /// The whole message; bytes that are not UTF-8 are replaced.
    pub message: String,
    /// Seconds since 1970-01-01 UTC, as the committer's clock had it.
    pub committed_at: i64,
    /// How many parents it has; two or more make it a merge.
    pub parents: usize,
}

impl Commit {
    /// The first line of the message.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or("").trim()
    }
}

/// One change that a commit tells of; a squashed commit may tell of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The commit that brought it.
    pub sha: Sha,
    /// `feat`, `fix`, …; `None` where the text follows no convention.
    pub kind: Option<String>,
    /// What was touched, where said.
    pub scope: Option<String>,
    /// Whether users must adapt.
    pub breaking: bool,
    /// One line for people.
    pub description: String,
}

impl Change {
    /// How far this change alone moves a version at or above 1.0.
    #[must_use]
    pub fn bump(&self) -> Option<Bump> {
        match self.kind.as_deref() {
            _ if self.breaking => Some(Bump::Major),
            Some("feat") => Some(Bump::Minor),
            Some("fix" | "perf" | "revert") => Some(Bump::Patch),
            Some(_) | None => None,
        }
    }
}

/// Why a commit brings no change of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excluded {
    /// A merge: what it brings is in the commits that it merges.
    Merge,
    /// Undone by a later commit in range.
    Reverted,
    /// Undoes a commit in range.
    Reverts,
    /// `fixup!`, `squash!` or `amend!`, left over from a rebase.
    Fixup,
}

impl Excluded {
    /// The rule's name, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Reverted => "reverted",
            Self::Reverts => "revert of a commit in range",
            Self::Fixup => "fixup",
        }
    }
}

/// Every commit of a range, accounted for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Changes, in the order of the commits.
    pub changes: Vec<Change>,
    /// Commits left out, with the rule that says so.
    pub excluded: Vec<(Sha, Excluded)>,
}

impl Account {
    /// The furthest bump that any change demands, and the first change that demands it.
    #[must_use]
    pub fn demand(&self) -> Option<(Bump, &Change)> {
        demand(&self.changes)
    }
}

/// The furthest bump that any of some changes demands, and the first that demands it.
#[must_use]
pub fn demand(changes: &[Change]) -> Option<(Bump, &Change)> {
    let mut furthest: Option<(Bump, &Change)> = None;
    for change in changes {
        if let Some(bump) = change.bump()
            && furthest.is_none_or(|(most, _)| bump > most)
        {
            furthest = Some((bump, change));
        }
    }
    furthest
}

/// Accounts for every commit of a range.
#[must_use]
pub fn account(commits: &[Commit]) -> Account {
    let in_range: BTreeSet<&str> = commits.iter().map(|commit| commit.sha.as_str()).collect();
    let mut undone = BTreeSet::new();
    let mut undoing = BTreeSet::new();
    // Newest first: a revert of a revert brings the change back.
    for commit in commits {
        if let Some(target) = reverted(&commit.message)
            && in_range.contains(target)
            && !undone.contains(commit.sha.as_str())
        {
            undone.insert(target);
            undoing.insert(commit.sha.as_str());
        }
    }
    let mut account = Account::default();
    for commit in commits {
        let sha = commit.sha.as_str();
        let excluded = if undone.contains(sha) {
            Some(Excluded::Reverted)
        } else if undoing.contains(sha) {
            Some(Excluded::Reverts)
        } else if commit.parents > 1 && conventional(commit.subject()).is_none() {
            Some(Excluded::Merge)
        } else if ["fixup! ", "squash! ", "amend! "].iter().any(|p| commit.subject().starts_with(p))
        {
            Some(Excluded::Fixup)
        } else {
            None
        };
        match excluded {
            Some(rule) => account.excluded.push((commit.sha.clone(), rule)),
            None => account.changes.extend(changes(commit)),
        }
    }
    account
}

/// The version that a bump leads to. Below 1.0 a breaking change moves as `zero` says, and
/// nothing moves further than that.
#[must_use]
pub fn bumped(base: &Version, bump: Bump, zero: Bump) -> Version {
    let bump = if base.major == 0 { bump.min(zero) } else { bump };
    if !base.pre.is_empty() {
        // 1.1.0-rc.1 already stands at the bump that it prepares.
        return Version::new(base.major, base.minor, base.patch);
    }
    match bump {
        Bump::Patch => Version::new(base.major, base.minor, base.patch + 1),
        Bump::Minor => Version::new(base.major, base.minor + 1, 0),
        Bump::Major => Version::new(base.major + 1, 0, 0),
    }
}

/// The changes of one commit: its own, and the listed ones of a squashed body (`* feat: …`). One at
/// least; whether the commit is left out of an account is not asked.
#[must_use]
pub fn changes(commit: &Commit) -> Vec<Change> {
    let mut changes = Vec::with_capacity(1);
    let own = conventional(&commit.message);
    changes.push(
        match own
            .as_ref()
            .map(|own| change(commit, own))
            .or_else(|| conventional_change(commit, commit.subject()))
        {
            Some(own) => own,
            None => plain(commit),
        },
    );
    let squashed = commit.message.lines().skip(1).filter_map(|line| line.strip_prefix("* "));
    let listed = squashed.filter_map(|line| conventional_change(commit, line));
    changes.extend(listed.filter(|listed| listed.bump().is_some()));
    changes
}

fn conventional(text: &str) -> Option<git_conventional::Commit<'_>> {
    // The parser takes anything before a colon for a kind, `::error` and `http` of a link too.
    let word = |kind: &str| kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let parsed = git_conventional::Commit::parse(text.trim()).ok();
    parsed.filter(|parsed| word(parsed.type_().as_str()))
}

fn conventional_change(commit: &Commit, line: &str) -> Option<Change> {
    conventional(line).map(|parsed| change(commit, &parsed))
}

fn change(commit: &Commit, parsed: &git_conventional::Commit<'_>) -> Change {
    Change {
        sha: commit.sha.clone(),
        kind: Some(parsed.type_().as_str().to_ascii_lowercase()),
        scope: parsed.scope().map(|scope| scope.as_str().to_owned()),
        breaking: parsed.breaking(),
        description: parsed.description().to_owned(),
    }
}

fn plain(commit: &Commit) -> Change {
    // A body that git-conventional cannot parse may still carry the footer.
    let breaking =
        commit.message.lines().skip(1).any(|line| {
            line.starts_with("BREAKING CHANGE: ") || line.starts_with("BREAKING-CHANGE: ")
        });
    let description = commit.subject().to_owned();
    Change { sha: commit.sha.clone(), kind: None, scope: None, breaking, description }
}

/// The commit that `git revert` says it undoes.
fn reverted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("This reverts commit ")?;
    let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
    rest.get(..end).filter(|sha| sha.len() >= 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(n: u8, message: &str) -> Commit {
        let sha = Sha::new(format!("{n:040x}")).unwrap();
        Commit { sha, message: message.into(), committed_at: 0, parents: 1 }
    }

    fn demand(messages: &[&str]) -> Option<Bump> {
        let commits: Vec<_> =
            messages.iter().enumerate().map(|(n, m)| commit(n as u8 + 1, m)).collect();
        account(&commits).demand().map(|(bump, _)| bump)
    }

    #[test]
    fn the_furthest_change_decides() {
        assert_eq!(demand(&["docs: a", "fix: b", "feat: c"]), Some(Bump::Minor));
        assert_eq!(demand(&["feat!: a", "fix: b"]), Some(Bump::Major));
        assert_eq!(demand(&["fix: a\n\nBREAKING CHANGE: b"]), Some(Bump::Major));
        assert_eq!(demand(&["chore: a", "some words"]), None);
    }

    #[test]
    fn a_squash_body_is_not_dropped() {
        assert_eq!(demand(&["Add things (#3)\n\n* feat: one\n\n* fix: two"]), Some(Bump::Minor));
        assert_eq!(demand(&["fix: x (#3)\n\n* feat!: one"]), Some(Bump::Major));
    }

    #[test]
    fn a_reverted_change_demands_nothing_unless_it_came_back() {
        let feat = commit(1, "feat: a");
        let undo = commit(2, &format!("Revert \"feat: a\"\n\nThis reverts commit {}.", feat.sha));
        let redo = commit(3, &format!("Revert \"Revert\"\n\nThis reverts commit {}.", undo.sha));
        let reverted = account(&[undo.clone(), feat.clone()]);
        assert_eq!(reverted.demand(), None);
        assert_eq!(reverted.excluded.len(), 2);
        let back = account(&[redo, undo, feat]);
        assert_eq!(back.demand().map(|(bump, _)| bump), Some(Bump::Minor));
    }

    #[test]
    fn every_commit_is_a_change_or_excluded_by_a_named_rule() {
        let mut merge = commit(9, "Merge branch 'x'");
        merge.parents = 2;
        let commits =
            [merge, commit(8, "fixup! feat: a"), commit(7, "no convention"), commit(6, "")];
        let account = account(&commits);
        assert_eq!(account.changes.len() + account.excluded.len(), commits.len());
    }

    #[test]
    fn below_one_a_breaking_change_moves_as_zero_says() {
        let v = |text| Version::parse(text).unwrap();
        assert_eq!(bumped(&v("0.3.1"), Bump::Major, Bump::Minor), v("0.4.0"));
        assert_eq!(bumped(&v("0.3.1"), Bump::Major, Bump::Major), v("1.0.0"));
        assert_eq!(bumped(&v("0.3.1"), Bump::Minor, Bump::Minor), v("0.4.0"));
        assert_eq!(bumped(&v("0.3.1"), Bump::Minor, Bump::Patch), v("0.3.2"));
        assert_eq!(bumped(&v("1.2.3"), Bump::Major, Bump::Minor), v("2.0.0"));
        assert_eq!(bumped(&v("1.2.0-rc.1"), Bump::Minor, Bump::Minor), v("1.2.0"));
    }
}
