//! Why a calendar cannot be used, and the limits for calendars.

use super::recurrence::RuleError;
use crate::base::number::grouped;

/// The maximum size of a calendar, in bytes.
pub(super) const LARGEST: usize = 1 << 20;

/// The maximum number of events in a calendar.
pub(super) const EVENTS: usize = 5_000;

/// The maximum number of recurrences of all events up to the evaluated time.
pub(super) const MOST: usize = 20_000;

/// The maximum number of days that all recurrence rules iterate over, from the starts of their
/// events to the evaluated time: this takes time even if nothing repeats.
pub(super) const DAYS: i64 = 10_000_000;

/// The maximum number of rules that never apply. Each is computed for thousands of years.
pub(super) const IDLE: usize = 5;

/// The maximum duration of an event, in days.
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

/// An error in a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many bytes.
    #[error("the calendar is too large ({} bytes; at most {})", grouped(.0), grouped(LARGEST))]
    Large(u64),
    /// A line is not `NAME:value`.
    #[error("this is not a line of an iCalendar file")]
    NoProperty,
    /// A line is too long.
    #[error("the line is too long")]
    LongLine,
    /// `BEGIN:VCALENDAR` is missing, or an `END` is missing or does not match.
    #[error("`BEGIN` and `END` do not match")]
    Nesting,
    /// Too many events.
    #[error("the calendar has more than {} events", grouped(EVENTS))]
    ManyEvents,
    /// It has no `DTSTART`.
    #[error("the event has no `DTSTART`")]
    NoStart,
    /// Not a date or a date with a time.
    #[error("`{0}` is not a date or time")]
    Time(String),
    /// An unknown time zone.
    #[error(
        "`{0}` is not a time zone of the IANA database, and its `VTIMEZONE` has no yearly rule"
    )]
    Zone(String),
    /// It ends before it begins.
    #[error("the event ends before it begins")]
    Backwards,
    /// It is too long.
    #[error("the event is longer than {} days", grouped(LONGEST))]
    Long,
    /// Its recurrence cannot be computed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A part of RFC 5545 that is not supported.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
}
