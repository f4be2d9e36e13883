//! The entries of generated notes for a range of commits, and whether each commit is listed.

use super::account::each;
use super::branches::brought_by;
use super::change::{Change, Commit};
use super::message::ChangeKinds;
use super::part::{number, unnumbered};
use super::pull::{pull, title_change};
use super::releasing::only_releases;
use super::rule::Excluded;
use crate::base::names::Sha;
use crate::project::manifest::Bump;
use std::collections::{BTreeMap, HashMap};

/// A heading of the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Breaking changes of any type.
    Breaking,
    /// `feat`.
    Features,
    /// `fix`.
    Fixes,
    /// `perf`.
    Performance,
    /// `security`.
    Security,
    /// `revert`.
    Reverts,
    /// `docs`.
    Documentation,
    /// `i18n`.
    Translations,
    /// `deps`.
    Dependencies,
    /// No type, one of the project's own types, or an unknown type.
    Other,
}

impl Group {
    /// Every one, in the order of the notes.
    pub const ALL: [Self; 10] = [
        Self::Breaking,
        Self::Features,
        Self::Fixes,
        Self::Performance,
        Self::Security,
        Self::Reverts,
        Self::Documentation,
        Self::Translations,
        Self::Dependencies,
        Self::Other,
    ];

    /// The heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Breaking => "Breaking changes",
            Self::Features => "Features",
            Self::Fixes => "Fixes",
            Self::Performance => "Performance",
            Self::Security => "Security",
            Self::Reverts => "Reverts",
            Self::Documentation => "Documentation",
            Self::Translations => "Translations",
            Self::Dependencies => "Dependencies",
            Self::Other => "Other changes",
        }
    }

    /// Whether changes of several types are listed there, so that each line begins with its type.
    #[must_use]
    pub const fn is_mixed(self) -> bool {
        matches!(self, Self::Breaking | Self::Other)
    }

    /// The heading of a change; `None` if users do not notice changes of its type.
    fn of(change: &Change) -> Option<Self> {
        if change.breaking {
            return Some(Self::Breaking);
        }
        match change.kind.as_deref() {
            Some("feat") => Some(Self::Features),
            Some("fix") => Some(Self::Fixes),
            Some("perf") => Some(Self::Performance),
            Some("security") => Some(Self::Security),
            Some("revert") => Some(Self::Reverts),
            Some("docs") => Some(Self::Documentation),
            Some("i18n") => Some(Self::Translations),
            Some("deps") => Some(Self::Dependencies),
            Some("build" | "chore" | "ci" | "refactor" | "release" | "style" | "test") => None,
            Some(_) | None => Some(Self::Other),
        }
    }
}

/// A line of the notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its heading.
    pub group: Group,
    /// The change.
    pub change: Change,
    /// The commits that contain it, newest first.
    pub commits: Vec<Sha>,
    /// The number of its pull request (`#3`, `!3`), if the description does not contain it.
    pub pull: Option<String>,
}

/// Whether the notes list a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The notes list it, under these headings.
    Listed(Vec<Group>),
    /// A rule leaves it out.
    LeftOut(Excluded),
    /// The notes list it, and its type is unknown.
    UnknownKind(String),
    /// It has no message.
    NoMessage,
}

/// The lines of the notes, and whether each commit is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the order of their headings, newest first.
    pub entries: Vec<Entry>,
    /// One for each commit, in their order.
    pub fates: Vec<Fate>,
}

/// Determines this for every commit of a range, newest first. The package's name identifies commits that
/// only set its version.
#[must_use]
pub fn listing(commits: &[Commit], kinds: ChangeKinds<'_>, package: &str) -> Listing {
    let mut said = each(commits, kinds);
    for (commit, said) in commits.iter().zip(&mut said) {
        own_rules(commit, said, package);
    }
    let pulls = titles(commits, kinds, package, &mut said);
    let mut listing = Listing::default();
    let mut lines = Lines::default();
    for (at, (commit, said)) in commits.iter().zip(said).enumerate() {
        listing.fates.push(match said {
            Err(rule) => Fate::LeftOut(rule),
            Ok(changes) => lines.add(commit, changes, pulls.get(&at)),
        });
    }
    listing.entries = lines.entries;
    listing.entries.sort_by_key(|entry| entry.group);
    listing
}

type Said = Result<Vec<Change>, Excluded>;

/// The rules that look at one commit alone.
fn own_rules(commit: &Commit, said: &mut Said, package: &str) {
    let Ok(changes) = said else { return };
    let moves = changes.iter().any(|change| change.bump().is_some());
    if !moves && commit.bot {
        *said = Err(Excluded::Bot);
    } else if !moves && only_releases(commit.subject(), package) {
        *said = Err(Excluded::Release);
    } else {
        changes.retain(|change| Group::of(change).is_some());
        if changes.is_empty() {
            *said = Err(Excluded::Kind);
        }
    }
}

