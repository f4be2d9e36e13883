//! Declares the shape of each part of the manifest, once.
//!
//! A [`Shape`] produces the errors (`check`), the JSON Schema (`schema`) and the reference page
//! (`reference`). Gates declare their settings with it. Nothing here reads text.

use super::preset::Preset;

/// A word that may be written, and what it means.
pub type Word = (&'static str, &'static str);

/// The form of one value.
#[derive(Debug, Clone, Copy)]
pub enum Shape<'a> {
    /// One line of text that is not empty. A number is taken as it was written.
    Text,
    /// Letters, digits, `-`, `_` and `.`.
    Name,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Integer {
        /// The least that is taken.
        min: u64,
        /// The most that is taken.
        max: u64,
    },
    /// One of some words.
    OneOf(&'a [Word]),
    /// A glob over names.
    Glob,
    /// A glob over files of the repository, that cannot lead out of it.
    Files,
    /// A path of a file of the repository.
    Path,
    /// Time, as `10m` or `1h 30m`; a day has 24 hours.
    Duration,
    /// A tag's form, with `{version}` in it once.
    Tag,
    /// A regular expression with one capture.
    LinePattern,
    /// A program and its arguments.
    Argv,
    /// A list.
    List {
        /// What each item is.
        of: &'a Shape<'a>,
        /// How many items there are at least.
        min: usize,
    },
    /// A mapping with known keys.
    Object(&'a [Field<'a>]),
    /// A mapping from any text to values of one shape.
    Dictionary(&'a Shape<'a>),
    /// A mapping whose keys are names of things, as gates.
    Named {
        /// What one of them is called in messages.
        noun: &'static str,
        /// All of them.
        fields: &'a [Field<'a>],
    },
    /// The bare name of one field, or a mapping of that one field to its settings.
    ///
    /// A field that is `required` cannot be bare.
    Choice {
        /// What one of them is called in messages.
        noun: &'static str,
        /// All of them.
        fields: &'a [Field<'a>],
    },
    /// One of several forms, distinguished by the type of the value.
    AnyOf(&'a [Shape<'a>]),
}

/// One key of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// As it is written.
    pub key: &'static str,
    /// One or two sentences of Markdown for the reference, the schema and editors.
    pub doc: &'static str,
    /// What holds where it is left out.
    pub default: Option<Preset>,
    /// Whether leaving it out is an error.
    pub required: bool,
    /// What its value is.
    pub shape: Shape<'a>,
}

impl<'a> Field<'a> {
    /// A key that may be left out and has no default.
    #[must_use]
    pub const fn new(key: &'static str, shape: Shape<'a>, doc: &'static str) -> Self {
        Self { key, doc, default: None, required: false, shape }
    }

    /// With a text as its default.
    #[must_use]
    pub const fn default(self, text: &'static str) -> Self {
        self.preset(Preset::Text(text))
    }

    /// With a default of another kind.
    #[must_use]
    pub const fn preset(mut self, default: Preset) -> Self {
        self.default = Some(default);
        self
    }

    /// That must be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

impl Shape<'_> {
    /// What is expected, for messages and the reference: `a list of globs`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Text => "a string".into(),
            Self::Name => "a name that contains only letters, digits, `-`, `_` and `.`".into(),
            Self::Flag => "`true` or `false`".into(),
            Self::Integer { min, max } if min == max => format!("`{min}`"),
            Self::Integer { min, max: u64::MAX } => format!("an integer of at least {min}"),
            Self::Integer { min, max } => format!("an integer from {min} to {max}"),
            Self::OneOf(_) => either(self.alternatives().into_iter()),
            Self::Glob => "a glob".into(),
            Self::Files => "a glob of files in the repository".into(),
            Self::Path => "a path in the repository".into(),
            Self::Duration => "a duration (`10m`, `1h 30m`, `14d`)".into(),
            Self::Tag => "a tag with `{version}` in it".into(),
            Self::LinePattern => "a regular expression with one capture group".into(),
            Self::Argv => "a list of a program and its arguments".into(),
            Self::List { of, .. } => match of {
                Self::Object(_) => "a list of mappings".into(),
                Self::Choice { noun, .. } => format!("a list of {noun}s"),
                Self::Text => "a list of strings".into(),
                Self::Glob => "a list of globs".into(),
                Self::Files => "a list of globs of files in the repository".into(),
                Self::Path => "a list of paths in the repository".into(),
                Self::Name
                | Self::Flag
                | Self::Integer { .. }
                | Self::OneOf(_)
                | Self::Duration
                | Self::Tag
                | Self::LinePattern
                | Self::Argv
                | Self::List { .. }
                | Self::Dictionary(_)
                | Self::Named { .. }
                | Self::AnyOf(_) => format!("a list; each item is {}", of.describe()),
            },
            Self::Object(_) | Self::Dictionary(_) => "a mapping".into(),
            Self::Named { noun, .. } => format!("a mapping of {noun}s"),
            Self::Choice { noun, .. } => format!("a {noun}"),
            Self::AnyOf(shapes) => either(shapes.iter().flat_map(Self::alternatives)),
        }
    }

    /// The words of a choice of words, so that lists of alternatives read as one list.
    fn alternatives(&self) -> Vec<String> {
        if let Self::OneOf(words) = self {
            words.iter().map(|(word, _)| format!("`{word}`")).collect()
        } else {
            vec![self.describe()]
        }
    }
}

/// `a`, `b` or `c`.
pub(super) fn either(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    match (items.pop(), items.is_empty()) {
        (Some(last), false) => format!("{} or {last}", items.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}
