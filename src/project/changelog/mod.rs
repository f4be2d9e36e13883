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

#[cfg(test)]
mod tests;

pub use day::Dated;
pub use section::{ChangelogError, Section, of, sections, told};
