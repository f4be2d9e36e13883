//! The changelog as sections with their places, read by the file's own habits: Markdown,
//! reStructuredText, AsciiDoc and plain text.

mod day;
mod title;
mod heading;
mod words;
mod markdown;
mod lines;
mod habits;
mod section;
mod fragments;
mod cut;

#[cfg(test)]
mod tests;

pub use cut::cut;
pub use day::Dated;
pub use fragments::{is_fragment, says};
pub use section::{ChangelogError, Section, of, sections, told, whole};
