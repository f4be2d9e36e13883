//! For people.

use super::super::finding::Paint;
use super::super::model::{Kind, Report};
use super::super::replay::replay;
use super::super::text::text;
use super::format::{Media, Reader, Render, ReplayText, Unwritten};

/// For people.
pub(super) struct Text;

impl Render for Text {
    const NAME: &'static str = "text";
    const HELP: &'static str = "Human-readable text";
    const READER: Reader = Reader::Person;
    const MEDIA: Media = Media::Text;
    const PRINTS: &'static [Kind] = &Kind::ALL;
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan];
    const REPLAY: Option<ReplayText> = Some(|replayed| Ok(replay(replayed, Paint::Plain)));

    fn render(report: &Report<'_>) -> Result<String, Unwritten> {
        Ok(text(report, Paint::Plain).whole())
    }
}
