//! The recurring local times at which a schedule opens or a train leaves, for the triggers of
//! workflows.

use super::rules::Schedule;
use super::span::{Ends, Span};
use super::train::Dates;
use jiff::civil::{Date, Time, Weekday};

/// A recurring local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The days.
    pub days: MomentKind,
    /// The time of day.
    pub time: Time,
}

/// Recurring days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentKind {
    /// Every day.
    Daily,
    /// A day of the week.
    Weekly(Weekday),
    /// A day of the year: month and day.
    Yearly(i8, i8),
}

impl Schedule {
    /// The times at which a release becomes possible. `None` if the manifest alone does not
    /// determine them: calendars are files in the commit, and cron expressions have other kinds of
    /// days.
    #[must_use]
    pub fn moments(&self) -> Option<Vec<Moment>> {
        if !self.calendars.is_empty() {
            return None;
        }
        let mut moments = Vec::new();
        let spans = self.freezes.iter().map(|freeze| (&freeze.span, Ends::Until));
        let spans = spans.chain(self.windows.iter().map(|window| (&window.span, Ends::From)));
        for (span, end) in spans {
            moments.push(span.moment(end)?);
        }
        for train in &self.trains {
            match &train.dates {
                Dates::Every { days, from } => {
                    let days = match days % 7 {
                        0 => MomentKind::Weekly(from.date().weekday()),
                        _ => MomentKind::Daily,
                    };
                    moments.push(Moment { days, time: from.time() });
                }
                Dates::Listed(dates) => moments.extend(dates.iter().map(|date| Moment {
                    days: MomentKind::Yearly(date.date().month(), date.date().day()),
                    time: date.time(),
                })),
                Dates::Cron(_) => {
                    let midnight = Date::constant(2026, 1, 1).to_datetime(Time::MIN);
                    let next = train.dates.next(midnight)?;
                    moments.push(Moment { days: MomentKind::Daily, time: next.time() });
                }
            }
        }
        Some(moments)
    }
}

impl Span {
    fn moment(&self, end: Ends) -> Option<Moment> {
        match self {
            Self::Week(span) => {
                let (day, time) = span.end(end);
                Some(Moment { days: MomentKind::Weekly(day), time })
            }
            Self::Year(span) => {
                let (month, day) = span.end(end);
                // The day after the last one, whatever the year.
                let date = Date::new(2001, month, day).or_else(|_| Date::new(2001, 3, 1)).ok()?;
                let date = if end == Ends::Until { date.tomorrow().ok()? } else { date };
                let days = MomentKind::Yearly(date.month(), date.day());
                Some(Moment { days, time: Time::MIN })
            }
            Self::Dates(span) => {
                let at = span.end(end);
                let days = MomentKind::Yearly(at.date().month(), at.date().day());
                Some(Moment { days, time: at.time() })
            }
            Self::Listed(_) => None,
        }
    }
}
