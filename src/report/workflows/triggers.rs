//! The cron triggers that a workflow needs because of the schedule: in UTC, for standard time and
//! for daylight saving time.

use crate::project::manifest::Manifest;
use crate::project::schedule::{Moment, MomentKind, Schedule};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};

/// Minutes after a time, because GitHub delays runs that are scheduled at the start of an hour.
const AFTER: SignedDuration = SignedDuration::from_mins(7);

/// If there are more times than this, the workflow runs once an hour.
const MOST: usize = 12;

/// Every day, in cron syntax.
const DAILY: &str = "* * *";

/// Once an hour.
const HOURLY: &str = "17 * * * *";

/// Whether the schedule can hold a release that a later run continues. A later run does not know a
/// version that a person passed.
pub(super) fn comes_back(manifest: &Manifest) -> bool {
    manifest.schedule.is_some() && !manifest.version.is_given()
}

/// The cron expressions for times at which a release can become possible, at most one per hour.
pub(super) fn crons(manifest: &Manifest) -> Vec<String> {
    let Some(schedule) = manifest.schedule.as_ref().filter(|_| comes_back(manifest)) else {
        return Vec::new();
    };
    let late = schedule.trains.iter().map(|train| train.late_seconds);
    let late: BTreeSet<u64> = late.collect();
    match schedule.moments() {
        None => vec![HOURLY.to_owned()],
        Some(moments) => {
            let mut triggers = Vec::new();
            for offset in offsets(&schedule.zone) {
                triggers.extend(moments.iter().filter_map(|moment| trigger(moment, offset, 0)));
                // The end of a train's `late` period is included, so that the result is recorded.
                let trains = moments.iter().skip(spans(schedule));
                for moment in trains {
                    triggers.extend(late.iter().filter_map(|late| trigger(moment, offset, *late)));
                }
            }
            let crons = once_an_hour(triggers);
            match crons.len() > MOST {
                true => vec![HOURLY.to_owned()],
                false => crons.into_iter().collect(),
            }
        }
    }
}

/// A time of day in UTC, and its days in cron syntax.
struct Trigger {
    hour: i8,
    minute: i8,
    days: String,
}

/// Combines triggers in the same hour, at the latest of their minutes. Triggers with different days
/// can fall on the same day, so such an hour has a daily trigger.
fn once_an_hour(triggers: Vec<Trigger>) -> BTreeSet<String> {
    let mut hours: BTreeMap<i8, (i8, BTreeSet<String>)> = BTreeMap::new();
    for Trigger { hour, minute, days } in triggers {
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

/// The number of times that come from freezes and windows; those of trains follow.
fn spans(schedule: &Schedule) -> usize {
    schedule.freezes.len() + schedule.windows.len()
}

/// The known current and future UTC offsets of a zone.
fn offsets(zone: &TimeZone) -> BTreeSet<Offset> {
    let months =
        (0..60).filter_map(|month| Date::constant(2026, 1, 1).checked_add(month.months()).ok());
    months
        .map(|day| day.to_zoned(zone.clone()).map(|at| at.offset()))
        .filter_map(Result::ok)
        .collect()
}

fn trigger(moment: &Moment, offset: Offset, later_seconds: u64) -> Option<Trigger> {
    // A common year that starts on a Monday.
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
    Some(Trigger { hour: utc.hour(), minute: utc.minute(), days })
}

#[cfg(test)]
mod tests {
    use super::{DAILY, Trigger, once_an_hour};

    #[test]
    fn a_workflow_is_started_at_most_once_an_hour() {
        let trigger = |hour, minute, days: &str| Trigger { hour, minute, days: days.into() };
        let crons = |triggers| once_an_hour(triggers).into_iter().collect::<Vec<_>>();
        assert_eq!(crons(vec![trigger(8, 7, "* * 2"), trigger(8, 37, "* * 2")]), ["37 8 * * 2"]);
        assert_eq!(
            crons(vec![trigger(8, 7, "* * 2"), trigger(8, 37, "* * 5"), trigger(9, 7, "* * 5")]),
            ["37 8 * * 2", "37 8 * * 5", "7 9 * * 5"]
        );
        assert_eq!(
            crons(vec![trigger(23, 7, "17 12 *"), trigger(23, 7, "4 1 *")]),
            ["7 23 17 12 *", "7 23 4 1 *"]
        );
        assert_eq!(crons(vec![trigger(8, 7, DAILY), trigger(8, 37, "* * 2")]), ["37 8 * * *"]);
        assert_eq!(crons(vec![trigger(8, 7, "24 12 *"), trigger(8, 37, "* * 2")]), ["37 8 * * *"]);
    }
}
