//! For people.

use super::super::finding::Paint;
use super::format::{Kind, Media, Reader, Render, Shown, Unwritten};

/// For people.
pub(super) struct Text;

impl Render for Text {
    const NAME: &'static str = "text";
    const HELP: &'static str = "For people";
    const READER: Reader = Reader::Person;
    const MEDIA: Media = Media::Text;
    const PRINTS: &'static [Kind] = &Kind::ALL;
    const WRITES: &'static [Kind] = &[Kind::Verdict, Kind::Plan];

    fn render(shown: &Shown<'_>) -> Result<String, Unwritten> {
        Ok((shown.text)(Paint::Plain))
    }
}
