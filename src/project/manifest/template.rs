//! Converts between versions and tags.

use crate::base::names::{NameError, TagName};

/// A tag's form, with `{version}` in it exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate {
    prefix: String,
    suffix: String,
}

/// Why a text is not a tag template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{version}` is missing or there twice.
    #[error("a tag needs `{{version}}` in it exactly once")]
    Version,
    /// Some version would give a name git refuses.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl TagTemplate {
    /// Parses `v{version}`.
    ///
    /// # Errors
    /// When `{version}` is not there exactly once, or git would refuse the tag's name.
    pub fn new(text: &str) -> Result<Self, TemplateError> {
        let (prefix, suffix) = text.split_once("{version}").ok_or(TemplateError::Version)?;
        if suffix.contains("{version}") {
            return Err(TemplateError::Version);
        }
        TagName::new(format!("{prefix}1.0.0{suffix}"))?;
        Ok(Self { prefix: prefix.into(), suffix: suffix.into() })
    }

    /// The tag of a version.
    ///
    /// # Errors
    /// When git would refuse the name.
    pub fn tag(&self, version: &crate::base::version::Version) -> Result<TagName, NameError> {
        TagName::new(format!("{}{version}{}", self.prefix, self.suffix))
    }

    /// A filter for the tags of this form, as a workflow's `on.push.tags` has it; the widest one if
    /// the form holds what such a filter reads otherwise
    /// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>).
    #[must_use]
    pub fn filter(&self) -> String {
        let special = |text: &str| text.contains(['*', '?', '[', ']', '+', '!', '\\', '{', '}']);
        match special(&self.prefix) || special(&self.suffix) {
            true => "**".to_owned(),
            false => format!("{}[0-9]*{}", self.prefix, self.suffix),
        }
    }

    /// The version that a tag of this form carries; `None` for any other tag.
    #[must_use]
    pub fn version(&self, tag: &str) -> Option<crate::base::version::Version> {
        let middle = tag.strip_prefix(&self.prefix)?.strip_suffix(&self.suffix)?;
        crate::base::version::Version::read(middle).ok()
    }
}
