//! Who reads standard output, depending on the format.

use super::format::{Format, ReleaseFormat, StatusFormat};

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listener {
    Person,
    /// What reads a document.
    Program,
    /// A workflow's.
    Runner,
}

impl From<Format> for Listener {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Person,
            Format::Github => Self::Runner,
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => Self::Program,
        }
    }
}

impl From<ReleaseFormat> for Listener {
    fn from(format: ReleaseFormat) -> Self {
        match format {
            ReleaseFormat::Text => Self::Person,
            ReleaseFormat::Github => Self::Runner,
            ReleaseFormat::Json => Self::Program,
        }
    }
}

impl From<StatusFormat> for Listener {
    fn from(format: StatusFormat) -> Self {
        match format {
            StatusFormat::Text => Self::Person,
            StatusFormat::Github => Self::Runner,
            StatusFormat::Json | StatusFormat::Markdown => Self::Program,
        }
    }
}
