//! For code scanning: SARIF 2.1.0.

use super::super::sarif::sarif;
use super::format::{Kind, Media, Render, Shown, Unwritten};

/// For code scanning: SARIF 2.1.0.
pub(super) struct Sarif;

impl Render for Sarif {
    const NAME: &'static str = "sarif";
    const HELP: &'static str = "For code scanning, SARIF 2.1.0";
    const MEDIA: Media = Media::Json;
    const PRINTS: &'static [Kind] = &[Kind::Verdict, Kind::Plan];
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan];

    fn render(shown: &Shown<'_>) -> Result<String, Unwritten> {
        Ok(serde_json::to_string_pretty(&sarif(shown.report))? + "\n")
    }
}
