//! What a format is: how a report is written, who reads that, and which reports it is for.

use super::super::finding::Paint;
use super::super::model::Report;
use serde_json::Value;
use std::fmt;
use thiserror::Error;

/// What a report is about; each is a command's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the gates say: `check`.
    Verdict,
    /// What a release would do: `plan`.
    Plan,
    /// How a release went: `release`.
    Run,
    /// How giving one up went: `abort`.
    Abort,
    /// How a release stands: `status`.
    Status,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Verdict, Self::Plan, Self::Run, Self::Abort, Self::Status];
}

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

/// A report, in the forms that its command gives it.
pub struct Shown<'a> {
    /// The report.
    pub report: &'a Report<'a>,
    /// As a JSON document.
    pub json: Value,
    /// As text.
    pub text: &'a dyn Fn(Paint) -> String,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shown").field("report", self.report).finish_non_exhaustive()
    }
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

    /// The report as one text.
    ///
    /// # Errors
    /// When it cannot be written in this format.
    fn render(shown: &Shown<'_>) -> Result<String, Unwritten>;
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
    prints: &'static [Kind],
    writes: &'static [Kind],
    render: fn(&Shown<'_>) -> Result<String, Unwritten>,
}

impl Format {
    /// A format's entry in the registry.
    pub(super) const fn of<R: Render>() -> Self {
        Self {
            name: R::NAME,
            help: R::HELP,
            reader: R::READER,
            media: R::MEDIA,
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
    pub fn render(&self, shown: &Shown<'_>) -> Result<String, Unwritten> {
        (self.render)(shown)
    }
}
