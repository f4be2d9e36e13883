//! When a workflow has to look because of the schedule: in UTC, on both sides of daylight saving.

use crate::project::manifest::Manifest;
use crate::project::schedule::{Moment, MomentKind, Schedule};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan as _};
use std::collections::BTreeSet;

/// Minutes after a moment, because GitHub delays runs that start with the hour.
const AFTER: SignedDuration = SignedDuration::from_mins(7);

/// More times than this are replaced by one look an hour.
const MOST: usize = 12;

/// One look an hour.
const HOURLY: &str = "17 * * * *";

/// Whether the schedule can hold a release that a later run continues. A version that a person gives
/// is not known to a later run.
pub(super) fn comes_back(manifest: &Manifest) -> bool {
    manifest.schedule.is_some() && !manifest.version.is_given()
}

/// The cron expressions at which something can become possible. At most one an hour.
pub(super) fn crons(manifest: &Manifest) -> Vec<String> {
    let Some(schedule) = manifest.schedule.as_ref().filter(|_| comes_back(manifest)) else {
        return Vec::new();
    };
    let late = schedule.trains.iter().map(|train| train.late_seconds);
    let late: BTreeSet<u64> = late.collect();
    match schedule.moments() {
        None => vec![HOURLY.to_owned()],
        Some(moments) => {
            let mut crons: BTreeSet<String> = BTreeSet::new();
            for offset in offsets(&schedule.zone) {
                crons.extend(moments.iter().filter_map(|moment| cron(moment, offset, 0)));
                // When a train is over, it is recorded.
                let trains = moments.iter().skip(spans(schedule));
                for moment in trains {
                    crons.extend(late.iter().filter_map(|late| cron(moment, offset, *late)));
                }
            }
            match crons.len() > MOST {
                true => vec![HOURLY.to_owned()],
                false => crons.into_iter().collect(),
            }
        }
    }
}

/// How many moments are of freezes and windows, before those of trains.
fn spans(schedule: &Schedule) -> usize {
    schedule.freezes.len() + schedule.windows.len()
}

/// The offsets of a zone, now and in the years to come as far as they are known.
fn offsets(zone: &TimeZone) -> BTreeSet<Offset> {
    let months =
        (0..60).filter_map(|month| Date::constant(2026, 1, 1).checked_add(month.months()).ok());
    months
        .map(|day| day.to_zoned(zone.clone()).map(|at| at.offset()))
        .filter_map(Result::ok)
        .collect()
}

fn cron(moment: &Moment, offset: Offset, later_seconds: u64) -> Option<String> {
    // A year in which nothing is special, and a week that begins with its Monday.
    let day = match moment.days {
        MomentKind::Daily => Date::constant(2029, 1, 1),
        MomentKind::Weekly(day) => {
            let days = i64::from(day.to_monday_zero_offset());
            Date::constant(2029, 1, 1).checked_add(days.days()).ok()?
        }
        MomentKind::Yearly(month, day) => {
            Date::new(2029, month, day).or_else(|_| Date::new(2029, 3, 1)).ok()?
        }
    };
    let later = SignedDuration::from_secs(i64::try_from(later_seconds).ok()?);
    let local: DateTime = day.to_datetime(moment.time).checked_add(AFTER).ok()?;
    let utc = local
        .checked_add(later)
        .ok()?
        .checked_sub(SignedDuration::from_secs(i64::from(offset.seconds())))
        .ok()?;
    let (minute, hour) = (utc.minute(), utc.hour());
    Some(match moment.days {
        MomentKind::Daily => format!("{minute} {hour} * * *"),
        MomentKind::Weekly(_) => {
            format!("{minute} {hour} * * {}", utc.date().weekday().to_sunday_zero_offset())
        }
        MomentKind::Yearly(..) => format!("{minute} {hour} {} {} *", utc.day(), utc.month()),
    })
}
