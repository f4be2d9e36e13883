//! Spans of local time: every week, between two dates, and every year.

use super::time::{ScheduleError, at, moment, weekday, weekly};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use std::collections::BTreeSet;

/// A time span, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Every week.
    Week(WeekSpan),
    /// Once.
    Dates(DatedSpan),
    /// Every year.
    Year(YearSpan),
    /// At these times, in ascending order.
    Listed(Vec<(Timestamp, Timestamp)>),
}

/// From a time of the week to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekSpan {
    from: (Weekday, Time),
    until: (Weekday, Time),
}

/// From a local time to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedSpan {
    from: DateTime,
    until: DateTime,
}

/// From one day of the year to another, both included; it can span the end of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearSpan {
    from: (i8, i8),
    until: (i8, i8),
}

impl WeekSpan {
    /// `Fri 16:00 - Mon 08:00`, or `Sat - Sun` for whole days. If both ends are equal, the whole week.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(text: &str) -> Result<Self, ScheduleError> {
        let wrong = || ScheduleError::Week(text.into());
        let (from, until) = text.split_once('-').ok_or_else(wrong)?;
        if let (Some(from), Some(until)) = (weekday(from.trim()), weekday(until.trim())) {
            return Ok(Self { from: (from, Time::MIN), until: (until.next(), Time::MIN) });
        }
        let from = weekly(from).ok_or_else(wrong)?;
        Ok(Self { from, until: weekly(until).ok_or_else(wrong)? })
    }

    /// The occurrence that begins in the week that starts on a given Monday.
    fn of_week(&self, zone: &TimeZone, monday: Date) -> Option<(Timestamp, Timestamp)> {
        let day = |weekday: Weekday| {
            monday.checked_add(i64::from(weekday.to_monday_zero_offset()).days()).ok()
        };
        let from = day(self.from.0)?.to_datetime(self.from.1);
        let mut until = day(self.until.0)?.to_datetime(self.until.1);
        if until <= from {
            until = until.checked_add(7.days()).ok()?;
        }
        Some((at(zone, from)?, at(zone, until)?))
    }
}

impl DatedSpan {
    /// From one date to another, each with or without a time. A last day without a time is included.
    ///
    /// # Errors When one is not a date, or the end is not after the start.
    pub fn read(from: &str, until: &str) -> Result<Self, ScheduleError> {
        let read = |text: &str| moment(text).ok_or_else(|| ScheduleError::Date(text.into()));
        let ((day, time), (last, end)) = (read(from)?, read(until)?);
        let from = day.to_datetime(time.unwrap_or(Time::MIN));
        let until = match end {
            Some(end) => last.to_datetime(end),
            None => {
                let after = last.tomorrow().map_err(|_| ScheduleError::Date(until.into()))?;
                after.to_datetime(Time::MIN)
            }
        };
        if until <= from { Err(ScheduleError::Backwards) } else { Ok(Self { from, until }) }
    }
}

impl YearSpan {
    /// From `12-18` to `01-05`, both included.
    ///
    /// # Errors When one is not a day of a year. February 29 is allowed; in other years it means
    /// March 1.
    pub fn read(from: &str, until: &str) -> Result<Self, ScheduleError> {
        let read = |text: &str| {
            let wrong = || ScheduleError::Date(text.into());
            let (month, day) = text.trim().split_once('-').ok_or_else(wrong)?;
            let month: i8 = month.parse().map_err(|_| wrong())?;
            let day: i8 = day.parse().map_err(|_| wrong())?;
            // The year 2000 is a leap year, so it has every possible day.
            Date::new(2000, month, day).map_err(|_| wrong())?;
            Ok((month, day))
        };
        Ok(Self { from: read(from)?, until: read(until)? })
    }

    /// The occurrence that begins in a year.
    fn of_year(&self, zone: &TimeZone, year: i16) -> Option<(Timestamp, Timestamp)> {
        let day = |year: i16, (month, day): (i8, i8)| {
            Date::new(year, month, day).or_else(|_| Date::new(year, 3, 1)).ok()
        };
        let ends = if self.until < self.from { year.checked_add(1)? } else { year };
        let from = day(year, self.from)?.to_datetime(Time::MIN);
        let until = day(ends, self.until)?.tomorrow().ok()?.to_datetime(Time::MIN);
        Some((at(zone, from)?, at(zone, until)?))
    }
}

/// One end of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    From,
    Until,
}

impl WeekSpan {
    pub(super) fn end(&self, end: Ends) -> (Weekday, Time) {
        if end == Ends::From { self.from } else { self.until }
    }
}

impl DatedSpan {
    pub(super) fn end(&self, end: Ends) -> DateTime {
        if end == Ends::From { self.from } else { self.until }
    }
}

impl YearSpan {
    pub(super) fn end(&self, end: Ends) -> (i8, i8) {
        if end == Ends::From { self.from } else { self.until }
    }
}

impl Span {
    /// The occurrences that overlap a time span, ordered by their start.
    #[must_use]
    pub fn between(
        &self,
        zone: &TimeZone,
        (from, until): (Timestamp, Timestamp),
    ) -> Vec<(Timestamp, Timestamp)> {
        if let Self::Listed(times) = self {
            let touch = |(begins, ends): &&(Timestamp, Timestamp)| *begins < until && *ends > from;
            return times.iter().filter(touch).copied().collect();
        }
        let mut found = BTreeSet::new();
        let mut at = from;
        loop {
            found.extend(self.near(zone, at));
            if at >= until {
                break;
            }
            let next = at.checked_add(SignedDuration::from_hours(6 * 24));
            at = next.unwrap_or(until).min(until);
        }
        found.into_iter().filter(|(begins, ends)| *begins < until && *ends > from).collect()
    }

    /// The occurrences that may contain a given time or begin soon after it, ordered by their
    /// start.
    pub(super) fn near(&self, zone: &TimeZone, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let today = zone.to_datetime(now).date();
        match self {
            Self::Listed(times) => {
                let first = times.partition_point(|(_, until)| *until <= now);
                times.iter().skip(first).take(2).copied().collect()
            }
            Self::Dates(span) => {
                at(zone, span.from).zip(at(zone, span.until)).into_iter().collect()
            }
            Self::Week(span) => {
                let back = i64::from(today.weekday().to_monday_zero_offset());
                let monday = today.checked_sub(back.days()).ok();
                let weeks = [-1, 0, 1].map(|week: i64| monday?.checked_add((week * 7).days()).ok());
                weeks
                    .into_iter()
                    .flatten()
                    .filter_map(|monday| span.of_week(zone, monday))
                    .collect()
            }
            Self::Year(span) => {
                let years = [-1, 0, 1].map(|offset| today.year().checked_add(offset));
                years.into_iter().flatten().filter_map(|year| span.of_year(zone, year)).collect()
            }
        }
    }
}
