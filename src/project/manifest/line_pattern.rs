//! A regular expression with one capture, which finds the version in a file.

use crate::base::source::Span;
use regex::{Regex, RegexBuilder};

/// The maximum size of a compiled pattern, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Why a text is not a valid pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinePatternError {
    /// It is not a regular expression.
    #[error("it is not a regular expression: {0}")]
    Syntax(String),
    /// It does not mark which part is the version.
    #[error("it has {0} capture groups, but it must have exactly one, for the version")]
    Captures(usize),
}

/// A regular expression. `^` and `$` match at line boundaries.
#[derive(Debug, Clone)]
pub struct LinePattern {
    regex: Regex,
}

impl LinePattern {
    /// Parses a pattern.
    ///
    /// # Errors When it is not a regular expression, or does not have exactly one capture group.
    pub fn new(text: &str) -> Result<Self, LinePatternError> {
        let built = RegexBuilder::new(text).multi_line(true).size_limit(MAX_BYTES).build();
        let regex = built.map_err(|error| {
            let why = error.to_string();
            let last = why.lines().next_back().unwrap_or_default();
            LinePatternError::Syntax(last.trim_start_matches("error: ").to_owned())
        })?;
        match regex.captures_len() - 1 {
            1 => Ok(Self { regex }),
            other => Err(LinePatternError::Captures(other)),
        }
    }

    /// The captured text of each match, with its location.
    pub fn captures<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, Span)> {
        self.regex.captures_iter(text).filter_map(|found| {
            let at = found.get(1)?;
            Some((at.as_str(), Span { start: at.start(), end: at.end() }))
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

impl PartialEq for LinePattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for LinePattern {}
