//! What calendars promise.

use super::calendar::Calendar;
use super::fault::{EVENTS, LARGEST};
use super::time::zone;
use jiff::tz::TimeZone;

fn file(events: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}\nEND:VCALENDAR\n")
}

fn event(lines: &str) -> String {
    file(&format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT"))
}

/// The times of 2026, in Paris.
fn times(text: &str) -> Vec<String> {
    let span = ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
    let calendar = Calendar::read(text).unwrap();
    let found = calendar.occurrences(&zone("Europe/Paris").unwrap(), span).unwrap();
    found.iter().map(|one| format!("{} {} {}", one.name, one.from, one.until)).collect()
}

fn error(text: &str) -> (usize, String) {
    let span = ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
    let read = Calendar::read(text);
    let read = read.and_then(|read| read.occurrences(&TimeZone::UTC, span).map(|_| ()));
    let error = read.unwrap_err();
    (error.line, error.to_string())
}

#[test]
fn a_calendar_date_is_a_day_in_the_time_zone_of_the_schedule() {
    let text = event("DTSTART;VALUE=DATE:20261218\nDTEND;VALUE=DATE:20261220\nSUMMARY:Year\\, end");
    assert_eq!(times(&text), ["Year, end 2026-12-17T23:00:00Z 2026-12-19T23:00:00Z"]);
    let text = event("DTSTART;VALUE=DATE:20260714");
    assert_eq!(times(&text), [" 2026-07-13T22:00:00Z 2026-07-14T22:00:00Z"]);
}

#[test]
fn a_recurrence_keeps_its_local_time_and_skips_exceptions() {
    let text = event(
        "UID:a\nSUMMARY:s\nDTSTART;TZID=America/New_York:20260225T180000\nDURATION:PT2H\n\
         RRULE:FREQ=WEEKLY;UNTIL=20260320T000000Z\nEXDATE;TZID=America/New_York:20260304T180000",
    );
    assert_eq!(
        times(&text),
        [
            "s 2026-02-25T23:00:00Z 2026-02-26T01:00:00Z",
            "s 2026-03-11T22:00:00Z 2026-03-12T00:00:00Z",
            "s 2026-03-18T22:00:00Z 2026-03-19T00:00:00Z",
        ]
    );
}

#[test]
fn a_moved_recurrence_replaces_its_own_and_a_canceled_one_is_excluded() {
    let text = file(
        "BEGIN:VEVENT\nUID:a\nSUMMARY:s\nDTSTART:20260101T100000Z\nDTEND:20260101T110000Z\n\
         RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nSUMMARY:moved\nRECURRENCE-ID:20260102T100000Z\n\
         DTSTART:20260105T100000Z\nDTEND:20260105T110000Z\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nSTATUS:CANCELLED\nRECURRENCE-ID:20260103T100000Z\n\
         DTSTART:20260103T100000Z\nDTEND:20260103T110000Z\nEND:VEVENT",
    );
    assert_eq!(
        times(&text),
        [
            "s 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z",
            "moved 2026-01-05T10:00:00Z 2026-01-05T11:00:00Z",
        ]
    );
}

#[test]
fn a_custom_time_zone_follows_the_rules_in_the_file() {
    let text = file(
        "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\n\
         DTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
         RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
         DTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
         RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nSUMMARY:s\nDTSTART;TZID=W. Europe Standard Time:20260328T120000\n\
         DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT",
    );
    assert_eq!(
        times(&text),
        [
            "s 2026-03-28T11:00:00Z 2026-03-28T12:00:00Z",
            "s 2026-03-29T10:00:00Z 2026-03-29T11:00:00Z",
        ]
    );
}

#[test]
fn folded_lines_and_windows_line_endings_are_read() {
    let text = event("SUMMARY:one\n  two\nDTSTART:20260101T100000Z\nDURATION:PT1H");
    let text = text.replace('\n', "\r\n");
    assert_eq!(times(&text), ["one two 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z"]);
}

#[test]
fn a_series_that_ends_before_it_begins_is_its_first_time_alone() {
    let text =
        event("DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20251231T100000Z");
    assert_eq!(times(&text), [" 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z"]);
}

#[test]
fn a_calendar_error_is_reported_once_with_its_line() {
    let start = "DTSTART:20260101T100000Z\nDURATION:PT1H\n";
    for (text, line, message) in [
        (String::new(), 1, "`BEGIN` and `END` do not match"),
        ("hello".into(), 1, "this is not a line of an iCalendar file"),
        (file("BEGIN:VEVENT"), 4, "`BEGIN` and `END` do not match"),
        ("BEGIN:VCALENDAR\n".into(), 1, "`BEGIN` and `END` do not match"),
        (event("SUMMARY:s"), 3, "the event has no `DTSTART`"),
        (event("DTSTART:20260230T100000"), 4, "`20260230T100000` is not a date or time"),
        (
            event("DTSTART;TZID=Mars/Olympus:20260101T100000\nDURATION:PT1H"),
            4,
            "`Mars/Olympus` is not a time zone of the IANA database, and its `VTIMEZONE` has no \
             yearly rule",
        ),
        (event(&format!("{start}RRULE:FREQ=NEVER")), 6, "the recurrence rule is not valid"),
        (
            event(&format!("{start}RRULE:FREQ=SECONDLY")),
            6,
            "events that repeat more than once a day are not supported",
        ),
        (
            event("DTSTART:20260102T100000Z\nDTEND:20260101T100000Z"),
            5,
            "the event ends before it begins",
        ),
        (
            event("DTSTART:20260102T100000Z\nDURATION:P9999D"),
            5,
            "the event is longer than 3,660 days",
        ),
        (event("DTSTART:20260102T100000Z\nDURATION:P1Y"), 5, "`P1Y` is not a date or time"),
        (event(&format!("{start}EXRULE:FREQ=DAILY")), 6, "`EXRULE` is not supported"),
        (event(&format!("{start}RDATE;VALUE=PERIOD:a/b")), 6, "`VALUE=PERIOD` is not supported"),
    ] {
        assert_eq!(error(&text), (line, message.to_owned()), "{text}");
    }
}

#[test]
fn a_hostile_calendar_is_rejected_by_a_limit() {
    let large = event(&format!("X-PAD:{}", "a\n b".repeat(LARGEST / 4)));
    assert!(error(&large).1.starts_with("the calendar is too large"));
    let long = event(&format!("X-PAD:{}", "a".repeat(100_000)));
    assert_eq!(error(&long), (4, "the line is too long".into()));
    let many = file(&"BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n".repeat(EVENTS + 1));
    assert_eq!(error(&many).1, "the calendar has more than 5,000 events");
    let start = "DTSTART:19000101T100000Z\nDURATION:PT1H\n";
    let often = event(&format!("{start}RRULE:FREQ=DAILY;COUNT=1000000"));
    assert_eq!(error(&often).0, 6);
    let never = event(&format!("{start}RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"));
    assert_eq!(times(&never), Vec::<String>::new());
    let idle =
        format!("BEGIN:VEVENT\n{start}RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n");
    let message =
        "more than 5 events of the calendar have a recurrence rule that produces no occurrence";
    assert_eq!(error(&file(&idle.repeat(100))).1, message);
    let sparse = format!(
        "BEGIN:VEVENT\n{start}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO\nEND:VEVENT\n"
    );
    let message = "the events of the calendar repeat over more than 10,000,000 days in total";
    assert_eq!(error(&file(&sparse.repeat(3_000))).1, message);
    let deep = file(&"BEGIN:A\n".repeat(100));
    assert_eq!(error(&deep), (10, "`BEGIN` and `END` do not match".into()));
    let itself =
        event("UID:a\nRECURRENCE-ID:20260101T100000Z\nDTSTART:20260101T100000Z\nDURATION:PT1H");
    assert_eq!(times(&itself), [" 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z"]);
}
