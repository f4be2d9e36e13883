//! Shows for every commit since the last release whether the notes list it.

use crate::base::names::{Sha, TagName};
use crate::base::source::Source;
use crate::facts::{FileAt, Seen};
use crate::judge::case::Case;
use crate::judge::notes::{are_generated, listed, notes};
use crate::judge::target::NoTarget;
use crate::project::changelog::sections;
use crate::project::commits::{Commit, Excluded, Fate, listing, number_of, without_number};
use crate::project::manifest::ChangelogStyle;

/// The minimum length of a subject that is searched for in a changelog.
const TELLING: usize = 8;

/// Every commit since the last release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounting {
    /// The tag of that release; `None` before the first.
    pub since: Option<TagName>,
    /// Newest first.
    pub rows: Vec<Row>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub commit: Sha,
    /// Its subject.
    pub subject: String,
    /// Whether the notes list it.
    pub state: State,
}

/// Whether the notes list a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The notes list it, under these headings, or the changelog in this file does.
    Listed(Vec<String>),
    /// A rule leaves it out.
    LeftOut(Excluded),
    /// It is unknown whether it belongs to the notes; contains the reason.
    Unknown(String),
}

impl Accounting {
    /// How many commits are listed, left out, and unknown.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        self.rows.iter().fold([0; 3], |[listed, out, unknown], row| match row.state {
            State::Listed(_) => [listed + 1, out, unknown],
            State::LeftOut(_) => [listed, out + 1, unknown],
            State::Unknown(_) => [listed, out, unknown + 1],
        })
    }

    /// The rules that leave something out.
    #[must_use]
    pub fn rules(&self) -> Vec<Excluded> {
        let used = |rule: &Excluded| self.rows.iter().any(|row| row.state == State::LeftOut(*rule));
        Excluded::ALL.into_iter().filter(used).collect()
    }
}

/// Accounts for every commit since the last release. If the version is released already, these are the
/// commits after its tag.
///
/// # Errors
/// When the history, or the changelog, is unseen.
pub fn accounting(case: &Case<'_>) -> Result<Accounting, NoTarget> {
    let facts = case.facts;
    let (since, commits, fates) = match (case.after(), &facts.history) {
        (Some((tag, commits)), _) => {
            let fates = listing(commits, case.change_kinds(), &facts.name).fates;
            (Some(tag.clone()), commits, fates)
        }
        (None, Seen::Known(history)) => {
            let base = history.base.as_ref().map(|base| base.tag.clone());
            (base, history.since.as_slice(), listed(case)?.fates)
        }
        (None, Seen::Unseen(_)) => (None, &[][..], listed(case)?.fates),
    };
    let told = NotesSource::of(case)?;
    let rows = commits.iter().zip(fates).map(|(commit, fate)| Row {
        commit: commit.sha.clone(),
        subject: commit.subject().to_owned(),
        state: told.state(commit, fate),
    });
    Ok(Accounting { since, rows: rows.collect() })
}

const NOT_DUE: &str = "no release is due, so there are no notes yet";

/// The source of the notes.
enum NotesSource {
    /// The commits.
    Commits,
    /// The changelog: its file, and its text for this release.
    Changelog(String, String),
    /// There are no notes, for this reason.
    Nowhere(&'static str),
}

impl NotesSource {
    fn of(case: &Case<'_>) -> Result<Self, NoTarget> {
        if are_generated(case) {
            return Ok(Self::Commits);
        }
        let manifest = case.manifest;
        let is_due = case.after().is_none() && case.target().is_ok();
        let name = match manifest.changelog.style {
            ChangelogStyle::None => {
                return Ok(Self::Nowhere("the release has no notes (`style: none`)"));
            }
            ChangelogStyle::Forge if !is_due => return Ok(Self::Nowhere(NOT_DUE)),
            ChangelogStyle::Forge => format!("{}'s notes", manifest.forge.words.name),
            ChangelogStyle::KeepAChangelog
            | ChangelogStyle::Fragments
            | ChangelogStyle::Generated => match case.changelog() {
                Some(name) => name,
                None => return Ok(Self::Nowhere(NOT_DUE)),
            },
        };
        let text = if is_due { notes(case)? } else { unreleased(case, &name) };
        Ok(Self::Changelog(name, text))
    }

    fn state(&self, commit: &Commit, fate: Fate) -> State {
        let headings = match fate {
            Fate::LeftOut(rule) => return State::LeftOut(rule),
            Fate::Listed(groups) => {
                Ok(groups.iter().map(|group| group.heading().to_owned()).collect())
            }
            Fate::UnknownKind(word) => {
                Err(format!("`{word}` is not a known commit type; listed under Other changes"))
            }
            Fate::NoMessage => Err("the commit has no message".into()),
        };
        match self {
            Self::Commits => headings.map_or_else(State::Unknown, State::Listed),
            Self::Nowhere(why) => State::Unknown((*why).into()),
            Self::Changelog(file, text) if files_containing(text, commit) => {
                State::Listed(vec![file.clone()])
            }
            Self::Changelog(file, _) => State::Unknown(format!(
                "`{file}` names neither its pull request, its id nor its subject"
            )),
        }
    }
}

/// The text under Unreleased.
fn unreleased(case: &Case<'_>, name: &str) -> String {
    let Some(Seen::Known(FileAt::Text(text))) = case.facts.files.get(name) else {
        return String::new();
    };
    let source = Source { name: name.to_owned(), text: text.as_str().into() };
    let sections = sections(&source).unwrap_or_default();
    let open = sections.iter().filter(|section| section.is_unreleased());
    open.map(|section| section.notes.as_str()).collect()
}

/// Whether notes mention a commit: its pull request, its id, or its subject.
fn files_containing(notes: &str, commit: &Commit) -> bool {
    let number = number_of(commit);
    let numbered = number.is_some_and(|number| {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
        ["#", "!", "/pull/", "/merge_requests/"].iter().any(|before| {
            let named = format!("{before}{number}");
            notes
                .match_indices(&named)
                .any(|(at, _)| notes.get(at + named.len()..).is_some_and(ends))
        })
    });
    let words = without_number(commit.subject());
    let said =
        words.chars().count() >= TELLING && notes.to_lowercase().contains(&words.to_lowercase());
    numbered || notes.contains(commit.sha.short()) || said
}
