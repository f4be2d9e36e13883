//! What a format is: how a report is written, who reads that, and which reports it is for.

use super::super::model::{Kind, Report};
use crate::judge::replay::Replayed;
use thiserror::Error;

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A person, while it happens.
    Person,
    /// A program that expects a document, and nothing else.
    Program,
    /// A workflow's runner.
    Runner,
}

/// What the text is, which decides how it is made harmless for a runner that reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// Lines for people, wrapped on a terminal.
    Text,
    /// Lines that keep their length.
    Document,
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// A report that cannot be written.
#[derive(Debug, Error)]
pub enum Unwritten {
    /// As JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// As XML.
    #[error(transparent)]
    Xml(#[from] quick_junit::SerializeError),
}

/// Writes past releases, each with the manifest's verdict, as one text.
pub type ReplayText = fn(&[Replayed]) -> Result<String, Unwritten>;

/// A format. Registered in `registry.rs`, it is offered by every command that it names.
pub trait Render {
    /// What it is called on the command line.
    const NAME: &'static str;
    /// What it is for, one line of the help.
    const HELP: &'static str;
    /// Who reads it on standard output.
    const READER: Reader = Reader::Program;
    /// What its text is.
    const MEDIA: Media;
    /// The reports that `--format` prints in it.
    const PRINTS: &'static [Kind];
    /// The reports that `--report` writes in it.
    const WRITES: &'static [Kind];

    /// The output of `replay` as one text, if it has this format.
    const REPLAY: Option<ReplayText> = None;

    /// The report as one text.
    ///
    /// # Errors
    /// When it cannot be written in this format.
    fn render(report: &Report<'_>) -> Result<String, Unwritten>;
}

/// A format, as the command line has it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// See [`Render::NAME`].
    pub name: &'static str,
    /// See [`Render::HELP`].
    pub help: &'static str,
    /// See [`Render::READER`].
    pub reader: Reader,
    /// See [`Render::MEDIA`].
    pub media: Media,
    /// See [`Render::REPLAY`].
    pub replay: Option<ReplayText>,
    prints: &'static [Kind],
    writes: &'static [Kind],
    render: fn(&Report<'_>) -> Result<String, Unwritten>,
}

impl Format {
    /// A format's entry in the registry.
    pub(super) const fn of<R: Render>() -> Self {
        Self {
            name: R::NAME,
            help: R::HELP,
            reader: R::READER,
            media: R::MEDIA,
            replay: R::REPLAY,
            prints: R::PRINTS,
            writes: R::WRITES,
            render: R::render,
        }
    }

    /// Whether `--format` offers it for such a report.
    #[must_use]
    pub fn prints(&self, kind: Kind) -> bool {
        self.prints.contains(&kind)
    }

    /// Whether `--report` offers it for such a report.
    #[must_use]
    pub fn writes(&self, kind: Kind) -> bool {
        self.writes.contains(&kind)
    }

    /// The report as one text.
    ///
    /// # Errors
    /// When it cannot be written in this format.
    pub fn render(&self, report: &Report<'_>) -> Result<String, Unwritten> {
        (self.render)(report)
    }
}
