//! A word of a report with its tone. Each format of a report styles the word by its tone.

use std::fmt;

/// What kind of news a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not yet.
    Wait,
    /// It could not be read.
    Doubtful,
    /// It stopped halfway, or is on its way.
    Unfinished,
    /// Something is wrong.
    Bad,
    /// For information; it does not count.
    Remark,
    /// Not begun.
    Open,
    /// Left out.
    Off,
    /// Neither good nor bad.
    Plain,
}

/// A word and its tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The word, as documents have it.
    pub text: &'static str,
    /// What kind of news it is.
    pub tone: Tone,
}

impl Word {
    /// What a gate that does not count says.
    pub const INFORM: Self = Self::new("inform", Tone::Remark);
    /// A gate that does not say go, with leave to go on.
    pub const WAIVED: Self = Self::new("waived", Tone::Remark);
    /// A remark that no gate makes.
    pub const NOTE: Self = Self::new("note", Tone::Remark);
    /// Something that is done already, but different.
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
