//! When releases may be made: freezes and windows, by the local time of one time zone.
//!
//! Local times that do not exist or exist twice are resolved as RFC 5545 says (section 3.3.5): a time
//! in a gap is taken with the offset before the gap, a time that exists twice is the first one.

mod time;
mod span;
mod rules;

pub use rules::{Closed, Freeze, Schedule, Window};
pub use span::{DatedSpan, Span, WeekSpan, YearSpan};
pub use time::{ScheduleError, zone};
