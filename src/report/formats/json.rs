//! For programs: a versioned document.

use super::super::json::document;
use super::super::model::{Kind, Report};
use super::super::replay;
use super::format::{Media, Render, ReplayText, Unwritten};

/// For programs: a versioned document.
pub(super) struct Json;

impl Render for Json {
    const NAME: &'static str = "json";
    const HELP: &'static str = "JSON for programs, with a versioned schema";
    const MEDIA: Media = Media::Json;
    const PRINTS: &'static [Kind] = &Kind::ALL;
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan, Kind::Run];
    const REPLAY: Option<ReplayText> =
        Some(|replayed| Ok(serde_json::to_string_pretty(&replay::document(replayed))?));

    fn render(report: &Report<'_>) -> Result<String, Unwritten> {
        Ok(serde_json::to_string_pretty(&document(report))? + "\n")
    }
}
