//! All commits of a range, each listed or excluded by a named rule, and the version bump that they
//! require.

use super::change::{Change, Commit};
use super::message::{ChangeKinds, change, distinct};
use super::part::{Part, parts};
use super::pull::title_change;
use super::rule::Excluded;
use super::undone::{State, Undone};
use crate::base::names::Sha;
use crate::project::manifest::Bump;

/// Every commit of a range, accounted for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitSummary {
    /// Changes, in the order of the commits.
    pub changes: Vec<Change>,
    /// Commits that are left out, with the rule that applies.
    pub excluded: Vec<(Sha, Excluded)>,
}

impl CommitSummary {
    /// The largest bump that a change requires, and the first change that requires it.
    #[must_use]
    pub fn demand(&self) -> Option<(Bump, &Change)> {
        demand(&self.changes)
    }
}

/// The largest bump that one of these changes requires, and the first change that requires it.
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

/// Accounts for every commit of a range, newest first.
#[must_use]
pub fn account(commits: &[Commit], kinds: ChangeKinds<'_>) -> CommitSummary {
    let mut account = CommitSummary::default();
    for (commit, remains) in commits.iter().zip(each(commits, kinds)) {
        match remains {
            Err(rule) => account.excluded.push((commit.sha.clone(), rule)),
            Ok(changes) => account.changes.extend(changes),
        }
    }
    account
}

