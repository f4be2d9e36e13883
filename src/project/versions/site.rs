//! The location of a version in a file, and why a file may have none.

use super::stand_in::is_stand_in;
use crate::base::clean::clip;
use crate::base::source::Span;
use crate::base::version::{Scheme, Version};

/// A version where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The version.
    pub version: Version,
    /// The file that contains it: the file that was read, or one that it refers to.
    pub path: String,
    /// Where in that file.
    pub span: Span,
    /// The package's own name, if the file contains it.
    pub package: Option<String>,
    /// Whether the file marks its package as not published.
    pub private: bool,
}

/// Why a file has no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// It cannot be parsed.
    #[error("`{path}` cannot be parsed: {why}")]
    Unparsable {
        /// The file.
        path: String,
        /// In the parser's words.
        why: String,
        /// The location, if it is known.
        span: Option<Span>,
    },
    /// There is no version in it.
    #[error("`{path}` has no {what}")]
    Missing {
        /// The file.
        path: String,
        /// The key that was expected.
        what: &'static str,
    },
    /// The file inherits the version, but the file that should contain it has none.
    #[error("`{path}` inherits its version, but no parent workspace defines one")]
    Inherited {
        /// The file.
        path: String,
        /// The location.
        span: Span,
    },
    /// The version is set elsewhere.
    #[error("`{path}` has no version of its own: {why}")]
    Elsewhere {
        /// The file.
        path: String,
        /// The reason, as text.
        why: String,
        /// The location, if it is known.
        span: Option<Span>,
    },
    /// The text is a placeholder that is replaced when the package is built.
    #[error("`{text}` in `{path}` is a placeholder, not a version")]
    Placeholder {
        /// The file.
        path: String,
        /// The text at this location.
        text: String,
        /// Where.
        span: Span,
    },
    /// It has several versions.
    #[error("`{path}` has several versions: {first} and {second}")]
    Several {
        /// The file.
        path: String,
        /// One of them.
        first: String,
        /// Another version.
        second: String,
        /// Its location.
        span: Span,
    },
    /// The pattern in the manifest does not match anything in it.
    #[error("the pattern `{pattern}` does not match anything in `{path}`")]
    NoMatch {
        /// The file.
        path: String,
        /// The pattern.
        pattern: String,
    },
    /// The text is not a version, or not of the scheme that its kind of file requires.
    #[error("`{text}` in `{path}` is {why}")]
    NotAVersion {
        /// The file.
        path: String,
        /// The text at this location.
        text: String,
        /// Where.
        span: Span,
        /// In the parser's words.
        why: String,
    },
    /// A lock file lacks the package.
    #[error("`{path}` has no entry for `{package}`")]
    NotLocked {
        /// The lock file.
        path: String,
        /// The package.
        package: String,
        /// The command that updates the lock file.
        refresh: &'static str,
    },
    /// A file that another one refers to cannot be read.
    #[error("`{path}` cannot be read: {}", .why.as_deref().unwrap_or("it was not fetched"))]
    Unread {
        /// That file.
        path: String,
        /// The reason; `None` if it was not fetched.
        why: Option<String>,
    },
}

impl SiteError {
    /// The location for the finding.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Unparsable { span, .. } | Self::Elsewhere { span, .. } => *span,
            Self::Missing { .. } | Self::NoMatch { .. } => None,
            Self::NotLocked { .. } | Self::Unread { .. } => None,
            Self::Inherited { span, .. } | Self::NotAVersion { span, .. } => Some(*span),
            Self::Placeholder { span, .. } | Self::Several { span, .. } => Some(*span),
        }
    }

    /// The file that contains the location.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Unparsable { path, .. } | Self::Elsewhere { path, .. } => path,
            Self::Missing { path, .. } | Self::NoMatch { path, .. } => path,
            Self::NotLocked { path, .. } | Self::Unread { path, .. } => path,
            Self::Inherited { path, .. } | Self::NotAVersion { path, .. } => path,
            Self::Placeholder { path, .. } | Self::Several { path, .. } => path,
        }
    }

    /// The fix.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unparsable { .. } | Self::Unread { .. } => return None,
            Self::Missing { .. } => "remove the file from `version.files`, or add the key".into(),
            Self::Elsewhere { .. } | Self::Placeholder { .. } => {
                "remove the file from `version.files`".into()
            }
            Self::Inherited { .. } => {
                "add `workspace.package.version` to the workspace's `Cargo.toml`".into()
            }
            Self::Several { .. } => {
                "select one with `{ path: …, pattern: … }` in `version.files`".into()
            }
            Self::NoMatch { .. } => "fix the pattern; it is matched against each line".into(),
            Self::NotAVersion { .. } => "write it as a version, such as 1.2.3".into(),
            Self::NotLocked { refresh, .. } => {
                format!("run `{refresh}` and commit the lock file")
            }
        })
    }

    /// Shifts the location if it is in this file.
    pub(super) fn move_in(&mut self, file: &str, moved: &dyn Fn(Span) -> Span) {
        if self.path() != file {
            return;
        }
        match self {
            Self::Unparsable { span, .. } | Self::Elsewhere { span, .. } => {
                *span = span.map(moved);
            }
            Self::Inherited { span, .. } | Self::NotAVersion { span, .. } => *span = moved(*span),
            Self::Placeholder { span, .. } | Self::Several { span, .. } => *span = moved(*span),
            Self::Missing { .. } | Self::NoMatch { .. } => {}
            Self::NotLocked { .. } | Self::Unread { .. } => {}
        }
    }
}

/// Parses a text as a version.
pub(super) fn version(
    path: &str,
    text: &str,
    span: Span,
    package: Option<&str>,
) -> Result<Site, SiteError> {
    let trimmed = text.trim();
    if is_stand_in(trimmed) {
        let text = clip(trimmed, 80).into_owned();
        return Err(SiteError::Placeholder { path: path.into(), text, span });
    }
    let bare = trimmed.strip_prefix(['v', 'V']).unwrap_or(trimmed);
    match Version::read(bare) {
        Ok(version) => Ok(Site {
            version,
            path: path.into(),
            span,
            package: package.map(str::to_owned),
            private: false,
        }),
        Err(error) => Err(SiteError::NotAVersion {
            path: path.into(),
            text: clip(trimmed, 80).into_owned(),
            span,
            why: error.to_string(),
        }),
    }
}

impl Site {
    /// The same site, with its version parsed in the scheme of its kind of file.
    pub(super) fn in_scheme(self, scheme: Scheme) -> Result<Self, SiteError> {
        match self.version.in_scheme(scheme) {
            Ok(version) => Ok(Self { version, ..self }),
            Err(error) => Err(SiteError::NotAVersion {
                path: self.path,
                text: clip(self.version.as_str(), 80).into_owned(),
                span: self.span,
                why: error.to_string(),
            }),
        }
    }
}
