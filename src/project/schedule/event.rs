//! An event of an iCalendar file: when it begins, how long it lasts, and how it repeats.

use super::component::Component;
use super::fault::{CalendarError, DAYS, Fault, IDLE, LONGEST, MOST};
use super::lines::{Property, text};
use super::recurrence::{Recurrence, RuleError};
use super::time::at;
use super::zones::{ZoneRules, named};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};
use std::collections::BTreeSet;

/// The maximum length of an event's name, in characters.
const NAME: usize = 80;

/// An event.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) line: usize,
    pub(super) name: String,
    start: Local,
    length: Length,
    rules: Vec<(usize, Recurrence)>,
    also: Vec<Local>,
    pub(super) except: BTreeSet<DateTime>,
}

/// A local time, in the schedule's zone if it has none. A date means its first moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Local {
    at: DateTime,
    zone: Option<TimeZone>,
    is_date: bool,
}

#[derive(Debug, Clone)]
enum Length {
    /// Until this end. Every recurrence lasts exactly as long (section 3.8.5.3).
    Until(Local),
    /// Calendar days in local time, then exact seconds.
    Nominal { days: i64, seconds: i64 },
}

impl Event {
    /// Counts the days that its rules iterate over up to a given time.
    pub(super) fn count_days(
        &self,
        zone: &TimeZone,
        until: Timestamp,
        left: &mut i64,
    ) -> Result<(), CalendarError> {
        let last = self.start.zone.as_ref().unwrap_or(zone).to_datetime(until);
        for (line, rule) in &self.rules {
            *left -= rule.days(last);
            if *left < 0 {
                let fault = RuleError::TooLong(DAYS).into();
                return Err(CalendarError { line: *line, fault });
            }
        }
        Ok(())
    }

    /// The local times at which it begins, up to a given time.
    pub(super) fn starts(
        &self,
        zone: &TimeZone,
        until: Timestamp,
        left: &mut usize,
    ) -> Result<BTreeSet<DateTime>, CalendarError> {
        let own = self.start.zone.as_ref().unwrap_or(zone);
        let mut starts = BTreeSet::from([self.start.at]);
        for (line, rule) in &self.rules {
            let wrong = |fault: RuleError| CalendarError { line: *line, fault: fault.into() };
            let last = own.to_datetime(until);
            let all = rule.starts(last, MOST).map_err(wrong)?;
            let (cost, bound) = match &all {
                None => (MOST / IDLE, RuleError::TooManyIdle(IDLE)),
                Some(all) => (all.len(), RuleError::TooMany(MOST)),
            };
            *left = left.checked_sub(cost).ok_or(wrong(bound))?;
            // The start of the event counts even if the rule does not match it.
            starts.extend(all.into_iter().flatten());
        }
        let also = self.also.iter().filter_map(|local| local.within(own, zone));
        starts.extend(also);
        starts.retain(|start| !self.except.contains(start));
        Ok(starts)
    }

    /// One time of the event.
    pub(super) fn at(&self, zone: &TimeZone, start: DateTime) -> Option<(Timestamp, Timestamp)> {
        let own = self.start.zone.as_ref().unwrap_or(zone);
        let begins = at(own, start)?;
        let ends = match &self.length {
            Length::Until(end) => {
                let first = at(own, self.start.at)?;
                let exact = end.moment(zone)?.duration_since(first);
                begins.checked_add(exact).ok()?
            }
            // Counted from the local time, which may not exist, so that a day ends at midnight.
            Length::Nominal { days, seconds } => {
                let day = at(own, start.checked_add(days.days()).ok()?)?;
                day.checked_add(SignedDuration::from_secs(*seconds)).ok()?
            }
        };
        Some((begins, ends))
    }
}

impl Local {
    /// The moment; in the given zone if it has none.
    fn moment(&self, zone: &TimeZone) -> Option<Timestamp> {
        at(self.zone.as_ref().unwrap_or(zone), self.at)
    }

