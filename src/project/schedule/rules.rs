//! Freezes and windows combined: whether releases are allowed at a given time, and when they are
//! allowed next.

use super::calendar::Calendar;
use super::fault::CalendarError;
use super::span::Span;
use super::time::at;
use super::train::{Departure, Train};
use crate::base::names::{Sha, Slug, StageName};
use crate::base::source::Spanned;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How often the next open time can move on before it counts as never.
const STEPS: usize = 1000;

/// When releases are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The name of the time zone.
    pub timezone: String,
    /// The time zone.
    pub zone: TimeZone,
    /// Periods during which nothing is released. They take precedence over windows.
    pub freezes: Vec<Freeze>,
    /// The only periods during which releases are allowed; any time if there are none.
    pub windows: Vec<Window>,
    /// Calendars whose events are freezes.
    pub calendars: Vec<CalendarFile>,
    /// Scheduled releases.
    pub trains: Vec<Train>,
}

impl Default for Schedule {
    /// Always open, in UTC.
    fn default() -> Self {
        Self {
            timezone: "UTC".into(),
            zone: TimeZone::UTC,
            freezes: Vec::new(),
            windows: Vec::new(),
            calendars: Vec::new(),
            trains: Vec::new(),
        }
    }
}

/// An iCalendar file whose events are freezes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFile {
    /// Its path.
    pub path: Spanned<String>,
    /// The other repository that contains it, and the commit there; `None` if it is a file of the
    /// evaluated commit.
    pub elsewhere: Option<(Slug, Sha)>,
}

impl CalendarFile {
    /// Its unique name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.elsewhere {
            None => self.path.value.clone(),
            Some((slug, sha)) => format!("{slug}@{sha}:{}", self.path.value),
        }
    }

    /// The same, for messages.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.elsewhere {
            None => self.path.value.clone(),
            Some((slug, sha)) => format!("{slug}@{}:{}", sha.short(), self.path.value),
        }
    }
}

/// A period during which nothing is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub span: Span,
}

/// A period during which releases are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its name.
    pub name: String,
    /// When.
    pub span: Span,
}

/// Why releases are not allowed at a given time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed<'s> {
    /// A freeze.
    Frozen {
        /// Which.
        freeze: &'s Freeze,
        /// Its end.
        until: Timestamp,
    },
    /// No window is open.
    NoWindow {
        /// The next one, and when it opens.
        next: Option<(&'s Window, Timestamp)>,
    },
}

impl Schedule {
    /// The same schedule with the events of calendars that overlap a time span.
    ///
    /// # Errors When a calendar cannot be used. The error contains its file.
    pub fn with(
        mut self,
        calendars: &[(CalendarFile, Calendar)],
        span: (Timestamp, Timestamp),
    ) -> Result<Self, (&CalendarFile, CalendarError)> {
        for (file, calendar) in calendars {
            let found = calendar.occurrences(&self.zone, span).map_err(|error| (file, error))?;
            let path = file.label();
            // Sorted by their start, so that overlapping periods can be joined.
            let mut times: BTreeMap<(usize, String), Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
            for one in found {
                let times = times.entry((one.line, one.name)).or_default();
                match times.last_mut().filter(|(_, until)| one.from <= *until) {
                    Some((_, until)) => *until = one.until.max(*until),
                    None => times.push((one.from, one.until)),
                }
            }
            let freezes = times.into_iter().map(|((line, name), times)| Freeze {
                name: if name.is_empty() { path.clone() } else { name },
                reason: Some(format!("`{path}`, line {line}")),
                span: Span::Listed(times),
            });
            self.freezes.extend(freezes);
        }
        Ok(self)
    }

    /// The next train of a stage after a given time, or of any stage if none is given. Due dates
    /// are relative to its date.
    #[must_use]
    pub fn next_train(
        &self,
        stage: Option<&StageName>,
        now: Timestamp,
    ) -> Option<(&Train, Departure)> {
        let trains = self.trains.iter().filter(|train| stage.is_none_or(|it| train.takes(it)));
        let dates = trains.filter_map(|train| Some((train, train.after(&self.zone, now)?)));
        dates.min_by_key(|(_, departure)| *departure)
    }

