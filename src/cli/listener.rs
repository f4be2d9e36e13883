//! Who reads standard output, by the format requested.

use super::args::{
    Abort, Check, Command, Format, Plan, Release, ReleaseFormat, Status, StatusFormat,
};

/// Who reads standard output.
pub(super) enum Listener {
    Person,
    /// What reads a document.
    Program,
    /// A workflow's.
    Runner,
}

pub(super) fn listener(command: &Command) -> Listener {
    match command {
        Command::Check(Check { format, .. }) | Command::Plan(Plan { format, .. }) => match format {
            Format::Text => Listener::Person,
            Format::Github => Listener::Runner,
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => Listener::Program,
        },
        Command::Release(Release { format, .. }) | Command::Abort(Abort { format, .. }) => {
            match format {
                ReleaseFormat::Text => Listener::Person,
                ReleaseFormat::Github => Listener::Runner,
                ReleaseFormat::Json => Listener::Program,
            }
        }
        Command::Status(Status { format, .. }) => match format {
            StatusFormat::Text => Listener::Person,
            StatusFormat::Github => Listener::Runner,
            StatusFormat::Json | StatusFormat::Markdown => Listener::Program,
        },
        Command::Init(_)
        | Command::Rehearse(_)
        | Command::Replay(_)
        | Command::Workflow(_)
        | Command::Explain(_)
        | Command::Schema
        | Command::Completions(_)
        | Command::Man(_) => Listener::Person,
    }
}
