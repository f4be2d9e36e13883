//! Why a calendar cannot be used, and the bounds of calendars.

use super::recurrence::RuleError;

/// The most bytes of a calendar that are read.
pub(super) const LARGEST: usize = 1 << 20;

/// The most events of a calendar.
pub(super) const EVENTS: usize = 5_000;

/// The most times that all events repeat until the time that matters.
pub(super) const MOST: usize = 20_000;

/// The longest event, in days.
pub(super) const LONGEST: i64 = 3_660;

/// Why a calendar cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct CalendarError {
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub fault: Fault,
}

/// What is wrong with a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many bytes.
    #[error("the calendar is too large ({0} bytes; at most {LARGEST})")]
    Large(u64),
    /// Not `NAME:value`.
    #[error("this is not a line of an iCalendar file")]
    NoProperty,
    /// A line is too long.
    #[error("the line is too long")]
    LongLine,
    /// No `BEGIN:VCALENDAR`, an `END` that does not fit, or none.
    #[error("`BEGIN` and `END` do not match")]
    Nesting,
    /// Too many events.
    #[error("the calendar has more than {EVENTS} events")]
    ManyEvents,
    /// It has no `DTSTART`.
    #[error("the event has no `DTSTART`")]
    NoStart,
    /// Not a date or a date with a time.
    #[error("`{0}` is not a date or time")]
    Time(String),
    /// Not a zone that is known.
    #[error(
        "`{0}` is not a time zone of the IANA database, and its `VTIMEZONE` has no yearly rule"
    )]
    Zone(String),
    /// It ends before it begins.
    #[error("the event ends before it begins")]
    Backwards,
    /// It is too long.
    #[error("the event is longer than {LONGEST} days")]
    Long,
    /// Its recurrence cannot be computed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A part of RFC 5545 that is not supported.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
}
