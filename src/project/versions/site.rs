//! The location of a version in a file, and why a file may have none.

use crate::base::clean::clip;
use crate::base::source::Span;
use crate::base::version::{Scheme, Version};

/// A version where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The version.
    pub version: Version,
    /// Where it is written.
    pub span: Span,
    /// The package's own name, where the file tells it.
    pub package: Option<String>,
}

/// Why a file gives no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// It does not parse.
    #[error("`{path}` cannot be parsed: {why}")]
    Unparsable {
        /// The file.
        path: String,
        /// In the parser's words.
        why: String,
        /// Where, if the parser told.
        span: Option<Span>,
    },
    /// There is no version in it.
    #[error("`{path}` has no {what}")]
    Missing {
        /// The file.
        path: String,
        /// Which key was looked for.
        what: &'static str,
    },
    /// The version is somebody else's.
    #[error("`{path}` inherits its version from the workspace")]
    Inherited {
        /// The file.
        path: String,
        /// Where it says so.
        span: Span,
    },
    /// The file says that the version is set elsewhere.
    #[error("`{path}` has no version of its own: {why}")]
    Elsewhere {
        /// The file.
        path: String,
        /// How the file says so.
        why: String,
        /// Where, if the parser told.
        span: Option<Span>,
    },
    /// It is no version, or none of the scheme of its kind of file.
    #[error("`{text}` in `{path}` is {why}")]
    NotAVersion {
        /// The file.
        path: String,
        /// What stands there.
        text: String,
        /// Where.
        span: Span,
        /// In the parser's words.
        why: String,
    },
}

impl SiteError {
    /// Where to point.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Unparsable { span, .. } | Self::Elsewhere { span, .. } => *span,
            Self::Missing { .. } => None,
            Self::Inherited { span, .. } | Self::NotAVersion { span, .. } => Some(*span),
        }
    }

    /// What would fix it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unparsable { .. } => None,
            Self::Missing { .. } => Some("take the file out of `version.files`, or add the key"),
            Self::Elsewhere { .. } => Some("take the file out of `version.files`"),
            Self::Inherited { .. } => Some("list the workspace's own `Cargo.toml` instead"),
            Self::NotAVersion { .. } => Some("write it as a version, such as 1.2.3"),
        }
    }
}

/// Takes a text for a version of any scheme.
pub(super) fn version(
    path: &str,
    text: &str,
    span: Span,
    package: Option<&str>,
) -> Result<Site, SiteError> {
    match Version::read(text.trim()) {
        Ok(version) => Ok(Site { version, span, package: package.map(str::to_owned) }),
        Err(error) => Err(SiteError::NotAVersion {
            path: path.into(),
            text: clip(text.trim(), 80).into_owned(),
            span,
            why: error.to_string(),
        }),
    }
}

impl Site {
    /// The same site, its version read by the scheme of its kind of file.
    pub(super) fn in_scheme(self, path: &str, scheme: Scheme) -> Result<Self, SiteError> {
        match self.version.in_scheme(scheme) {
            Ok(version) => Ok(Self { version, ..self }),
            Err(error) => Err(SiteError::NotAVersion {
                path: path.into(),
                text: clip(self.version.as_str(), 80).into_owned(),
                span: self.span,
                why: error.to_string(),
            }),
        }
    }
}
