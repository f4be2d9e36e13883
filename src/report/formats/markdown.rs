//! For a page on the forge.

use super::super::markdown::{MAX_SUMMARY, markdown};
use super::super::model::{Kind, Report};
use super::format::{Media, Render, Unwritten};

/// For a page on the forge.
pub(super) struct Markdown;

impl Render for Markdown {
    const NAME: &'static str = "markdown";
    const HELP: &'static str = "GitHub Markdown, for a job summary, an issue or a comment";
    const MEDIA: Media = Media::Document;
    const PRINTS: &'static [Kind] = &[Kind::Verdict, Kind::Plan, Kind::Status];
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan, Kind::Run];

    fn render(report: &Report<'_>) -> Result<String, Unwritten> {
        Ok(markdown(report, MAX_SUMMARY))
    }
}
