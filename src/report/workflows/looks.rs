//! When a workflow has to look because of the schedule: in UTC, on both sides of daylight saving.

use crate::project::manifest::Manifest;
use crate::project::schedule::{Moment, MomentKind, Schedule};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};

/// Minutes after a moment, because GitHub delays runs that start with the hour.
const AFTER: SignedDuration = SignedDuration::from_mins(7);

/// More times than this are replaced by one look an hour.
const MOST: usize = 12;

/// Every day, as cron writes it.
const DAILY: &str = "* * *";

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
            let mut looks = Vec::new();
            for offset in offsets(&schedule.zone) {
                looks.extend(moments.iter().filter_map(|moment| look(moment, offset, 0)));
                // When a train is over, it is recorded.
                let trains = moments.iter().skip(spans(schedule));
                for moment in trains {
                    looks.extend(late.iter().filter_map(|late| look(moment, offset, *late)));
                }
            }
            let crons = once_an_hour(looks);
            match crons.len() > MOST {
                true => vec![HOURLY.to_owned()],
                false => crons.into_iter().collect(),
            }
        }
    }
}

/// A time of the day in UTC, and its days as cron writes them.
struct Look {
    hour: i8,
    minute: i8,
    days: String,
}

/// Looks of the same hour become one, at the latest of their minutes. Expressions with different days
/// can meet on one day, so such an hour has a daily look.
fn once_an_hour(looks: Vec<Look>) -> BTreeSet<String> {
    let mut hours: BTreeMap<i8, (i8, BTreeSet<String>)> = BTreeMap::new();
    for Look { hour, minute, days } in looks {
        let (latest, all) = hours.entry(hour).or_default();
        *latest = minute.max(*latest);
        all.insert(days);
    }
    let weekly = |days: &String| days.starts_with("* * ") && days != DAILY;
    let yearly = |days: &String| !days.starts_with('*');
    let crons = hours.into_iter().flat_map(|(hour, (minute, days))| {
        let apart = days.len() == 1 || days.iter().all(weekly) || days.iter().all(yearly);
        let days = if apart { days } else { BTreeSet::from([DAILY.to_owned()]) };
        days.into_iter().map(move |days| format!("{minute} {hour} {days}"))
    });
    crons.collect()
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

fn look(moment: &Moment, offset: Offset, later_seconds: u64) -> Option<Look> {
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
    let days = match moment.days {
        MomentKind::Daily => DAILY.to_owned(),
        MomentKind::Weekly(_) => format!("* * {}", utc.date().weekday().to_sunday_zero_offset()),
        MomentKind::Yearly(..) => format!("{} {} *", utc.day(), utc.month()),
    };
    Some(Look { hour: utc.hour(), minute: utc.minute(), days })
}

#[cfg(test)]
mod tests {
    use super::{DAILY, Look, once_an_hour};

    #[test]
    fn a_workflow_is_started_at_most_once_an_hour() {
        let look = |hour, minute, days: &str| Look { hour, minute, days: days.into() };
        let crons = |looks| once_an_hour(looks).into_iter().collect::<Vec<_>>();
        assert_eq!(crons(vec![look(8, 7, "* * 2"), look(8, 37, "* * 2")]), ["37 8 * * 2"]);
        assert_eq!(
            crons(vec![look(8, 7, "* * 2"), look(8, 37, "* * 5"), look(9, 7, "* * 5")]),
            ["37 8 * * 2", "37 8 * * 5", "7 9 * * 5"]
        );
        assert_eq!(
            crons(vec![look(23, 7, "17 12 *"), look(23, 7, "4 1 *")]),
            ["7 23 17 12 *", "7 23 4 1 *"]
        );
        assert_eq!(crons(vec![look(8, 7, DAILY), look(8, 37, "* * 2")]), ["37 8 * * *"]);
        assert_eq!(crons(vec![look(8, 7, "24 12 *"), look(8, 37, "* * 2")]), ["37 8 * * *"]);
    }
}
