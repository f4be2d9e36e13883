//! Which commits of a range are reverted by later ones.

use super::change::{Change, Commit};
use super::message::{ChangeKinds, change};
use super::part::{Part, described, number, unnumbered};
use super::pull::title;
use super::revert::{Revert, revert};
use crate::base::names::Sha;
use std::cell::OnceCell;
use std::collections::HashMap;

/// How many commits of a merged branch are compared with the merge's title.
const BRANCH: usize = 100;

/// The state of a part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It counts.
    Stays,
    /// A later commit reverts it.
    Undone,
    /// It only reverts changes in the range.
    Undoes,
}

/// Which parts of which commits are reverted.
pub(super) struct Undone<'c> {
    commits: &'c [Commit],
    told: &'c [Vec<Part<'c>>],
    at: HashMap<&'c Sha, usize>,
    states: Vec<Vec<State>>,
    /// For each reverted commit, the commit that reverts it.
    by: HashMap<usize, usize>,
    /// The positions of each subject, with and without number and kind; built on first use.
    subjects: OnceCell<HashMap<Form<'c>, Vec<Place>>>,
    /// The commits that each pull request added, built in the same way.
    pulls: OnceCell<HashMap<u64, Vec<usize>>>,
}

/// How a revert can name a subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form<'t> {
    /// With its type.
    Whole(&'t str),
    /// Without: `revert(api): x`.
    Described(&'t str),
}

/// A whole commit, or one that a squash merge lists.
type Place = (usize, usize);

impl<'c> Undone<'c> {
    /// Finds reverts among commits, newest first. A revert that is itself reverted reverts nothing.
    pub(super) fn among(
        commits: &'c [Commit],
        told: &'c [Vec<Part<'c>>],
        kinds: ChangeKinds<'_>,
    ) -> Self {
        let at = commits.iter().enumerate().map(|(n, commit)| (&commit.sha, n)).collect();
        let states = told.iter().map(|parts| vec![State::Stays; parts.len()]).collect();
        let mut undone = Self {
            commits,
            told,
            at,
            states,
            by: HashMap::new(),
            subjects: OnceCell::new(),
            pulls: OnceCell::new(),
        };
        for (at, (commit, parts)) in commits.iter().zip(told).enumerate() {
            if commit.parents > 1 && !kinds.knows(commit.subject()) {
                continue;
            }
            // Listed commits are sorted oldest first, and the subject summarizes them.
            for (n, part) in parts.iter().enumerate().rev() {
                if let Some(revert) = revert(part)
                    && undone.state((at, n)) == Some(State::Stays)
                    && undone.mark_reverted((at, n), &revert)
                    && revert.only
                {
                    undone.set((at, n), State::Undoes);
                }
            }
        }
        undone
    }

    /// The states of the parts of a commit.
    pub(super) fn states(&self, at: usize) -> &[State] {
        self.states.get(at).map_or(&[], Vec::as_slice)
    }

    /// Whether a merge's title only repeats the subject of a commit that it merges.
    pub(super) fn is_duplicate_of_merge(
        &self,
        at: usize,
        changes: &[Change],
        told: &[Vec<Part<'_>>],
        kinds: ChangeKinds<'_>,
    ) -> bool {
        let Some(merge) = self.commits.get(at).filter(|commit| commit.parents > 1) else {
            return false;
        };
        let [own] = changes else { return false };
        let title = title(merge, kinds);
        self.branch(merge).any(|other| {
            let parts = told.get(other).and_then(|parts| parts.first());
            let stays = self.state((other, 0)) == Some(State::Stays);
            let here = self.commits.get(other).is_some_and(|commit| !commit.elsewhere);
            parts.filter(|_| stays && here).is_some_and(|part| {
                unnumbered(&part.subject) == unnumbered(&title)
                    && change(&merge.sha, part, kinds).bump() >= own.bump()
            })
        })
    }

    /// The last commits of the branch that was merged.
    fn branch(&self, merge: &'c Commit) -> impl Iterator<Item = usize> {
        let at = |sha: &Sha| self.at.get(sha).copied();
        let first = merge.parent_commits.get(1).and_then(at);
        let before = move |one: &usize| at(self.commits.get(*one)?.parent_commits.first()?);
        std::iter::successors(first, before).take(BRANCH)
    }

    fn state(&self, (commit, part): Place) -> Option<State> {
        self.states.get(commit)?.get(part).copied()
    }

    fn set(&mut self, (commit, part): Place, state: State) {
        if let Some(known) = self.states.get_mut(commit).and_then(|parts| parts.get_mut(part)) {
            *known = state;
        }
    }

    /// Marks the changes that a revert reverts; returns whether all of them are in the range.
    fn mark_reverted(&mut self, from: Place, revert: &Revert) -> bool {
        let named: Vec<Option<usize>> =
            revert.commits.iter().map(|id| self.named(from.0, id)).collect();
        let found: Vec<usize> = named.iter().flatten().copied().collect();
        if !found.is_empty() {
            // A commit that adds a change again does not also restore the old one.
            let again = |at: &usize| !revert.only && self.undoes(*at);
            if found.iter().any(again) {
                return true;
            }
            for at in &found {
                self.undo(*at, from.0, revert.mainline.as_deref());
            }
            return named.iter().all(Option::is_some);
        }
        let whole = revert.subject.as_deref().map(|text| Form::Whole(text.trim()));
        let described = revert.described.as_deref().map(|text| Form::Described(text.trim()));
        let quoted = whole.into_iter().chain(described).find_map(|form| self.quoted(from, form));
        let pulls: Vec<Option<usize>> =
            revert.pulls.iter().map(|number| self.pulled(from.0, *number)).collect();
        let merges = pulls.iter().flatten().any(|at| self.is_merge(*at));
        if let Some((at, part)) = quoted.filter(|_| !merges) {
            match part {
                0 => self.undo(at, from.0, None),
                listed => self.set((at, listed), State::Undone),
            }
            return true;
        }
        for at in pulls.iter().flatten() {
            self.undo(*at, from.0, None);
        }
        !pulls.is_empty() && pulls.iter().all(Option::is_some)
    }

    fn undo(&mut self, at: usize, by: usize, mainline: Option<&str>) {
        let mut all = if self.is_merge(at) { self.brought(at, mainline) } else { Vec::new() };
        all.push(at);
        for commit in all {
            self.by.insert(commit, by);
            if let Some(parts) = self.states.get_mut(commit) {
                parts.fill(State::Undone);
            }
        }
    }

    fn is_merge(&self, at: usize) -> bool {
        self.commits.get(at).is_some_and(|commit| commit.parents > 1)
    }

    fn undoes(&self, at: usize) -> bool {
        let title = self.told.get(at).and_then(|parts| parts.first());
        title.is_some_and(|part| revert(part).is_some_and(|revert| revert.only))
    }

    /// The only other commit in the range that an ID matches.
    fn named(&self, from: usize, id: &str) -> Option<usize> {
        let fits = |commit: &Commit| commit.sha.as_str().starts_with(id);
        let others = self.commits.iter().enumerate().filter(|(at, _)| *at != from);
        let mut found = others.filter(|(_, commit)| fits(commit));
        let first = found.next()?;
        found.next().is_none().then_some(first.0)
    }

    /// The newest older commit that a subject quotes and that is not reverted yet.
    fn quoted(&self, (from, part): Place, form: Form<'_>) -> Option<Place> {
        let places = self.subjects.get_or_init(|| subjects(self.told)).get(&form)?;
        let sibling = |place: &&Place| {
            place.0 == from
                && (1..part).contains(&place.1)
                && self.state(**place) == Some(State::Stays)
        };
        let older = |place: &&Place| place.0 > from && self.open(**place, from);
        let found = places.iter().rev().find(sibling).or_else(|| places.iter().find(older));
        found.copied()
    }

    /// Whether a change is not reverted yet, or is reverted by the same commit.
    fn open(&self, place: Place, from: usize) -> bool {
        match self.state(place) {
            Some(State::Undone) => self.by.get(&place.0) == Some(&from),
            Some(State::Stays | State::Undoes) => true,
            None => false,
        }
    }

    /// The newest older commit of a pull request.
    fn pulled(&self, from: usize, pull: u64) -> Option<usize> {
        let left = self.pulls.get_or_init(|| pulls(self.commits)).get(&pull)?;
        left.iter().copied().find(|at| *at > from && self.open((*at, 0), from))
    }

    /// The commits that a merge added to one of its parents: the first, unless another one is
    /// named.
    fn brought(&self, at: usize, mainline: Option<&str>) -> Vec<usize> {
        let Some(merge) = self.commits.get(at) else { return Vec::new() };
        let parents = &merge.parent_commits;
        let is_it = |parent: &&Sha| mainline.is_some_and(|id| parent.as_str().starts_with(id));
        let Some(main) = parents.iter().find(is_it).or(parents.first()) else {
            return Vec::new();
        };
        let before = self.reached(vec![main]);
        let after = self.reached(parents.iter().collect());
        let new = after.iter().zip(&before).enumerate().filter(|(_, (new, old))| **new && !**old);
        new.map(|(at, _)| at).collect()
    }

    /// The commits in the range that are ancestors of some commits.
    fn reached(&self, mut from: Vec<&'c Sha>) -> Vec<bool> {
        let mut reached = vec![false; self.commits.len()];
        while let Some(sha) = from.pop() {
            let Some(at) = self.at.get(sha) else { continue };
            if let Some(seen) = reached.get_mut(*at).filter(|seen| !**seen) {
                *seen = true;
                from.extend(self.commits.get(*at).iter().flat_map(|commit| &commit.parent_commits));
            }
        }
        reached
    }
}

/// The position of each subject, newest first.
fn subjects<'c>(told: &'c [Vec<Part<'c>>]) -> HashMap<Form<'c>, Vec<Place>> {
    let mut subjects: HashMap<Form<'_>, Vec<Place>> = HashMap::new();
    for (at, parts) in told.iter().enumerate() {
        for (n, part) in parts.iter().enumerate() {
            let (subject, bare) = (part.subject.trim(), unnumbered(&part.subject));
            let whole = [subject, bare].map(Form::Whole);
            let forms = whole.into_iter().skip(usize::from(subject == bare));
            for form in forms.chain([Form::Described(described(subject))]) {
                subjects.entry(form).or_default().push((at, n));
            }
        }
    }
    subjects
}

/// The commits of each pull request, newest first.
fn pulls(commits: &[Commit]) -> HashMap<u64, Vec<usize>> {
    let mut pulls: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, commit) in commits.iter().enumerate() {
        let told = commit.message.lines().find_map(|line| {
            let (_, number) = line.strip_prefix("See merge request ")?.rsplit_once('!')?;
            number.trim().parse().ok()
        });
        for number in number(commit.subject()).into_iter().chain(told) {
            pulls.entry(number).or_default().push(at);
        }
    }
    pulls
}
