//! A report as annotations: workflow commands that mark lines of files.
//!
//! GitHub shows ten annotations of each level for a step, and an action is one step. The last
//! annotation counts the omitted ones.

use super::escape::workflow::{MAX_MESSAGE, data, property};
use super::finding::{Sources, Tree};
use super::model::{Reason, Report};
use crate::base::clean::{clean, clip};
use crate::base::word::{Tone, Word};
use std::fmt::Write as _;

/// The maximum number of annotations of one level: one less than GitHub shows.
const MOST: usize = 9;
/// The maximum length of the message, if notes or help follow.
const MAX_LINE: usize = 1000;

/// The level of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A no-go, a conflict, a failed step.
    Error,
    /// A hold, or something that could not be read.
    Warning,
    /// A finding of a gate that does not count.
    Notice,
}

impl Kind {
    /// Every level, the most severe first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    /// The level of a reason.
    #[must_use]
    pub fn of(word: Word) -> Self {
        match word.tone {
            Tone::Wait | Tone::Doubtful => Self::Warning,
            Tone::Remark => Self::Notice,
            Tone::Good | Tone::Unfinished | Tone::Bad | Tone::Open | Tone::Off | Tone::Plain => {
                Self::Error
            }
        }
    }

    /// The name of the workflow command.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// All annotations of a report, one command each.
#[must_use]
pub fn annotations(report: &Report<'_>) -> Vec<String> {
    let sources = Sources::of_facts(report.facts);
    let reasons: Vec<Reason<'_>> =
        report.troubles(&sources).chain(report.reasons(&sources)).collect();
    of(&reasons)
}

/// An annotation for each reason, as many of each level as GitHub shows.
#[must_use]
pub fn of(reasons: &[Reason<'_>]) -> Vec<String> {
    let mut commands = Vec::new();
    for kind in Kind::ALL {
        let mut these = reasons.iter().filter(|reason| Kind::of(reason.word) == kind);
        commands.extend(these.by_ref().take(MOST).map(|reason| command(kind, reason)));
        let more = these.count();
        if more > 0 {
            let name = kind.command();
            commands.push(format!("::{name} title=tminus::{more} more; see the job summary"));
        }
    }
    commands
}

fn command(kind: Kind, reason: &Reason<'_>) -> String {
    let mut properties = Vec::new();
    if let Some(spot) = reason.spot.as_ref().filter(|spot| spot.tree == Tree::Judged) {
        properties.push(format!("file={}", property(&clean(spot.path))));
        properties.push(format!("line={},endLine={}", spot.line, spot.end_line));
        // GitHub accepts columns only within one line.
        if spot.line == spot.end_line {
            properties.push(format!("col={},endColumn={}", spot.column, spot.end_column));
        }
    }
    let title = heading(reason);
    properties.push(format!("title={}", property(&clip(&clean(&title), 200))));
    format!("::{} {}::{}", kind.command(), properties.join(","), data(&body(reason)))
}

/// `no-go[checks-green]`.
#[must_use]
pub fn heading(reason: &Reason<'_>) -> String {
    match reason.gates.as_slice() {
        [] => format!("tminus: {}", reason.word),
        gates => format!("tminus: {}[{}]", reason.word, gates.join(", ")),
    }
}

/// The message with its notes and its help, one line each, within the runner's limit.
#[must_use]
pub fn body(reason: &Reason<'_>) -> String {
    let line = |text: &str| clip(&clean(&clip(text, MAX_LINE)), MAX_LINE).into_owned();
    let mut text = line(&reason.finding.message);
    // A line that is not in the merge cannot be marked.
    let base = reason.spot.as_ref().filter(|spot| spot.tree == Tree::Base);
    let base = base.map(|spot| format!("{}:{}:{}", spot.file, spot.line, spot.column));
    let at = base.iter().map(|base| ("at", base.as_str()));
    let help = reason.finding.help.iter().map(|help| ("help", help.as_str()));
    let who = reason.who.iter().map(|who| ("waiting on", who.as_str()));
    let notes = reason.finding.notes.iter().map(|note| ("note", note.as_str()));
    for (word, said) in at.chain(help).chain(who).chain(notes) {
        let said = line(said);
        if text.chars().count() + said.chars().count() + word.len() + 8 > MAX_MESSAGE {
            break;
        }
        let _ = write!(text, "\n{word}: {said}");
    }
    text
}
