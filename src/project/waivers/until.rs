//! When a waiver ends.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A day, which is included, or a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    text: String,
    end: Timestamp,
}

impl Until {
    /// The maximum number of days until the end.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);

    /// Reads `2026-12-31`, which is the end of that day in UTC, or a time with an offset.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let day = |date: Date| date.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok();
        let end = match text.parse::<Timestamp>() {
            Ok(end) => end,
            // jiff also accepts the date of a local time, whose offset is unknown.
            Err(_) if text.len() == "2026-12-31".len() => day(text.parse().ok()?)?.timestamp(),
            Err(_) => return None,
        };
        Some(Self { text: text.to_owned(), end })
    }

    /// Whether it has passed.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        now >= self.end
    }

    /// Whether it exceeds the maximum duration of a waiver. The last day is included.
    #[must_use]
    pub fn is_too_far(&self, now: Timestamp) -> bool {
        self.end.duration_since(now) > Self::LONGEST + SignedDuration::from_hours(24)
    }

    /// The latest allowed day.
    #[must_use]
    pub fn latest(now: Timestamp) -> Option<Date> {
        let last = now.checked_add(Self::LONGEST).ok()?;
        Some(last.to_zoned(TimeZone::UTC).date())
    }
}

impl fmt::Display for Until {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_until_date_includes_the_day_but_an_until_time_excludes_the_moment() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let day = Until::read("2026-12-31").unwrap();
        assert!(
            !day.is_past(at("2026-12-31T23:59:59Z")) && day.is_past(at("2027-01-01T00:00:00Z"))
        );
        let moment = Until::read("2026-12-31T12:00:00+01:00").unwrap();
        assert!(!moment.is_past(at("2026-12-31T10:59:59Z")));
        assert!(moment.is_past(at("2026-12-31T11:00:00Z")));
        for odd in ["", "soon", "2026-13-01", "2026-12-31T12:00", "20261231", "90d"] {
            assert_eq!(Until::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_expiry_on_the_ninetieth_day_is_allowed() {
        let now: Timestamp = "2026-01-10T14:00:00Z".parse().unwrap();
        assert_eq!(Until::latest(now).unwrap().to_string(), "2026-04-10");
        assert!(!Until::read("2026-04-10").unwrap().is_too_far(now));
        assert!(Until::read("2026-04-12").unwrap().is_too_far(now));
    }
}
