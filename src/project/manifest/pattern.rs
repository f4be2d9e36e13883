//! Globs for names and files.

use globset::{Glob, GlobBuilder, GlobMatcher};
use std::sync::OnceLock;

/// A glob. `*` does not match `/`; `**` does.
#[derive(Debug, Clone)]
pub struct Pattern {
    glob: Glob,
    /// Compiled on first use: most names are compared literally.
    matcher: OnceLock<GlobMatcher>,
}

impl Pattern {
    /// Parses a glob.
    ///
    /// # Errors When it is not a glob, with the reason.
    pub fn new(text: &str) -> Result<Self, globset::Error> {
        let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build()?;
        Ok(Self { glob, matcher: OnceLock::new() })
    }

    /// Whether a name, or a path with forward slashes, matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let compiled = || self.matcher.get_or_init(|| self.glob.compile_matcher());
        self.as_str() == name || (self.is_wild() && compiled().is_match(name))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.glob.glob()
    }

    /// Whether it contains wildcards or escapes, so that it can match other texts.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        self.as_str().contains(['*', '?', '[', '{', '\\'])
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}
