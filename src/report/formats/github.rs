//! For a step of a workflow: besides the text there are annotations, a summary and outputs.

use super::super::finding::Paint;
use super::super::model::{Kind, Report};
use super::super::text::text;
use super::format::{Media, Reader, Render, Unwritten};

/// For a step of a workflow: besides the text there are annotations, a summary and outputs.
pub(super) struct Github;

impl Render for Github {
    const NAME: &'static str = "github";
    const HELP: &'static str = "GitHub Actions: text, annotations, a job summary and step outputs";
    const READER: Reader = Reader::Runner;
    const MEDIA: Media = Media::Text;
    const PRINTS: &'static [Kind] = &Kind::ALL;
    const WRITES: &'static [Kind] = &[];

    fn render(report: &Report<'_>) -> Result<String, Unwritten> {
        Ok(text(report, Paint::Plain).whole())
    }
}
