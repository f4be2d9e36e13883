//! Local times and time zones, in the syntax of the manifest.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Why a text is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not in the IANA time zone database.
    #[error("`{0}` is not a time zone of the IANA database")]
    Zone(String),
    /// Not `Fri 16:00 - Mon 08:00`.
    #[error("`{0}` is not a time of the week")]
    Week(String),
    /// Not a date, or a date and a time.
    #[error("`{0}` is not a date")]
    Date(String),
    /// Not a whole number of days.
    #[error("it is not a number of days")]
    Days,
    /// Not a cron expression, or not one that is allowed for trains.
    #[error("`{0}` is not a cron expression with one time of the day")]
    Cron(String),
    /// It ends before it begins.
    #[error("it ends before it begins")]
    Backwards,
}

/// The time zone with a name. The database is part of the program, so the result is the same on
/// every machine.
///
/// # Errors
/// When there is no such zone.
pub fn zone(name: &str) -> Result<TimeZone, ScheduleError> {
    TimeZoneDatabase::bundled().get(name).map_err(|_| ScheduleError::Zone(name.into()))
}

/// `Fri 16:00`: a weekday and a time.
pub(super) fn weekly(text: &str) -> Option<(Weekday, Time)> {
    let (day, time) = text.trim().split_once(' ')?;
    Some((weekday(day)?, clock(time.trim())?))
}

/// `Mon`, in English, in any case; longer names too.
pub(super) fn weekday(text: &str) -> Option<Weekday> {
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let text = text.to_ascii_lowercase();
    let fits = |name: &str| name == text || (text.len() == 3 && name.starts_with(&text));
    days.into_iter().find(|(name, _)| fits(name)).map(|(_, day)| day)
}

/// `16:00`; `24:00` is the end of the day and is not taken here.
pub(super) fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let plain = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(hour) || !plain(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// `2026-12-18`, or `2026-12-18 16:00`.
pub(super) fn moment(text: &str) -> Option<(Date, Option<Time>)> {
    match text.trim().split_once([' ', 'T']) {
        None => Some((text.trim().parse().ok()?, None)),
        Some((date, time)) => Some((date.parse().ok()?, Some(clock(time)?))),
    }
}

/// The moment of a local time.
pub(super) fn at(zone: &TimeZone, local: DateTime) -> Option<jiff::Timestamp> {
    zone.to_ambiguous_timestamp(local).compatible().ok()
}
