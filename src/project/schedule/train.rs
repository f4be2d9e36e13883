//! Trains: scheduled releases, with the changes that were merged by their cut-off.

use super::time::{ScheduleError, at, moment};
use crate::base::names::StageName;
use croner::Cron;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use std::str::FromStr as _;

/// A scheduled release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Train {
    /// Its name.
    pub name: String,
    /// When it leaves.
    pub dates: Dates,
    /// How long before its date the cut-off is, in seconds of local time.
    pub cut_off_seconds: u64,
    /// How long after the train's date a release can still leave with it.
    pub late_seconds: u64,
    /// The stages that wait for it; if empty, all stages.
    pub stages: Vec<StageName>,
}

/// Dates, in local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dates {
    /// At an interval in days, counted from the first date.
    Every {
        /// The number of days.
        days: i64,
        /// The first date.
        from: DateTime,
    },
    /// According to a cron expression.
    Cron(Box<Cron>),
    /// A list of dates, in ascending order.
    Listed(Vec<DateTime>),
}

/// One date of a train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Departure {
    /// When it leaves.
    pub at: Timestamp,
    /// The cut-off: later changes do not leave with it.
    pub cut_off: Timestamp,
    /// From this time on, the train has left.
    pub closes: Timestamp,
}

const DAY: u64 = 86_400;

impl Dates {
    /// Every `14d`, starting from a date.
    ///
    /// # Errors
    /// When it is not a number of days, or not a date.
    pub fn every(seconds: u64, from: &str) -> Result<Self, ScheduleError> {
        let days = i64::try_from(seconds / DAY).ok().filter(|_| seconds.is_multiple_of(DAY));
        let days = days.filter(|days| (1..=3_660).contains(days)).ok_or(ScheduleError::Days)?;
        Ok(Self::Every { days, from: date(from)? })
    }

    /// A cron expression of five fields.
    ///
    /// # Errors When it is not valid, never matches, or matches more than once a day.
    pub fn cron(text: &str) -> Result<Self, ScheduleError> {
        let wrong = || ScheduleError::Cron(text.into());
        let fields = text.split_whitespace().count();
        let mut times = text.split_whitespace().take(2);
        let daily = times.all(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
        if fields != 5 || !daily {
            return Err(wrong());
        }
        let cron = Cron::from_str(text).map_err(|_| wrong())?;
        let dates = Self::Cron(Box::new(cron));
        match dates.next(DateTime::constant(2000, 1, 1, 0, 0, 0, 0)) {
            Some(_) => Ok(dates),
            None => Err(wrong()),
        }
    }

    /// Single dates.
    ///
    /// # Errors
    /// When one is not a date.
    pub fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> Result<Self, ScheduleError> {
        let mut dates = texts.map(date).collect::<Result<Vec<_>, _>>()?;
        dates.sort_unstable();
        dates.dedup();
        Ok(Self::Listed(dates))
    }

    /// The first date after a local time.
    pub(super) fn next(&self, after: DateTime) -> Option<DateTime> {
        match self {
            Self::Every { days, from } => step(*from, *days, number(*from, *days, after) + 1),
            Self::Cron(cron) => cron.find_next_occurrence(&after, false).ok(),
            Self::Listed(dates) => dates.iter().copied().find(|date| *date > after),
        }
    }

    /// The last date before a local time.
    fn previous(&self, before: DateTime) -> Option<DateTime> {
        match self {
            Self::Every { days, from } => {
                let found = number(*from, *days, before);
                let exact = step(*from, *days, found) == Some(before);
                step(*from, *days, if exact { found - 1 } else { found })
            }
            Self::Cron(cron) => cron.find_previous_occurrence(&before, false).ok(),
            Self::Listed(dates) => dates.iter().rev().copied().find(|date| *date < before),
        }
    }
}

/// The number of the last date that is not after a local time; below zero before the first.
fn number(from: DateTime, days: i64, at: DateTime) -> i64 {
    let between = at.duration_since(from).as_secs();
    between.div_euclid(days.saturating_mul(86_400)).max(-1)
}

fn step(from: DateTime, days: i64, number: i64) -> Option<DateTime> {
    let days = number.checked_mul(days).filter(|_| number >= 0)?;
    from.checked_add(SignedDuration::from_hours(days.checked_mul(24)?)).ok()
}

fn date(text: &str) -> Result<DateTime, ScheduleError> {
    let (day, time) = moment(text).ok_or_else(|| ScheduleError::Date(text.into()))?;
    Ok(day.to_datetime(time.unwrap_or(Time::MIN)))
}

impl Train {
    /// Whether a stage is entered with it.
    #[must_use]
    pub fn takes(&self, stage: &StageName) -> bool {
        self.stages.is_empty() || self.stages.contains(stage)
    }

    /// Its first date after a moment.
    #[must_use]
    pub fn after(&self, zone: &TimeZone, now: Timestamp) -> Option<Departure> {
        // Where clocks go back, later moments have earlier local times.
        let mut local = zone.to_datetime(now).checked_sub(1.day()).ok()?;
        loop {
            local = self.dates.next(local)?;
            let departure = self.departure(zone, local)?;
            if departure.at > now {
                return Some(departure);
            }
        }
    }

    /// Its last date at or before a moment.
    #[must_use]
    pub fn before(&self, zone: &TimeZone, now: Timestamp) -> Option<Departure> {
        let mut local = zone.to_datetime(now).checked_add(1.day()).ok()?;
        loop {
            local = self.dates.previous(local)?;
            let departure = self.departure(zone, local)?;
            if departure.at <= now {
                return Some(departure);
            }
        }
    }

