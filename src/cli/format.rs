//! Output formats, and what can be posted.

use clap::ValueEnum;
use std::path::PathBuf;

/// When output is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere if `FORCE_COLOR` or `CLICOLOR_FORCE` is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Output formats of `check` and `plan`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
    /// For a workflow step: text, annotations, a summary and outputs.
    Github,
    /// For a page on GitHub.
    Markdown,
    /// For code scanning, SARIF 2.1.0.
    Sarif,
    /// For test reports.
    Junit,
}

/// Output formats of `release` and `abort`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ReleaseFormat {
    /// For people, as it happens.
    #[default]
    Text,
    /// For programs, at the end; progress goes to standard error.
    Json,
    /// For a workflow step: text, annotations, a summary and outputs.
    Github,
}

/// Output formats of `status`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum StatusFormat {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
    /// For a workflow step: text, annotations, a summary and outputs.
    Github,
    /// For a page on GitHub.
    Markdown,
}

/// Output formats of `replay`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ReplayFormat {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
}

/// A report that is written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A check run `tminus`, with annotations; only an app's token may write one.
    CheckRun,
    /// One comment on the pull request, kept up to date.
    Comment,
}
