//! The texts that are posted of a report: titles, a page, and annotations.

use super::annotations::{Kind, body, heading};
use super::finding::{Sources, Tree};
use super::markdown::{MAX_COMMENT, markdown};
use super::model::Report;
use crate::base::clean::{clean, clip};

/// Identifies our comment, if we are its author.
pub const MARKER: &str = "<!-- tminus: check -->";

/// The maximum length of a status's description, in characters.
const MAX_DESCRIPTION: usize = 140;
/// The maximum length of the title of a check run or an annotation, in characters.
const MAX_TITLE: usize = 255;

/// An annotation of a line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The file, relative to the repository.
    pub file: String,
    /// First line.
    pub line: usize,
    /// Last line.
    pub end_line: usize,
    /// First and last column, if the range is on one line.
    pub columns: Option<(usize, usize)>,
    /// Its level.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// Its text.
    pub message: String,
}

/// The texts of a report's posts.
#[derive(Clone, Copy)]
pub struct Posts<'r> {
    report: &'r Report<'r>,
    bare: &'r dyn Fn(&str) -> String,
}

impl<'r> Posts<'r> {
    /// The texts of a report. `bare` removes secrets from a text: otherwise the whole post would be
    /// refused.
    #[must_use]
    pub fn new(report: &'r Report<'r>, bare: &'r dyn Fn(&str) -> String) -> Self {
        Self { report, bare }
    }

    /// `no-go: check failed`, one line.
    #[must_use]
    pub fn title(&self) -> String {
        let ending = &self.report.ending;
        let sources = Sources::default();
        let first = self.report.reasons(&sources);
        let first = first.iter().find(|reason| reason.word == ending.outcome.word());
        let said = first.map_or_else(|| ending.sentence(), |reason| reason.finding.message.clone());
        let title = format!("{}: {}", ending.outcome, clean(&clip(&(self.bare)(&said), MAX_TITLE)));
        clip(&title, MAX_TITLE).into_owned()
    }

    /// The title, as a commit status accepts it. A title with an emoji would be rejected, and an
    /// older verdict would remain.
    #[must_use]
    pub fn description(&self) -> String {
        let plain = |c: char| if c.len_utf8() > 3 { char::REPLACEMENT_CHARACTER } else { c };
        let title: String = self.title().chars().map(plain).collect();
        clip(&title, MAX_DESCRIPTION).into_owned()
    }

    /// The whole report, as Markdown.
    #[must_use]
    pub fn summary(&self) -> String {
        (self.bare)(&markdown(self.report, MAX_COMMENT))
    }

    /// The page as our comment.
    #[must_use]
    pub fn comment(&self) -> String {
        let page = (self.bare)(&markdown(self.report, MAX_COMMENT - MARKER.len() - 2));
        format!("{MARKER}\n{page}")
    }

    /// Annotations for the reasons in files of the evaluated commit.
    #[must_use]
    pub fn annotations(&self) -> Vec<Annotation> {
        let sources = Sources::of_facts(self.report.facts);
        let reasons = self.report.reasons(&sources);
        let marks = reasons.iter().filter_map(|reason| {
            let spot = reason.spot.as_ref().filter(|spot| spot.tree == Tree::Judged)?;
            Some(Annotation {
                file: spot.path.to_owned(),
                line: spot.line,
                end_line: spot.end_line,
                columns: (spot.line == spot.end_line).then_some((spot.column, spot.end_column)),
                kind: Kind::of(reason.word),
                title: (self.bare)(&clip(&heading(reason), MAX_TITLE)),
                message: (self.bare)(&body(reason)),
            })
        });
        marks.collect()
    }
}
