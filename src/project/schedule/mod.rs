//! When releases are allowed: freezes, windows and trains, in the local time of one time zone.
//!
//! Local times that do not exist or exist twice are resolved as RFC 5545 says (section 3.3.5): a time
//! in a gap is taken with the offset before the gap, a time that exists twice is the first one.

mod time;
mod span;
mod recurrence;
mod fault;
mod lines;
mod component;
mod zones;
mod event;
mod calendar;
mod train;
mod rules;
mod forecast;
mod look_ups;

pub use calendar::{Calendar, Occurrence};
pub use fault::{CalendarError, Fault};
pub use forecast::{Decides, Entry};
pub use look_ups::{Moment, MomentKind};
pub use rules::{CalendarFile, Closed, Freeze, Schedule, Window};
pub use span::{DatedSpan, Span, WeekSpan, YearSpan};
pub use time::{ScheduleError, zone};
pub use train::{Dates, Departure, Train};

#[cfg(test)]
mod tests;
