//! A word of a report with its tone. Each format of a report styles the word by its tone.

use std::fmt;

/// The meaning of a word, which determines its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Success.
    Good,
    /// Pending.
    Wait,
    /// It could not be read.
    Doubtful,
    /// It stopped before the end, or is in progress.
    Unfinished,
    /// Something is wrong.
    Bad,
    /// For information only.
    Remark,
    /// Not started.
    Open,
    /// Turned off, or omitted.
    Off,
    /// Neutral.
    Plain,
}

/// A word and its tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The word, as it appears in documents.
    pub text: &'static str,
    /// Its meaning.
    pub tone: Tone,
}

impl Word {
    /// The result of a gate that does not count.
    pub const INFORM: Self = Self::new("inform", Tone::Remark);
    /// A gate that is not go and has a waiver.
    pub const WAIVED: Self = Self::new("waived", Tone::Remark);
    /// A remark that stops nothing.
    pub const NOTE: Self = Self::new("note", Tone::Remark);
    /// Something exists but differs from the plan.
    pub const CONFLICT: Self = Self::new("conflict", Tone::Bad);
    /// A failure.
    pub const ERROR: Self = Self::new("error", Tone::Bad);

    /// A word.
    #[must_use]
    pub const fn new(text: &'static str, tone: Tone) -> Self {
        Self { text, tone }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.text)
    }
}
