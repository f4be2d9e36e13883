//! For a step of a workflow: besides the text there are annotations, a summary and outputs.

use super::super::finding::Paint;
use super::format::{Kind, Media, Reader, Render, Shown, Unwritten};

/// For a step of a workflow: besides the text there are annotations, a summary and outputs.
pub(super) struct Github;

impl Render for Github {
    const NAME: &'static str = "github";
    const HELP: &'static str = "For a workflow step: text, annotations, a summary and outputs";
    const READER: Reader = Reader::Runner;
    const MEDIA: Media = Media::Text;
    const PRINTS: &'static [Kind] = &Kind::ALL;
    const WRITES: &'static [Kind] = &[];

    fn render(shown: &Shown<'_>) -> Result<String, Unwritten> {
        Ok((shown.text)(Paint::Plain))
    }
}
