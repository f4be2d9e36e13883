//! The schedule as it applies to a case: with the calendars of the commit, at the time of the facts.

use super::case::Case;
use super::ruling::Ruling;
use crate::base::finding::{Finding, Who};
use crate::base::source::Span;
use crate::facts::{Facts, FileAt, Seen};
use crate::project::manifest::Mode;
use crate::project::schedule::{Calendar, CalendarError, CalendarFile, Fault, Schedule};
use jiff::{SignedDuration, Timestamp};

/// How far calendars are read, in hours. What begins later does not matter yet.
const AHEAD: SignedDuration = SignedDuration::from_hours(800 * 24);

/// The time that the schedule is evaluated for.
///
/// # Errors
/// When it is not known, as a ruling.
pub fn now(facts: &Facts) -> Result<Timestamp, Ruling> {
    facts.now().map_err(|unseen| Ruling::unseen("the time", unseen))
}

/// The schedule of the manifest with the events of its calendars from a time on; `None` if there is no
/// schedule.
///
/// # Errors
/// When a calendar cannot be read or used, as a ruling: a freeze could be missing.
pub fn schedule(case: &Case<'_>, from: Timestamp) -> Result<Option<Schedule>, Ruling> {
    let Some(schedule) = &case.manifest.schedule else { return Ok(None) };
    let mut calendars = Vec::new();
    for file in &schedule.calendars {
        calendars.push((file.clone(), calendar(case.facts, file)?));
    }
    let until = from.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let whole = schedule.clone().with(&calendars, (from, until));
    whole.map(Some).map_err(|(file, error)| wrong(case.facts, file, &error))
}

/// The parts of the schedule whose gates can hold a release; `None` if nothing can, or if a calendar
/// cannot be used, which the gate reports.
#[must_use]
pub fn applied(case: &Case<'_>) -> Option<Schedule> {
    let mut schedule = schedule(case, now(case.facts).ok()?).ok()??;
    let counts = |id: &str| {
        let mut entries = case.manifest.gates.iter().flatten();
        entries.find(|entry| entry.id.value == id).is_none_or(|entry| entry.mode == Mode::On)
    };
    if !counts("window-open") {
        schedule.freezes.clear();
        schedule.windows.clear();
    }
    if !counts("train-due") {
        schedule.trains.clear();
    }
    Some(schedule)
}

/// When the commit was merged: as the forge recorded it, else when it was committed.
///
/// # Errors
/// When the forge could not be read, as a ruling.
pub fn merged(facts: &Facts) -> Result<Timestamp, Ruling> {
    match &facts.merged {
        Seen::Known(Some(at)) => Ok(*at),
        Seen::Unseen(unseen) if !facts.merged.is_not_asked() => {
            Err(Ruling::unseen("the time at which the commit was merged", unseen))
        }
        Seen::Known(None) | Seen::Unseen(_) => Timestamp::from_second(facts.commit.committed_at)
            .map_err(|_| Ruling::unknown(Finding::new("the date of the commit cannot be read"))),
    }
}

fn calendar(facts: &Facts, file: &CalendarFile) -> Result<Calendar, Ruling> {
    let label = file.label();
    let refused = |message: String| {
        let finding = Finding::new(message).at(&facts.manifest.name, file.path.span, "named here");
        Ruling::no_go(finding.who(Who::Author))
    };
    match read(facts, file) {
        None => Err(Ruling::unknown(Finding::new(format!("`{label}` was not read")))),
        Some(Seen::Unseen(unseen)) => Err(Ruling::unseen(&format!("`{label}`"), unseen)),
        Some(Seen::Known(FileAt::Absent)) => {
            let at = match &file.elsewhere {
                None => format!(" at {}", facts.commit.sha.short()),
                Some(_) => String::new(),
            };
            Err(refused(format!("the calendar `{label}` does not exist{at}")))
        }
        Some(Seen::Known(FileAt::Binary)) => {
            Err(refused(format!("the calendar `{label}` is not UTF-8 text")))
        }
        Some(Seen::Known(FileAt::TooLarge { bytes })) => {
            let error = CalendarError { line: 1, fault: Fault::Large(*bytes) };
            Err(refused(format!("the calendar `{label}` cannot be used: {error}")))
        }
        Some(Seen::Known(FileAt::Text(text))) => {
            Calendar::read(text).map_err(|error| wrong(facts, file, &error))
        }
    }
}

fn read<'f>(facts: &'f Facts, file: &CalendarFile) -> Option<&'f Seen<FileAt>> {
    let files = if file.elsewhere.is_some() { &facts.calendars } else { &facts.files };
    files.get(&file.name())
}

/// What is wrong with a calendar, at its line. The line of another repository's file is a note: reports
/// point into this repository.
fn wrong(facts: &Facts, file: &CalendarFile, error: &CalendarError) -> Ruling {
    let label = file.label();
    let finding = Finding::new(format!("the calendar `{label}` cannot be used: {error}"));
    let text = match read(facts, file) {
        Some(Seen::Known(FileAt::Text(text))) => text.as_str(),
        Some(_) | None => "",
    };
    let span = line(text, error.line);
    let finding = match &file.elsewhere {
        None => finding
            .at(&label, span, "here")
            .help("correct the file; without it, a freeze could be missed"),
        Some((slug, _)) => finding
            .at(&facts.manifest.name, file.path.span, "named here")
            .note(format!(
                "line {}: `{}`",
                error.line,
                text.get(span.start..span.end).unwrap_or_default()
            ))
            .help(format!("correct the file in {slug}, and set `commit` to the new commit")),
    };
    Ruling::no_go(finding.who(Who::Author))
}

/// The bytes of a line, counted from 1.
fn line(text: &str, number: usize) -> Span {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(number.saturating_sub(1)).map(str::len).sum();
    let length = lines.next().map_or(0, |line| line.trim_end().len().min(200));
    Span { start: before, end: before + length }
}
