//! Declares the shape of each part of the manifest, once.
//!
//! A [`Shape`] produces the errors (`check`), the JSON Schema (`schema`) and the reference page
//! (`reference`). Gates declare their settings with it. Nothing here reads text.

use super::preset::Preset;

/// An allowed word and its meaning.
pub type Word = (&'static str, &'static str);

/// The form of one value.
#[derive(Debug, Clone, Copy)]
pub enum Shape<'a> {
    /// One line of text that is not empty. A number is kept as it is written.
    Text,
    /// Letters, digits, `-`, `_` and `.`.
    Name,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Integer {
        /// The minimum.
        min: u64,
        /// The maximum.
        max: u64,
    },
    /// One of several words.
    OneOf(&'a [Word]),
    /// A glob for names.
    Glob,
    /// A glob for files in the repository, which cannot match files outside.
    Files,
    /// The path of a file in the repository.
    Path,
    /// A duration, such as `10m` or `1h 30m`; a day has 24 hours.
    Duration,
    /// A tag format that contains `{version}` once.
    Tag,
    /// A regular expression with one capture group.
    LinePattern,
    /// A program and its arguments.
    Argv,
    /// A list.
    List {
        /// The shape of each item.
        of: &'a Shape<'a>,
        /// The minimum number of items.
        min: usize,
    },
    /// A mapping with known keys.
    Object(&'a [Field<'a>]),
    /// A mapping from any text to values of one shape.
    Dictionary(&'a Shape<'a>),
    /// A mapping whose keys are names, such as those of gates.
    Named {
        /// The noun for one of them, in messages.
        noun: &'static str,
        /// All of them.
        fields: &'a [Field<'a>],
    },
    /// Only the name of one field, or a mapping of that field to its settings.
    ///
    /// A field that is `required` must have settings.
    Choice {
        /// The noun for one of them, in messages.
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
    /// Its default.
    pub default: Option<Preset>,
    /// Whether it is an error to omit it.
    pub required: bool,
    /// The shape of its value.
    pub shape: Shape<'a>,
}

impl<'a> Field<'a> {
    /// An optional key without a default.
    #[must_use]
    pub const fn new(key: &'static str, shape: Shape<'a>, doc: &'static str) -> Self {
        Self { key, doc, default: None, required: false, shape }
    }

    /// Adds a text as the default.
    #[must_use]
    pub const fn default(self, text: &'static str) -> Self {
        self.preset(Preset::Text(text))
    }

    /// Adds a default of another type.
    #[must_use]
    pub const fn preset(mut self, default: Preset) -> Self {
        self.default = Some(default);
        self
    }

    /// Makes the key required.
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

    /// The words of a `OneOf`, so that lists of alternatives are shown as one list.
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
