//! A plain file that contains only the version (`VERSION`).

use super::kind::VersionFile;
use super::site::{Site, SiteError, version};
use crate::base::source::Span;

pub(super) struct Plain;

impl VersionFile for Plain {
    const NAME: Option<&'static str> = None;

    fn is(_: &str) -> bool {
        true
    }

    fn read(path: &str, text: &str) -> Result<Site, SiteError> {
        let trimmed = text.trim();
        let start = text.len() - text.trim_start().len();
        if trimmed.is_empty() || trimmed.contains('\n') {
            let what = "version: a plain version file contains one line, the version";
            return Err(SiteError::Missing { path: path.into(), what });
        }
        version(path, trimmed, Span { start, end: start + trimmed.len() }, None)
    }
}