    /// The date on which a change leaves, given when it was merged: a date that is not over, and
    /// whose cut-off is not before the merge.
    #[must_use]
    pub fn carrying(
        &self,
        zone: &TimeZone,
        merged: Timestamp,
        now: Timestamp,
    ) -> Option<Departure> {
        let open = |departure: &Departure| now < departure.closes && merged <= departure.cut_off;
        if let Some(last) = self.before(zone, now).filter(open) {
            return Some(last);
        }
        // Nothing leaves before it was merged.
        let earliest = merged.checked_sub(SignedDuration::from_secs(1)).ok()?;
        let mut next = self.after(zone, now.max(earliest))?;
        while !open(&next) {
            next = self.after(zone, next.at)?;
        }
        Some(next)
    }

    fn departure(&self, zone: &TimeZone, local: DateTime) -> Option<Departure> {
        let seconds = |seconds: u64| i64::try_from(seconds).ok().map(SignedDuration::from_secs);
        let leaves = at(zone, local)?;
        let cut_off = at(zone, local.checked_sub(seconds(self.cut_off_seconds)?).ok()?)?;
        let closes = leaves.checked_add(seconds(self.late_seconds)?).ok()?;
        Some(Departure { at: leaves, cut_off, closes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::schedule::zone;

    fn train(dates: Dates) -> Train {
        let (cut_off_seconds, late_seconds) = (2 * DAY, DAY);
        Train { name: "t".into(), dates, cut_off_seconds, late_seconds, stages: Vec::new() }
    }

    fn next(train: &Train, now: &str) -> String {
        let paris = zone("Europe/Paris").unwrap();
        let found = train.after(&paris, now.parse().unwrap());
        found.map_or("never".into(), |it| format!("{} {}", it.at, it.cut_off))
    }

    #[test]
    fn a_train_keeps_its_local_time_in_winter_and_in_summer() {
        let every = train(Dates::every(14 * DAY, "2026-03-17 10:00").unwrap());
        assert_eq!(
            next(&every, "2026-01-01T00:00:00Z"),
            "2026-03-17T09:00:00Z 2026-03-15T09:00:00Z"
        );
        assert_eq!(
            next(&every, "2026-03-17T09:00:00Z"),
            "2026-03-31T08:00:00Z 2026-03-29T08:00:00Z"
        );
        let cron = train(Dates::cron("0 10 * * TUE").unwrap());
        assert_eq!(
            next(&cron, "2026-03-25T00:00:00Z"),
            "2026-03-31T08:00:00Z 2026-03-29T08:00:00Z"
        );
        let paris = zone("Europe/Paris").unwrap();
        let last = cron.before(&paris, "2026-03-31T08:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(last.at.to_string(), "2026-03-31T08:00:00Z");
        let last = every.before(&paris, "2026-03-31T07:59:59Z".parse().unwrap()).unwrap();
        assert_eq!(last.at.to_string(), "2026-03-17T09:00:00Z");
        assert_eq!(every.before(&paris, "2026-03-17T08:59:59Z".parse().unwrap()), None);
    }

    #[test]
    fn a_date_in_a_skipped_hour_uses_the_offset_before_it() {
        let listed = train(Dates::listed(["2026-03-29 02:30"].into_iter()).unwrap());
        assert!(next(&listed, "2026-03-01T00:00:00Z").starts_with("2026-03-29T01:30:00Z"));
        let cron = train(Dates::cron("30 2 * * *").unwrap());
        assert!(next(&cron, "2026-03-28T12:00:00Z").starts_with("2026-03-29T01:30:00Z"));
        let doubled = train(Dates::cron("30 2 25 10 *").unwrap());
        assert!(next(&doubled, "2026-10-01T00:00:00Z").starts_with("2026-10-25T00:30:00Z"));
        assert!(next(&doubled, "2026-10-25T00:30:00Z").starts_with("2027-"));
    }

    #[test]
    fn a_merge_after_the_cutoff_is_released_with_the_next_train() {
        let every = train(Dates::every(7 * DAY, "2026-01-06 10:00").unwrap());
        let carries = |merged: &str, now: &str| {
            let paris = zone("Europe/Paris").unwrap();
            let found = every.carrying(&paris, merged.parse().unwrap(), now.parse().unwrap());
            found.unwrap().at.to_string()
        };
        assert_eq!(carries("2026-01-11T09:00:00Z", "2026-01-12T00:00:00Z"), "2026-01-13T09:00:00Z");
        assert_eq!(carries("2026-01-11T09:00:01Z", "2026-01-12T00:00:00Z"), "2026-01-20T09:00:00Z");
        // Until it has left.
        assert_eq!(carries("2026-01-11T09:00:00Z", "2026-01-14T08:59:59Z"), "2026-01-13T09:00:00Z");
        assert_eq!(carries("2026-01-11T09:00:00Z", "2026-01-14T09:00:00Z"), "2026-01-20T09:00:00Z");
        assert_eq!(carries("2090-01-11T09:00:00Z", "2026-01-14T09:00:00Z"), "2090-01-17T09:00:00Z");
    }

    #[test]
    fn invalid_train_dates_are_rejected() {
        for text in
            ["", "0 10 * *", "* 10 * * *", "0 */2 * * *", "0 10 30 2 *", "0 25 * * *", "a b c d e"]
        {
            assert!(Dates::cron(text).is_err(), "{text}");
        }
        assert_eq!(Dates::every(3_600, "2026-01-01"), Err(ScheduleError::Days));
        assert!(Dates::every(DAY, "soon").is_err());
        assert!(Dates::listed(["2026-13-01"].into_iter()).is_err());
    }
}
