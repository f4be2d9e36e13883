//! A reason with its place in a file: what a gate, or the manifest's reader, has to say.
//!
//! The words live here; how they look on a terminal is `render`'s business.

use crate::source::Span;
use serde::{Deserialize, Serialize};

/// Where in which file a finding points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Name of the [`Source`](crate::source::Source).
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
}

impl Finding {
    /// A finding that is only its message, to be added to.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, notes: Vec::new(), help: None }
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
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