    /// The same moment as local time in another zone.
    fn within(&self, own: &TimeZone, zone: &TimeZone) -> Option<DateTime> {
        if self.is_date || self.zone.is_none() || self.zone.as_ref() == Some(own) {
            return Some(self.at);
        }
        Some(own.to_datetime(self.moment(zone)?))
    }
}

/// Reads the event of a component.
pub(super) struct Reader<'r, 'p> {
    pub(super) component: &'r Component<'p>,
    pub(super) zones: &'r ZoneRules<'r, 'p>,
}

impl<'p> Reader<'_, 'p> {
    pub(super) fn event(&self) -> Result<Event, CalendarError> {
        let component = self.component;
        let line = component.line;
        let missing = CalendarError { line, fault: Fault::NoStart };
        let written = component.property("DTSTART").ok_or(missing)?;
        let start = self.local(written, &written.value)?;
        let mut rules = Vec::new();
        for rule in component.all("RRULE") {
            let until = |value: &str| self.until(&start, value);
            let read = Recurrence::read(start.at, &rule.value, until);
            rules.push((rule.line, read.map_err(|fault| rule.wrong(fault.into()))?));
        }
        // Ignoring it would only add freezes, but the result would differ from the file.
        if let Some(rule) = component.property("EXRULE") {
            return Err(rule.wrong(Fault::Unsupported("`EXRULE`")));
        }
        let mut except = BTreeSet::new();
        let own = start.zone.clone().unwrap_or(TimeZone::UTC);
        for local in self.list("EXDATE")? {
            except.extend(local.within(&own, &own));
        }
        let length = self.length(written, &start)?;
        let also = self.list("RDATE")?;
        let mut name = text(component.value("SUMMARY").unwrap_or_default());
        if let Some((end, _)) = name.char_indices().nth(NAME) {
            name.truncate(end);
        }
        Ok(Event { line, name, start, length, rules, also, except })
    }

    /// The recurrence of another event that this event replaces.
    pub(super) fn replaces(
        &self,
        event: &Event,
    ) -> Result<Option<(&'p str, DateTime)>, CalendarError> {
        let Some(property) = self.component.property("RECURRENCE-ID") else { return Ok(None) };
        if property.parameter("RANGE").is_some() {
            return Err(property.wrong(Fault::Unsupported("`RANGE`")));
        }
        let local = self.local(property, &property.value)?;
        let own = event.start.zone.clone().unwrap_or(TimeZone::UTC);
        Ok(self.component.value("UID").zip(local.within(&own, &own)))
    }

    fn list(&self, name: &str) -> Result<Vec<Local>, CalendarError> {
        let mut found = Vec::new();
        for property in self.component.all(name) {
            if property.parameter("VALUE") == Some("PERIOD") {
                return Err(property.wrong(Fault::Unsupported("`VALUE=PERIOD`")));
            }
            for value in property.value.split(',') {
                found.push(self.local(property, value)?);
            }
        }
        Ok(found)
    }

    fn length(&self, begin: &Property, start: &Local) -> Result<Length, CalendarError> {
        let (length, property) =
            match (self.component.property("DTEND"), self.component.property("DURATION")) {
                (Some(end), _) => {
                    let local = self.local(end, &end.value)?;
                    let length = match (start.is_date, local.is_date) {
                        (true, true) => {
                            let days =
                                start.at.date().until(local.at.date()).map(|it| it.get_days());
                            Length::Nominal { days: i64::from(days.unwrap_or(0)), seconds: 0 }
                        }
                        (false, false) => Length::Until(local),
                        (true, false) | (false, true) => {
                            return Err(end.wrong(Fault::Time(shown(&end.value))));
                        }
                    };
                    (length, end)
                }
                (None, Some(lasts)) => {
                    let length = nominal(lasts.value.trim());
                    (length.ok_or_else(|| lasts.wrong(Fault::Time(shown(&lasts.value))))?, lasts)
                }
                (None, None) if start.is_date => (Length::Nominal { days: 1, seconds: 0 }, begin),
                (None, None) => (Length::Nominal { days: 0, seconds: 0 }, begin),
            };
        self.bounded(start, &length).map_err(|fault| property.wrong(fault))?;
        Ok(length)
    }

    /// An event that ends before it begins, or lasts for years, is a mistake.
    fn bounded(&self, start: &Local, length: &Length) -> Result<(), Fault> {
        let begin = start.moment(&TimeZone::UTC).ok_or(Fault::Long)?;
        let end = match length {
            Length::Until(end) => end.moment(&TimeZone::UTC),
            Length::Nominal { days, seconds } => {
                let all = days.checked_mul(86_400).and_then(|all| all.checked_add(*seconds));
                all.and_then(|all| begin.checked_add(SignedDuration::from_secs(all)).ok())
            }
        };
        let seconds = end.ok_or(Fault::Long)?.duration_since(begin).as_secs();
        match seconds {
            ..0 => Err(Fault::Backwards),
            _ if seconds > LONGEST * 86_400 => Err(Fault::Long),
            _ => Ok(()),
        }
    }

    /// The end of a rule, as local time of the event. A date includes its day.
    fn until(&self, start: &Local, value: &str) -> Option<DateTime> {
        let (at, is_utc) = date_time(value)?;
        match (at, is_utc) {
            ((date, None), _) => Some(date.to_datetime(Time::constant(23, 59, 59, 0))),
            ((date, Some(time)), true) => {
                let own = start.zone.clone().unwrap_or(TimeZone::UTC);
                let moment = TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()?;
                Some(own.to_datetime(moment))
            }
            ((date, Some(time)), false) => Some(date.to_datetime(time)),
        }
    }

    fn local(&self, property: &Property, value: &str) -> Result<Local, CalendarError> {
        let wrong = || property.wrong(Fault::Time(shown(value)));
        let ((date, time), is_utc) = date_time(value.trim()).ok_or_else(wrong)?;
        let zone = match (time, is_utc, property.parameter("TZID")) {
            (None, _, _) => None,
            (Some(_), true, _) => Some(TimeZone::UTC),
            (Some(_), false, None) => None,
            (Some(_), false, Some(name)) => {
                let zone = named(name).or_else(|| self.zones.zone(name));
                Some(zone.ok_or_else(|| property.wrong(Fault::Zone(shown(name))))?)
            }
        };
        let at = date.to_datetime(time.unwrap_or(Time::MIN));
        Ok(Local { at, zone, is_date: time.is_none() })
    }
}