    /// The train that a stage leaves with, given the time at which its changes were merged.
    #[must_use]
    pub fn departure(
        &self,
        stage: &StageName,
        merged: Timestamp,
        now: Timestamp,
    ) -> Option<(&Train, Departure)> {
        let trains = self.trains.iter().filter(|train| train.takes(stage));
        let dates =
            trains.filter_map(|train| Some((train, train.carrying(&self.zone, merged, now)?)));
        dates.min_by_key(|(_, departure)| *departure)
    }

    /// Adds seconds to a moment in local time, or subtracts them: two days before 10:00 is 10:00.
    #[must_use]
    pub fn relative(&self, moment: Timestamp, seconds: i64) -> Option<Timestamp> {
        let local = self.zone.to_datetime(moment);
        at(&self.zone, local.checked_add(SignedDuration::from_secs(seconds)).ok()?)
    }

    /// Why releases are not allowed at a given time; `None` if they are.
    #[must_use]
    pub fn closed(&self, now: Timestamp) -> Option<Closed<'_>> {
        self.frozen(now).or_else(|| self.outside(now))
    }

    /// Of the active freezes, the one that ends last.
    fn frozen(&self, now: Timestamp) -> Option<Closed<'_>> {
        let holds = self.freezes.iter().filter_map(|freeze| {
            let until = self.until(&freeze.span, now)?;
            Some((freeze, until))
        });
        let (freeze, until) = holds.max_by_key(|(_, until)| *until)?;
        Some(Closed::Frozen { freeze, until })
    }

    fn outside(&self, now: Timestamp) -> Option<Closed<'_>> {
        let open = self.windows.iter().any(|window| self.until(&window.span, now).is_some());
        if self.windows.is_empty() || open {
            return None;
        }
        let next = self.windows.iter().filter_map(|window| {
            let mut near = window.span.near(&self.zone, now).into_iter();
            Some((window, near.find(|(from, _)| *from > now)?.0))
        });
        Some(Closed::NoWindow { next: next.min_by_key(|(_, from)| *from) })
    }

    /// The end of a period that contains a given time.
    fn until(&self, span: &Span, now: Timestamp) -> Option<Timestamp> {
        let near = span.near(&self.zone, now).into_iter();
        near.filter(|(from, until)| *from <= now && now < *until).map(|(_, until)| until).max()
    }

    /// The first time at or after a given time at which releases are allowed; `None` if there is
    /// none.
    #[must_use]
    pub fn next_open(&self, now: Timestamp) -> Option<Timestamp> {
        let mut now = now;
        for _ in 0..STEPS {
            now = match self.closed(now) {
                None => return Some(now),
                Some(Closed::Frozen { until, .. }) => until,
                Some(Closed::NoWindow { next }) => next?.1,
            };
        }
        None
    }

    /// The next freeze that begins after a given time.
    #[must_use]
    pub fn next_freeze(&self, now: Timestamp) -> Option<(&Freeze, Timestamp)> {
        let begins = self.freezes.iter().filter_map(|freeze| {
            let mut near = freeze.span.near(&self.zone, now).into_iter();
            Some((freeze, near.find(|(from, _)| *from > now)?.0))
        });
        begins.min_by_key(|(_, from)| *from)
    }

    /// The first moment of a day.
    #[must_use]
    pub fn moment(&self, day: Date) -> Option<Timestamp> {
        at(&self.zone, day.to_datetime(Time::MIN))
    }

    /// A moment in the zone's local time, for people.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> String {
        let zoned = at.to_zoned(self.zone.clone());
        format!("{} {}", zoned.strftime("%a %-d %b %Y %H:%M"), self.timezone)
    }
}

#[cfg(test)]
mod tests {
    use super::super::span::{DatedSpan, WeekSpan, YearSpan};
    use super::super::time::zone;
    use super::*;

