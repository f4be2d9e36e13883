//! A format: how a report is written, who reads it, and for which reports it is available.

use super::super::model::{Kind, Report};
use crate::judge::replay::Replayed;
use thiserror::Error;

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A person, during the run.
    Person,
    /// A program that expects only a document.
    Program,
    /// A workflow runner.
    Runner,
}

/// The type of the text, which determines how it is made safe for a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// Lines for people, wrapped on a terminal.
    Text,
    /// Lines that are not wrapped.
    Document,
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// Why a report cannot be written.
#[derive(Debug, Error)]
pub enum Unwritten {
    /// As JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// As XML.
    #[error(transparent)]
    Xml(#[from] quick_junit::SerializeError),
}

/// Writes the results for past releases as one text.
pub type ReplayText = fn(&[Replayed]) -> Result<String, Unwritten>;

/// A format. Once it is registered in `registry.rs`, the commands that it names offer it.
pub trait Render {
    /// Its name on the command line.
    const NAME: &'static str;
    /// Its help text, one line.
    const HELP: &'static str;
    /// The reader of standard output.
    const READER: Reader = Reader::Program;
    /// The type of its text.
    const MEDIA: Media;
    /// The reports that `--format` can print in it.
    const PRINTS: &'static [Kind];
    /// The reports that `--report` can write in it.
    const WRITES: &'static [Kind];

    /// The output of `replay` as one text, if it has this format.
    const REPLAY: Option<ReplayText> = None;

    /// The report as text.
    ///
    /// # Errors
    /// When it cannot be written in this format.
    fn render(report: &Report<'_>) -> Result<String, Unwritten>;
}

/// A format in the registry.
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

    /// Whether `--format` offers it for this kind of report.
    #[must_use]
    pub fn prints(&self, kind: Kind) -> bool {
        self.prints.contains(&kind)
    }

    /// Whether `--report` offers it for this kind of report.
    #[must_use]
    pub fn writes(&self, kind: Kind) -> bool {
        self.writes.contains(&kind)
    }

    /// The report as text.
    ///
    /// # Errors
    /// When it cannot be written in this format.
    pub fn render(&self, report: &Report<'_>) -> Result<String, Unwritten> {
        (self.render)(report)
    }
}
