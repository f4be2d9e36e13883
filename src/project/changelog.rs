//! The changelog as sections with their places, in the form of <https://keepachangelog.com/en/1.1.0/>.

use crate::base::source::{Source, Span};
use crate::base::version::Version;
use jiff::civil::Date;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// A section of one version, or of what is not released yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its version; `None` for Unreleased, and for a heading that is no version.
    pub version: Option<Version>,
    /// The heading's title as written, without the version's brackets.
    pub title: String,
    /// The heading's line.
    pub heading: Span,
    /// What follows the version in the heading.
    pub date: Dated,
    /// The notes, trimmed.
    pub notes: String,
    /// How many list entries the notes hold.
    pub entries: usize,
}

/// What a heading says of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dated {
    /// A real day.
    On(Date),
    /// Nothing.
    Missing,
    /// Something that is no day of the calendar.
    Unreal(String),
}

/// Why a changelog cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ChangelogError(String);

/// Every section, from the top of the file.
///
/// # Errors
/// When the file has no section of a version, or one twice.
pub fn sections(source: &Source) -> Result<Vec<Section>, ChangelogError> {
    let parsed = parse_changelog::parse(&source.text);
    let releases = parsed.map_err(|error| ChangelogError(error.to_string().replace('\'', "`")))?;
    let sections = releases.values().map(|release| {
        let title_at = offset(&source.text, release.title);
        let line_start =
            source.text.get(..title_at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let heading = Span { start: line_start, end: title_at + release.title.trim_end().len() };
        Section {
            version: Version::read(release.version).ok(),
            title: release.version.to_owned(),
            heading,
            date: dated(release.title),
            notes: release.notes.trim().to_owned(),
            entries: entries(release.notes),
        }
    });
    Ok(sections.collect())
}

impl Section {
    /// Whether it is the section of what is not released yet.
    #[must_use]
    pub fn is_unreleased(&self) -> bool {
        self.title.eq_ignore_ascii_case("unreleased")
    }

    /// Whether its notes say nothing: no words, or only headings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        told(&self.notes).is_empty()
    }
}

/// The lines of Markdown that a reader gets to see, headings left out.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
pub fn told(markdown: &str) -> Vec<String> {
    let (mut text, mut in_heading) = (String::new(), false);
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(said) | Event::Code(said) if !in_heading => text.push_str(&said),
            Event::SoftBreak
            | Event::HardBreak
            | Event::Start(Tag::Paragraph | Tag::Item | Tag::List(_) | Tag::CodeBlock(_))
            | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock) => text.push('\n'),
            _ => {}
        }
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Where a slice of `text` starts in it.
fn offset(text: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
fn entries(notes: &str) -> usize {
    let mut depth = 0_usize;
    let mut entries = 0;
    for event in Parser::new(notes) {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Item) if depth == 1 => entries += 1,
            _ => {}
        }
    }
    entries
}

fn dated(title: &str) -> Dated {
    // `[1.0.0] - 2026-01-10`: the day is the last word, where there is more than one.
    let words: Vec<&str> =
        title.split_whitespace().filter(|word| !matches!(*word, "-" | "–" | "—")).collect();
    let (Some(last), true) = (words.last(), words.len() > 1) else { return Dated::Missing };
    let word = last.trim_matches(['(', ')', '[', ']', ',']);
    match word.parse::<Date>() {
        Ok(date) if word.len() == 10 => Dated::On(date),
        Ok(_) | Err(_) => Dated::Unreal(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-10\n\n### Added\n\n\
        - One thing\n  - in detail\n- Another\n\n## 1.0.0 (2025-02-30)\n\n### Fixed\n\n## 0.9.0\n\nWords.\n";

    fn read() -> Vec<Section> {
        sections(&Source { name: "CHANGELOG.md".into(), text: TEXT.into() }).unwrap()
    }

    #[test]
    fn sections_know_their_version_day_place_and_number_of_entries() {
        let sections = read();
        assert!(sections[0].is_unreleased() && sections[0].is_empty());
        let section = &sections[1];
        assert_eq!(section.version, Some(Version::new(1, 1, 0)));
        assert_eq!(section.date, Dated::On(jiff::civil::date(2026, 1, 10)));
        assert_eq!(&TEXT[section.heading.start..section.heading.end], "## [1.1.0] - 2026-01-10");
        assert_eq!(section.entries, 2);
    }

    #[test]
    fn a_day_that_the_calendar_lacks_is_unreal_and_headings_alone_are_empty() {
        let sections = read();
        assert_eq!(sections[2].date, Dated::Unreal("2025-02-30".into()));
        assert!(sections[2].is_empty());
        assert_eq!(sections[3].date, Dated::Missing);
        assert!(!sections[3].is_empty());
    }
}