    fn schedule(freezes: Vec<Span>, windows: Vec<Span>) -> Schedule {
        let freeze = |span| Freeze { name: "f".into(), reason: None, span };
        let window = |span| Window { name: "w".into(), span };
        Schedule {
            timezone: "Europe/Paris".into(),
            zone: zone("Europe/Paris").unwrap(),
            freezes: freezes.into_iter().map(freeze).collect(),
            windows: windows.into_iter().map(window).collect(),
            calendars: Vec::new(),
            trains: Vec::new(),
        }
    }

    fn week(text: &str) -> Span {
        Span::Week(WeekSpan::read(text).unwrap())
    }

    fn next(schedule: &Schedule, at: &str) -> String {
        schedule.next_open(at.parse().unwrap()).map_or("never".into(), |at| at.to_string())
    }

    #[test]
    fn a_weekend_freeze_starts_and_ends_in_local_time_in_winter_and_summer() {
        let schedule = schedule(vec![week("Fri 16:00 - Mon 08:00")], Vec::new());
        // Winter: UTC+1; summer: UTC+2.
        assert_eq!(next(&schedule, "2026-01-09T14:59:59Z"), "2026-01-09T14:59:59Z");
        assert_eq!(next(&schedule, "2026-01-09T15:00:00Z"), "2026-01-12T07:00:00Z");
        assert_eq!(next(&schedule, "2026-07-10T14:00:00Z"), "2026-07-13T06:00:00Z");
        // The night in which the clocks go forward.
        assert_eq!(next(&schedule, "2026-03-28T12:00:00Z"), "2026-03-30T06:00:00Z");
    }

    #[test]
    fn deny_takes_precedence_over_allow() {
        let freeze = Span::Dates(DatedSpan::read("2026-12-18", "2027-01-05").unwrap());
        let schedule = schedule(vec![freeze], vec![week("Tue 10:00 - Tue 12:00")]);
        assert_eq!(next(&schedule, "2026-12-15T09:30:00Z"), "2026-12-15T09:30:00Z");
        assert_eq!(next(&schedule, "2026-12-15T11:00:00Z"), "2027-01-12T09:00:00Z");
    }

    #[test]
    fn a_yearly_freeze_can_span_the_new_year_and_a_leap_day() {
        let turn = Span::Year(YearSpan::read("12-24", "01-02").unwrap());
        let schedule_turn = schedule(vec![turn], Vec::new());
        assert_eq!(next(&schedule_turn, "2027-01-01T12:00:00Z"), "2027-01-02T23:00:00Z");
        let leap = Span::Year(YearSpan::read("02-29", "02-29").unwrap());
        let schedule_leap = schedule(vec![leap], Vec::new());
        assert_eq!(next(&schedule_leap, "2028-02-29T12:00:00Z"), "2028-02-29T23:00:00Z");
    }

    #[test]
    fn the_search_for_an_opening_ends_if_there_is_none() {
        let always = schedule(vec![week("Mon - Sun")], Vec::new());
        assert_eq!(next(&always, "2026-01-09T15:00:00Z"), "never");
        let past = Span::Dates(DatedSpan::read("2020-01-01", "2020-01-02").unwrap());
        let none = schedule(Vec::new(), vec![past]);
        assert_eq!(next(&none, "2026-01-09T15:00:00Z"), "never");
    }

    #[test]
    fn an_invalid_time_text_is_rejected() {
        for text in [
            "",
            "Fri",
            "Fri 16 - Mon 08",
            "Fri 16:00",
            "Fre 16:00 - Mon 08:00",
            "Fri 25:00 - Sat 01:00",
        ] {
            assert!(WeekSpan::read(text).is_err(), "{text}");
        }
        assert!(DatedSpan::read("2026-02-30", "2026-03-01").is_err());
        assert_eq!(
            DatedSpan::read("2026-03-02", "2026-03-01"),
            Err(super::super::time::ScheduleError::Backwards)
        );
        assert!(YearSpan::read("13-01", "01-01").is_err());
        assert!(zone("Mars/Olympus").is_err());
    }
}
