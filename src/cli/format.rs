//! Output formats, and what can be posted.

use crate::report::Kind;
use crate::report::formats::{FORMATS, Format, find};
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// When output is colored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Use colors on a terminal unless `NO_COLOR` is set, and elsewhere only if `FORCE_COLOR` or
    /// `CLICOLOR_FORCE` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Parses the format in which a report of this kind is printed; lists the formats if it is not available.
pub(super) fn printed(kind: Kind) -> impl TypedValueParser<Value = Format> {
    among(move |format| format.prints(kind))
}

/// The formats of one statement of a person.
pub(super) fn statement_formats() -> impl TypedValueParser<Value = Format> {
    among(|format| matches!(format.name, "text" | "json"))
}

/// Parses the format for the output of `replay`.
pub(super) fn replayed() -> impl TypedValueParser<Value = Format> {
    among(|format| format.replay.is_some())
}

fn among(offers: impl Fn(&Format) -> bool) -> impl TypedValueParser<Value = Format> {
    let offered = FORMATS.iter().filter(|format| offers(format));
    let values = offered.map(|format| PossibleValue::new(format.name).help(format.help));
    PossibleValuesParser::new(values).try_map(|name| find(&name).ok_or("there is no such format"))
}

/// A report that is written to a file.
#[derive(Debug, Clone)]
pub(super) struct ReportFile {
    /// The format.
    pub(super) format: Format,
    /// The file.
    pub(super) path: PathBuf,
}

/// What to post to the forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Post {
    /// The commit status `tminus`.
    Status,
    /// A check run `tminus`, with annotations; requires the `GITHUB_TOKEN` of a workflow or a GitHub App token.
    CheckRun,
    /// One comment on the pull request, kept up to date.
    Comment,
}
