//! The lines about a reason that blocks a release, the same in every report.

use super::finding::Paint;
use super::model::Reason;
use super::model::who;
use crate::base::clean::clean;
use crate::base::moment::{length, short};
use crate::base::word::Word;
use crate::facts::Facts;
use crate::planner::blockers::{Blocker, GateNote};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The content of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A fact.
    Note,
    /// Who can resolve it.
    Who,
    /// How.
    How,
    /// Since when it waits, and how long that usually takes.
    Since,
    /// The minimum duration.
    Until,
}

impl About {
    /// In text.
    const fn word(self) -> &'static str {
        match self {
            Self::Note => "",
            Self::Who => "who",
            Self::How => "how",
            Self::Since => "since",
            Self::Until => "until",
        }
    }

    /// In Markdown.
    #[must_use]
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Note => "",
            Self::Who => "waiting on",
            Self::How => "help",
            Self::Since => "since",
            Self::Until => "until",
        }
    }
}

/// The lines of a reason. Without the time, the lines do not depend on it.
#[must_use]
pub(super) fn lines(reason: &Reason<'_>, now: Option<Timestamp>) -> Vec<(About, String)> {
    let finding = &reason.finding;
    let since = finding.since.map(short);
    // The gate may already have stated it.
    let said = since.as_ref().map(|since| format!("since {since}"));
    let notes = finding.notes.iter().filter(|note| Some(*note) != said.as_ref());
    let mut lines: Vec<(About, String)> = notes.map(|note| (About::Note, note.clone())).collect();
    lines.extend(reason.who.iter().map(|who| (About::Who, who.clone())));
    lines.extend(finding.help.iter().map(|help| (About::How, help.clone())));
    let usually = reason.usual.map(|usual| format!("usually takes {}", usual.words()));
    match (finding.since.map(|at| waiting(at, now)), usually) {
        (Some(since), Some(usually)) => lines.push((About::Since, format!("{since}; {usually}"))),
        (Some(since), None) => lines.push((About::Since, since)),
        (None, Some(usually)) => lines.push((About::Note, usually)),
        (None, None) => {}
    }
    lines.extend(reason.until.map(|until| (About::Until, format!("at least {}", short(until)))));
    lines
}

/// Since when, and how long that is.
fn waiting(since: Timestamp, now: Option<Timestamp>) -> String {
    let Some(now) = now else { return short(since) };
    let waits = u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0);
    format!("{} ({})", short(since), length(waits))
}

impl<'a> Reason<'a> {
    /// The reason of a blocker.
    #[must_use]
    pub fn of(blocker: &'a Blocker) -> Self {
        Reason {
            word: blocker.verdict.word(),
            gates: blocker.gates.iter().map(String::as_str).collect(),
            finding: Cow::Borrowed(&blocker.finding),
            spot: None,
            who: blocker.finding.waits_on(),
            until: blocker.until,
            usual: blocker.usual,
        }
    }

    /// What a gate says besides.
    #[must_use]
    pub fn note(note: &'a GateNote, facts: &Facts) -> Self {
        Reason {
            word: Word::NOTE,
            gates: vec![&note.gate],
            finding: Cow::Borrowed(&note.finding),
            spot: None,
            who: who(&note.finding, facts),
            until: None,
            usual: None,
        }
    }
}

/// Reasons for people, numbered.
#[must_use]
pub(super) fn text(reasons: &[Reason<'_>], now: Timestamp, paint: Paint) -> String {
    let numbered = reasons.iter().zip(1..);
    numbered.map(|(reason, number)| item(&format!("{number:>2}."), reason, now, paint)).collect()
}

/// The same for what blocks nothing, not numbered.
#[must_use]
pub(super) fn notes(notes: &[Reason<'_>], now: Timestamp, paint: Paint) -> String {
    notes.iter().map(|note| item("   ", note, now, paint)).collect()
}

fn item(start: &str, reason: &Reason<'_>, now: Timestamp, paint: Paint) -> String {
    let gates = match reason.gates.as_slice() {
        [] => String::new(),
        gates => format!("[{}]", gates.join(", ")),
    };
    let word = paint.word(reason.word, 0);
    let mut text = format!("\n{start} {word}{gates}: {}\n", clean(&reason.finding.message));
    for (about, said) in lines(reason, Some(now)) {
        let name = about.word();
        let _ = writeln!(text, "      {name:<5}  {}", clean(&said));
    }
    text
}

/// Reasons for programs.
#[must_use]
pub(super) fn document(reasons: &[Reason<'_>]) -> Vec<Value> {
    let reason = |reason: &Reason<'_>| {
        let finding = &reason.finding;
        json!({
            "gate": reason.gates.first(),
            "gates": reason.gates,
            "verdict": reason.word.text,
            "message": finding.message,
            "notes": finding.notes,
            "who": reason.who,
            "people": finding.people,
            "how": finding.help,
            "since": finding.since,
            "due": finding.due,
            "usually_seconds": reason.usual.map(|usual| usual.takes.as_secs()),
            "usually_releases": reason.usual.map(|usual| usual.releases),
            "until": reason.until,
        })
    };
    reasons.iter().map(reason).collect()
}
