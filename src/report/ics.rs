//! A calendar as an iCalendar file (RFC 5545), for other programs to subscribe to.

use super::calendar::{CalendarEvent, CalendarView, EventKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The maximum length of a line, in bytes; longer lines are folded (section 3.1).
const LONGEST: usize = 75;

/// The file, with LF line endings; the caller converts them to CR LF, as the standard requires. All
/// times are UTC, so that the file needs no time zone definitions.
#[must_use]
pub fn ics(view: &CalendarView) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//tminus//tminus {}//EN", env!("CARGO_PKG_VERSION")),
        "CALSCALE:GREGORIAN".to_owned(),
        // How often subscribers should reload the file (RFC 7986, section 5.7).
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H".to_owned(),
        format!("NAME:{}", text(&format!("Releases of {}", view.name))),
        format!("X-WR-CALNAME:{}", text(&format!("Releases of {}", view.name))),
    ];
    // Windows are omitted: nothing happens in them, they only allow releases.
    for event in view.events.iter().filter(|event| event.kind != EventKind::Window) {
        lines.extend(of_event(view, event));
    }
    if let Some(release) = &view.release {
        for (stage, entry) in &release.stages {
            let Some(at) = entry.at.filter(|at| *at > view.now) else { continue };
            let summary = format!("{}: {stage} can be entered", release.title);
            let why = entry.rule.as_ref().map(ToString::to_string);
            // A forecast can move, so its UID does not depend on the time.
            let uid = format!("forecast-{stage}");
            lines.extend(component(view, &uid, (at, None), &summary, why.as_deref()));
        }
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn of_event(view: &CalendarView, event: &CalendarEvent) -> Vec<String> {
    let summary = match event.kind {
        EventKind::Window => format!("Window: {}", event.name),
        EventKind::Freeze => format!("Freeze: {}", event.name),
        EventKind::CutOff => format!("Cut-off: {}", event.name),
        EventKind::Train => format!("Train: {}", event.name),
    };
    let uid = format!("{}-{}-{}", event.kind.word(), event.name, stamp(event.at));
    component(view, &uid, (event.at, event.until), &summary, event.note.as_deref())
}

fn component(
    view: &CalendarView,
    uid: &str,
    (at, until): (Timestamp, Option<Timestamp>),
    summary: &str,
    note: Option<&str>,
) -> Vec<String> {
    let uid = format!("{uid}-{}@tminus", view.name);
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", text(&uid)),
        format!("DTSTAMP:{}", stamp(view.now)),
        format!("DTSTART:{}", stamp(at)),
    ];
    lines.extend(until.map(|until| format!("DTEND:{}", stamp(until))));
    lines.push(format!("SUMMARY:{}", text(summary)));
    lines.extend(note.map(|note| format!("DESCRIPTION:{}", text(note))));
    lines.push("TRANSP:TRANSPARENT".to_owned());
    lines.push("END:VEVENT".to_owned());
    lines
}

fn stamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text value (section 3.3.11). Control characters are not allowed in it.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A line with its end, folded at characters.
fn folded(line: &str) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for letter in line.chars() {
        if length + letter.len_utf8() > LONGEST {
            folded.push_str("\n ");
            length = 1;
        }
        folded.push(letter);
        length += letter.len_utf8();
    }
    folded + "\n"
}
