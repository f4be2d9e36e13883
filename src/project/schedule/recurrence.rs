//! Recurrences of RFC 5545, in local time. Only this file uses the crate that computes them.
//!
//! It computes in UTC, as if the local time were UTC. The caller resolves the local time afterwards, as
//! RFC 5545 says (section 3.3.10).

use crate::base::number::grouped;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rrule::RRuleSet;

/// Finer rules could produce a thousand freezes a day.
const TOO_FINE: [&str; 3] = ["HOURLY", "MINUTELY", "SECONDLY"];

/// Why a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is not a rule.
    #[error("the recurrence rule is not valid")]
    Invalid,
    /// It repeats within a day.
    #[error("events that repeat more than once a day are not supported")]
    TooFine,
    /// It has no end.
    #[error("the event repeats more than {} times before it reaches this time", grouped(.0))]
    TooMany(usize),
    /// Computing rules that never apply takes too long.
    #[error(
        "more than {0} events of the calendar have a recurrence rule that produces no occurrence"
    )]
    TooManyIdle(usize),
    /// Iterating over so many days takes too long.
    #[error("the events of the calendar repeat over more than {} days in total", grouped(.0))]
    TooLong(i64),
}

/// A rule that repeats an event.
#[derive(Debug, Clone)]
pub(super) struct Recurrence {
    /// `None` if it ends before it begins, as in calendars whose series were split.
    set: Option<RRuleSet>,
    /// From the beginning of the event to the end of the rule.
    lasts: (DateTime, Option<DateTime>),
}

impl Recurrence {
    /// Reads the value of `RRULE` for an event that begins at a local time. `until` converts the value
    /// of `UNTIL` to local time.
    pub(super) fn read(
        start: DateTime,
        rule: &str,
        until: impl Fn(&str) -> Option<DateTime>,
    ) -> Result<Self, RuleError> {
        let (mut parts, mut end) = (Vec::new(), None);
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or(RuleError::Invalid)?;
            let key = key.to_ascii_uppercase();
            match key.as_str() {
                "FREQ" if TOO_FINE.contains(&value.to_ascii_uppercase().as_str()) => {
                    return Err(RuleError::TooFine);
                }
                "BYHOUR" | "BYMINUTE" | "BYSECOND" if value.contains(',') => {
                    return Err(RuleError::TooFine);
                }
                "UNTIL" => {
                    let until = until(value).ok_or(RuleError::Invalid)?;
                    if until < start {
                        return Ok(Self { set: None, lasts: (start, Some(until)) });
                    }
                    end = Some(until);
                    parts.push(format!("UNTIL={}", written(until)));
                }
                _ => parts.push(format!("{key}={}", value.to_ascii_uppercase())),
            }
        }
        let text = format!("DTSTART:{}\nRRULE:{}", written(start), parts.join(";"));
        let set: RRuleSet = text.parse().map_err(|_| RuleError::Invalid)?;
        Ok(Self { set: Some(set.limit()), lasts: (start, end) })
    }

    /// The number of days that are iterated over up to a local time.
    pub(super) fn days(&self, last: DateTime) -> i64 {
        let (start, end) = self.lasts;
        let last = end.map_or(last, |end| end.min(last));
        last.duration_since(start).as_secs().max(0) / 86_400
    }

    /// The local times at which the event begins, in order, up to one after `last`. At most `most`
    /// times of a rule without an end; `None` if the rule never applies.
    pub(super) fn starts(
        &self,
        last: DateTime,
        most: usize,
    ) -> Result<Option<Vec<DateTime>>, RuleError> {
        let mut starts = Vec::new();
        let Some(set) = &self.set else { return Ok(Some(starts)) };
        for at in set {
            let at = Timestamp::from_second(at.timestamp()).map_err(|_| RuleError::Invalid)?;
            let at = TimeZone::UTC.to_datetime(at);
            if at > last {
                return Ok(Some(starts));
            }
            if starts.len() == most {
                return Err(RuleError::TooMany(most));
            }
            starts.push(at);
        }
        Ok(Some(starts).filter(|starts| !starts.is_empty()))
    }
}

/// A local time as if it were UTC.
fn written(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