/// `P1DT2H`, or `P2W`. RFC 5545 has no years and months in it.
fn nominal(text: &str) -> Option<Length> {
    let span: Span = text.parse().ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let days =
        i64::from(span.get_weeks()).checked_mul(7)?.checked_add(i64::from(span.get_days()))?;
    let exact = Span::new().try_hours(span.get_hours()).ok()?;
    let exact = exact.try_minutes(span.get_minutes()).ok()?.try_seconds(span.get_seconds()).ok()?;
    let seconds = SignedDuration::try_from(exact).ok()?.as_secs();
    Some(Length::Nominal { days, seconds })
}

/// The part of an invalid text that is shown.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// `20260101`, `20260101T100000`, or `20260101T100000Z`, which is UTC. Years are those of people.
fn date_time(text: &str) -> Option<((Date, Option<Time>), bool)> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let number = |text: &str, from: usize, to: usize| -> Option<i16> {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let part = |text: &str, from: usize| i8::try_from(number(text, from, from + 2)?).ok();
    let year = number(date, 0, 4).filter(|year| date.len() == 8 && (1900..2200).contains(year))?;
    let date = Date::new(year, part(date, 4)?, part(date, 6)?).ok()?;
    let Some(time) = time else { return Some(((date, None), false)) };
    let (time, is_utc) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    // A leap second is the second before it.
    let second = part(time, 4).filter(|_| time.len() == 6)?.min(59);
    let time = Time::new(part(time, 0)?, part(time, 2)?, second, 0).ok()?;
    Some(((date, Some(time)), is_utc))
}