/// For each commit of a range, newest first: its changes, or the rule that leaves it out.
pub(super) fn each(
    commits: &[Commit],
    kinds: ChangeKinds<'_>,
) -> Vec<Result<Vec<Change>, Excluded>> {
    let told: Vec<Vec<Part<'_>>> = commits.iter().map(|commit| parts(&commit.message)).collect();
    let undone = Undone::among(commits, &told, kinds);
    let one = |(at, (commit, parts)): (usize, (&Commit, &Vec<Part<'_>>))| {
        let changes = remains(commit, parts, undone.states(at), kinds)?;
        if undone.is_duplicate_of_merge(at, &changes, &told, kinds) {
            return Err(Excluded::Merge);
        }
        Ok(changes)
    };
    commits.iter().zip(&told).enumerate().map(one).collect()
}

/// The remaining changes of a commit, or the rule that leaves it out.
fn remains(
    commit: &Commit,
    parts: &[Part<'_>],
    states: &[State],
    kinds: ChangeKinds<'_>,
) -> Result<Vec<Change>, Excluded> {
    let subject = commit.subject();
    let (Some(title), Some(state)) = (parts.first(), states.first()) else {
        return Err(Excluded::Merge);
    };
    if commit.elsewhere {
        return Err(Excluded::Elsewhere);
    }
    if *state == State::Undone {
        return Err(Excluded::Reverted);
    }
    if commit.parents > 1 && !kinds.knows(subject) {
        // The title of a pull request counts as a commit does, if it has a kind.
        let title = title_change(commit, kinds).filter(|title| title.kind.is_some());
        let title = title.filter(|title| title.kind.as_deref() != Some("revert"));
        return title.map(|title| vec![title]).ok_or(Excluded::Merge);
    }
    if is_fixup(subject) {
        return Err(Excluded::Fixup);
    }
    let staying = |(part, state): (&Part<'_>, &State)| {
        (*state == State::Stays).then(|| change(&commit.sha, part, kinds))
    };
    let listed: Vec<Change> = parts
        .iter()
        .zip(states)
        .skip(1)
        .filter(|(part, _)| !is_fixup(&part.subject))
        .filter_map(staying)
        .filter(|change| change.bump().is_some())
        .collect();
    let own = change(&commit.sha, title, kinds);
    // A subject such as `Back out (#9)`, if the body contains only reverts, is a revert.
    let nothing_else = own.kind.is_none() && !own.breaking && listed.is_empty();
    let undoing = states.iter().skip(1).any(|state| *state == State::Undoes);
    if (*state == State::Undoes && listed.is_empty()) || (nothing_else && undoing) {
        return Err(Excluded::Reverts);
    }
    if *state == State::Undoes {
        return Ok(listed);
    }
    let said = std::iter::once(own).chain(listed).collect();
    Ok(distinct(said))
}

/// Whether a commit should have been squashed into another one.
fn is_fixup(subject: &str) -> bool {
    ["fixup! ", "squash! ", "amend! "].iter().any(|begin| subject.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::commits::changes;

    fn commit(n: u8, message: &str) -> Commit {
        let sha = Sha::new(format!("{n:040x}")).unwrap();
        Commit::saying(sha, message.into())
    }

    fn demand(messages: &[&str]) -> Option<Bump> {
        let commits: Vec<_> =
            messages.iter().enumerate().map(|(n, m)| commit(n as u8 + 1, m)).collect();
        account(&commits, ChangeKinds::default()).demand().map(|(bump, _)| bump)
    }

    #[test]
    fn the_largest_change_determines_the_bump() {
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
    fn a_reverted_change_requires_nothing_unless_it_was_reapplied() {
        let feat = commit(1, "feat: a");
        let undo = commit(2, &format!("Revert \"feat: a\"\n\nThis reverts commit {}.", feat.sha));
        let redo = commit(3, &format!("Revert \"Revert\"\n\nThis reverts commit {}.", undo.sha));
        let reverted = account(&[undo.clone(), feat.clone()], ChangeKinds::default());
        assert_eq!(reverted.demand(), None);
        assert_eq!(reverted.excluded.len(), 2);
        let back = account(&[redo, undo, feat], ChangeKinds::default());
        assert_eq!(back.demand().map(|(bump, _)| bump), Some(Bump::Minor));
    }

    #[test]
    fn an_unknown_commit_type_is_not_recognized_and_requires_nothing() {
        let kinds = ["deps-dev".to_owned()];
        let of = |message: &str| {
            let changes = changes(&commit(1, message), ChangeKinds::of(&kinds));
            let first = changes.into_iter().next().unwrap();
            (first.kind, first.unknown, first.description)
        };
        let known = |kind: &str, text: &str| (Some(kind.to_owned()), None, text.to_owned());
        assert_eq!(of("Feat(api): x"), known("feat", "x"));
        assert_eq!(of("deps-dev: x"), known("deps-dev", "x"));
        let odd = |word: &str, text: &str| (None, Some(word.to_owned()), text.to_owned());
        assert_eq!(of("feature: a big thing"), odd("feature", "feature: a big thing"));
        assert_eq!(of("WIP: feat: x"), odd("WIP", "WIP: feat: x"));
        assert_eq!(demand(&["feature: a", "WIP: feat: b"]), None);
        // An explicit breaking-change marker always counts.
        assert_eq!(demand(&["feature!: a"]), Some(Bump::Major));
    }

    #[test]
    fn reverts_in_git_and_github_format_are_recognized() {
        let of = |message: &str| {
            let changes = changes(&commit(1, message), ChangeKinds::default());
            changes.into_iter().next().unwrap().kind
        };
        assert_eq!(of("Revert \"feat: x\"").as_deref(), Some("revert"));
        assert_eq!(of("Revert \"some words\" (#12)").as_deref(), Some("revert"));
        assert_eq!(of("Revert \"Revert \"feat: x\"\" (#13)").as_deref(), Some("feat"));
        assert_eq!(of("Reapply \"feat: x\"").as_deref(), Some("feat"));
        assert_eq!(of("Revert \"Reapply \"feat: x\"\"").as_deref(), Some("revert"));
        assert_eq!(of("Revert \"Revert \"words\"\""), None);
        for odd in ["Revert", "Revert \"\"", "Revert \"feat: x", "Revert \"a\" b", "Revert x"] {
            assert_eq!(of(odd), None, "{odd}");
        }
        assert_eq!(demand(&["Revert \"feat: x\""]), Some(Bump::Patch));
    }

    #[test]
    fn a_squashed_revert_without_a_commit_id_reverts_the_commit_it_quotes() {
        assert_eq!(
            demand(&["Revert \"feat: x\" (#2)", "feat: x (#1)", "fix: y"]),
            Some(Bump::Patch)
        );
        assert_eq!(demand(&["Revert \"feat: x\" (#2)", "feat: x (#1)"]), None);
        // What came later is another change.
        assert_eq!(demand(&["feat: x", "Revert \"feat: x\""]), Some(Bump::Minor));
        assert_eq!(demand(&["Revert \"feat: x\"", "feat: x", "feat: x"]), Some(Bump::Minor));
    }

    #[test]
    fn every_commit_is_a_change_or_excluded_by_a_named_rule() {
        let mut merge = commit(9, "Merge branch 'x'");
        merge.parents = 2;
        let commits =
            [merge, commit(8, "fixup! feat: a"), commit(7, "no convention"), commit(6, "")];
        let account = account(&commits, ChangeKinds::default());
        assert_eq!(account.changes.len() + account.excluded.len(), commits.len());
    }
}