/// The title of a pull request that was merged with a merge commit replaces its commits, except
/// those that tell users what to do or require a higher version. Returns the numbers of pull
/// requests for the commits that are listed for them.
fn titles(
    commits: &[Commit],
    kinds: ChangeKinds<'_>,
    package: &str,
    said: &mut [Said],
) -> BTreeMap<usize, String> {
    let mut pulls = BTreeMap::new();
    let mut brought: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, merge) in brought_by(commits).into_iter().enumerate() {
        // A merge, and a commit with its own number, belong to other pull requests.
        let own = |commit: &Commit| commit.parents < 2 && number(commit.subject()).is_none();
        if let Some(merge) = merge
            && commits.get(at).is_some_and(own)
        {
            brought.entry(merge).or_default().push(at);
        }
    }
    for (merge, covered) in brought {
        let Some(commit) = commits.get(merge).filter(|commit| !commit.elsewhere) else { continue };
        let Some(title) = title_change(commit, kinds) else { continue };
        let repeated = speak_for(merge, &covered, title, package, said);
        let listed = repeated.unwrap_or(merge);
        pulls.extend(pull(&commit.message).map(|pull| (listed, pull.reference)));
    }
    pulls
}

/// Determines this for a merge and its commits; returns the commit with the text of the title.
fn speak_for(
    merge: usize,
    covered: &[usize],
    title: Change,
    package: &str,
    said: &mut [Said],
) -> Option<usize> {
    let of = |at: &usize| said.get(*at);
    if of(&merge).is_none_or(|said| *said == Err(Excluded::Reverted))
        || only_releases(&title.description, package)
    {
        return None;
    }
    let listed: Vec<usize> =
        covered.iter().copied().filter(|at| of(at).is_some_and(Result::is_ok)).collect();
    let kindless = |at: &usize| matches!(of(at), Some(Ok(changes)) if changes.iter().all(|one| one.kind.is_none()));
    let has_kind = title.kind.is_some();
    let repeated = listed.iter().copied().find(|at| {
        let same = |one: &Change| unnumbered(&one.description) == unnumbered(&title.description);
        matches!(of(at), Some(Ok(changes)) if changes.first().is_some_and(same))
    });
    // All its commits are left out, so the title is too, unless it says more than the commits.
    let only_hidden = covered.iter().all(|at| of(at) == Some(&Err(Excluded::Kind)));
    let speaks = match (has_kind, listed.is_empty()) {
        (true, true) => only_hidden,
        (true, false) => true,
        (false, true) => false,
        (false, false) => listed.iter().any(kindless),
    };
    let shown = Group::of(&title).is_some();
    let outcome = match (speaks, repeated) {
        (true, None) if shown => Ok(vec![title.clone()]),
        (true, None) => Err(Excluded::Kind),
        (true, Some(_)) | (false, _) => {
            let rule = covered.first().and_then(|at| of(at)?.as_ref().err().copied());
            Err(if listed.is_empty() { rule.unwrap_or(Excluded::Merge) } else { Excluded::Merge })
        }
    };
    if let Some(place) = said.get_mut(merge) {
        *place = outcome;
    }
    let least: Option<Bump> = title.bump();
    for at in covered.iter().filter(|at| speaks && Some(**at) != repeated) {
        let Some(place) = said.get_mut(*at) else { continue };
        let Ok(changes) = place else { continue };
        let further = |change: &Change| change.bump() > least || !change.notes.is_empty();
        changes.retain(|change| further(change) || (!has_kind && change.kind.is_some()));
        if changes.is_empty() {
            *place = Err(Excluded::PullRequest);
        }
    }
    repeated
}

/// The lines in their order; lines with the same text become one line.
#[derive(Default)]
struct Lines {
    entries: Vec<Entry>,
    at: HashMap<(Group, Option<String>, Option<String>, String), usize>,
}

impl Lines {
    fn add(&mut self, commit: &Commit, changes: Vec<Change>, pull: Option<&String>) -> Fate {
        if commit.message.trim().is_empty() {
            return Fate::NoMessage;
        }
        let unknown = changes.first().and_then(|change| change.unknown.clone());
        let mut groups = Vec::new();
        for change in once(changes) {
            let Some(group) = Group::of(&change) else { continue };
            if !groups.contains(&group) {
                groups.push(group);
            }
            self.line(commit, group, change, pull);
        }
        groups.sort_unstable();
        unknown.map_or(Fate::Listed(groups), Fate::UnknownKind)
    }

    fn line(&mut self, commit: &Commit, group: Group, change: Change, pull: Option<&String>) {
        let words = unnumbered(&change.description).to_owned();
        let key = (group, change.kind.clone(), change.scope.clone(), words);
        let known = self.at.get(&key).and_then(|at| self.entries.get_mut(*at));
        if let Some(entry) = known.filter(|entry| entry.change.notes == change.notes) {
            if !entry.commits.contains(&commit.sha) {
                entry.commits.push(commit.sha.clone());
            }
            return;
        }
        let told = number(&change.description).is_some();
        let pull = pull.filter(|_| !told).cloned();
        self.at.insert(key, self.entries.len());
        self.entries.push(Entry { group, commits: vec![commit.sha.clone()], change, pull });
    }
}

/// Of the changes of one commit with the same text, the one that requires the largest bump.
fn once(changes: Vec<Change>) -> Vec<Change> {
    let mut kept: Vec<Change> = Vec::new();
    for change in changes {
        let same = |known: &&mut Change| {
            known.scope == change.scope
                && unnumbered(&known.description) == unnumbered(&change.description)
        };
        match kept.iter_mut().find(same) {
            Some(known) if known.bump() < change.bump() => {
                let description = std::mem::take(&mut known.description);
                *known = Change { description, ..change };
            }
            Some(_) => {}
            None => kept.push(change),
        }
    }
    kept
}
