//! A finding: one reason for a ruling or an error, with its location in a file.
//!
//! This module has the content. `report::finding` has the layout.

use crate::base::awaited::Awaited;
use crate::base::clean::clip;
use crate::base::source::Span;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The location of a finding: a file and a span.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Name of the [`Source`](crate::base::source::Source).
    pub file: String,
    /// The bytes in that file.
    pub span: Span,
    /// The text at the location; may be empty.
    pub label: String,
}

/// One reason. The message must be clear by itself; notes add facts; only `help` suggests a fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Lowercase, no full stop, names in backticks.
    pub message: String,
    /// The main location, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Additional facts, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do. It suggests only what would work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Who can do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// The people who can do it, if they are known by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Since when it is so, if that is proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When it has to be resolved, if there is a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// What people have to say to resolve it, if that is all it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Box<Awaited>>,
}

/// Who can resolve a finding, as far as its kind determines it. Other people may be able to do it
/// too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The author of the change: the content of the repository must change.
    Author,
    /// The person who runs tminus: with other arguments, in another place, or again.
    Operator,
    /// A person with write access to the repository.
    Writer,
    /// A person who can rerun a job.
    Rerunner,
    /// The owner of the app that reported a check.
    Reporter,
    /// A reviewer of the environment.
    Reviewer,
    /// Who has a role in the release.
    Member,
    /// An administrator, who can change settings and rules.
    Administrator,
    /// The person who controls the permissions of the credentials.
    Grantor,
    /// Nobody: it resolves itself with time.
    Nobody,
}

impl Who {
    /// All values.
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

    /// The description in reports.
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
            Self::Nobody => "CI, the forge or a timer",
        }
    }

    /// Whether it can be omitted on a terminal or in a log: it is the reader, or the help already
    /// says so.
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

/// The maximum length of a message or a note, in characters: it can contain external text.
const MOST: usize = 1000;

/// A message as it is shown: shortened, and with a word for an empty name.
fn shortened(text: String) -> String {
    let text = if text.contains("``") { text.replace("``", "(empty)") } else { text };
    match clip(&text, MOST) {
        Cow::Borrowed(_) => text,
        Cow::Owned(short) => short,
    }
}

impl Finding {
    /// A finding with only a message.
    pub fn new(message: impl Into<String>) -> Self {
        let message = shortened(message.into());
        Self {
            message,
            place: None,
            notes: Vec::new(),
            help: None,
            who: None,
            people: Vec::new(),
            since: None,
            due: None,
            awaits: None,
        }
    }

    /// Adds the location.
    #[must_use]
    pub fn at(mut self, file: &str, span: Span, label: impl Into<String>) -> Self {
        self.place = Some(Place { file: file.into(), span, label: label.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(shortened(note.into()));
        self
    }

    /// Adds the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the people who can do it.
    #[must_use]
    pub fn people(mut self, people: impl IntoIterator<Item = String>) -> Self {
        self.people = people.into_iter().map(shortened).collect();
        self.who(Who::Member)
    }

    /// Adds since when it is so.
    #[must_use]
    pub fn since(mut self, since: Option<Timestamp>) -> Self {
        self.since = since;
        self
    }

    /// Adds when it has to be resolved.
    #[must_use]
    pub fn due(mut self, due: Option<Timestamp>) -> Self {
        self.due = due;
        self
    }

    /// Adds what people have to say to resolve it.
    #[must_use]
    pub fn awaits(mut self, awaited: Awaited) -> Self {
        self.awaits = Some(Box::new(awaited));
        self
    }

    /// Who can do it, for people: their names, else what they are.
    #[must_use]
    pub fn waits_on(&self) -> Option<String> {
        match self.people.as_slice() {
            [] => self.who.map(|who| who.words().to_owned()),
            // The last one can be a group instead of a name.
            [names @ .., group] if !names.is_empty() && group.starts_with("any ") => {
                Some(format!("{} or {group}", names.join(", ")))
            }
            people => Some(people.join(", ")),
        }
    }

    /// The same, unless it adds nothing for those who read a terminal or a log.
    #[must_use]
    pub fn waits_on_others(&self) -> Option<String> {
        let obvious = self.people.is_empty() && self.who.is_none_or(Who::is_obvious);
        if obvious { None } else { self.waits_on() }
    }

    /// Adds who can resolve it.
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
    fn foreign_text_makes_no_message_endless_and_no_name_empty() {
        let long = Finding::new("x".repeat(300_000)).note("y".repeat(300_000));
        assert_eq!((long.message.chars().count(), long.notes.len()), (MOST, 1));
        assert!(long.notes.iter().all(|note| note.ends_with('…')));
        assert_eq!(Finding::new("check `` failed").message, "check (empty) failed");
    }
}
