//! For code scanning: SARIF 2.1.0.

use super::super::model::{Kind, Report};
use super::super::sarif::sarif;
use super::format::{Media, Render, Unwritten};

/// For code scanning: SARIF 2.1.0.
pub(super) struct Sarif;

impl Render for Sarif {
    const NAME: &'static str = "sarif";
    const HELP: &'static str = "SARIF 2.1.0, for code scanning";
    const MEDIA: Media = Media::Json;
    const PRINTS: &'static [Kind] = &[Kind::Verdict, Kind::Plan];
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan];

    fn render(report: &Report<'_>) -> Result<String, Unwritten> {
        Ok(serde_json::to_string_pretty(&sarif(report))? + "\n")
    }
}
