//! A finding: one reason for a ruling or an error, with its location in a file.
//!
//! This module has the content. `report::finding` has the layout.

use crate::base::clean::clip;
use crate::base::source::Span;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Where in which file a finding points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Name of the [`Source`](crate::base::source::Source).
    pub file: String,
    /// Bytes in it.
    pub span: Span,
    /// What is said at the spot; may be empty.
    pub label: String,
}

/// One reason. The message would do alone; notes add facts; only help proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Lowercase, no full stop, names in backticks.
    pub message: String,
    /// The primary place, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Further facts, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do; only what would work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Who can do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// The people who can do it, if they are known by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
}

/// Who can take a reason away, as far as its kind tells: those who could at least, not all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Who writes the change: something in the repository has to change.
    Author,
    /// Who runs tminus: with other words, in another place, once more.
    Operator,
    /// Who may write to the repository.
    Writer,
    /// Who may run a job again.
    Rerunner,
    /// Who may act at another app, which reported a check.
    Reporter,
    /// Who is asked before a job enters its environment.
    Reviewer,
    /// Who has a role in the release.
    Member,
    /// Who may change settings and rules.
    Administrator,
    /// Who says what the credentials may do.
    Grantor,
    /// It goes on by itself.
    Nobody,
}

impl Who {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Author,
        Self::Operator,
        Self::Writer,
        Self::Rerunner,
        Self::Reporter,
        Self::Reviewer,
        Self::Member,
        Self::Administrator,
        Self::Grantor,
        Self::Nobody,
    ];

    /// The same for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Author => "the author of the change",
            Self::Operator => "the person who runs tminus",
            Self::Writer => "a maintainer with write access",
            Self::Rerunner => "a maintainer with write access, who can rerun the job",
            Self::Reporter => "the owner of the app that reported the check",
            Self::Reviewer => "a reviewer of the environment, if it has reviewers",
            Self::Member => "the named people",
            Self::Administrator => "an administrator of the repository or its organization",
            Self::Grantor => {
                "the owner of the token, or the workflow author if it is the workflow's own token"
            }
            Self::Nobody => "CI, the forge or time; nothing needs fixing",
        }
    }

    /// Whether it adds nothing for those who read a terminal or a log: they are it, or the help says
    /// as much.
    #[must_use]
    pub fn is_obvious(self) -> bool {
        match self {
            Self::Author | Self::Operator | Self::Grantor | Self::Member => true,
            Self::Writer
            | Self::Rerunner
            | Self::Reporter
            | Self::Reviewer
            | Self::Administrator
            | Self::Nobody => false,
        }
    }
}

/// The most characters of a message or a note: what others wrote may be in it.
const MOST: usize = 1000;

/// A message as it is shown: no longer than people read, and with a word for a name that is empty.
fn told(text: String) -> String {
    let text = if text.contains("``") { text.replace("``", "(empty)") } else { text };
    match clip(&text, MOST) {
        Cow::Borrowed(_) => text,
        Cow::Owned(short) => short,
    }
}

impl Finding {
    /// A finding that is only its message, to be added to.
    pub fn new(message: impl Into<String>) -> Self {
        let message = told(message.into());
        Self { message, place: None, notes: Vec::new(), help: None, who: None, people: Vec::new() }
    }

    /// Points at a place.
    #[must_use]
    pub fn at(mut self, file: &str, span: Span, label: impl Into<String>) -> Self {
        self.place = Some(Place { file: file.into(), span, label: label.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(told(note.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the people who can do it.
    #[must_use]
    pub fn people(mut self, people: impl IntoIterator<Item = String>) -> Self {
        self.people = people.into_iter().map(told).collect();
        self.who(Who::Member)
    }

    /// Who can do it, for people: their names, else what they are.
    #[must_use]
    pub fn waits_on(&self) -> Option<String> {
        match self.people.as_slice() {
            [] => self.who.map(|who| who.words().to_owned()),
            people => Some(people.join(", ")),
        }
    }

    /// The same, unless it adds nothing for those who read a terminal or a log.
    #[must_use]
    pub fn waits_on_others(&self) -> Option<String> {
        let obvious = self.people.is_empty() && self.who.is_none_or(Who::is_obvious);
        if obvious { None } else { self.waits_on() }
    }

    /// Says who can do it.
    #[must_use]
    pub fn who(mut self, who: Who) -> Self {
        self.who = Some(who);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_makes_no_message_endless_and_leaves_no_empty_name() {
        let long = Finding::new("x".repeat(300_000)).note("y".repeat(300_000));
        assert_eq!((long.message.chars().count(), long.notes.len()), (MOST, 1));
        assert!(long.notes.iter().all(|note| note.ends_with('…')));
        assert_eq!(Finding::new("check `` failed").message, "check (empty) failed");
    }
}
