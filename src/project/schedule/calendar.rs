//! iCalendar files (RFC 5545): the times of their events.
//!
//! Each event is time in which nothing is released, whether or not it is marked as free time;
//! cancelled events do not count. What is not understood is an error, so no freeze is lost.

use super::lines::{Property, properties, text};
use super::recurrence::{Recurrence, RuleError};
use super::time::at;
use super::zones::{ZoneRules, named};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};

/// The most bytes of a calendar that are read.
pub(super) const LARGEST: usize = 1 << 20;

/// The most events of a calendar.
const EVENTS: usize = 5_000;

/// The most times that all events repeat until the time that matters.
const MOST: usize = 20_000;

/// How deep components can be nested.
const DEEPEST: usize = 8;

/// The longest event, in days.
const LONGEST: i64 = 3_660;

/// The most characters of an event's name.
const NAME: usize = 80;

/// Why a calendar cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct CalendarError {
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub fault: Fault,
}

/// What is wrong with a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many bytes.
    #[error("the calendar is too large ({0} bytes; at most {LARGEST})")]
    Large(u64),
    /// Not `NAME:value`.
    #[error("this is not a line of an iCalendar file")]
    NoProperty,
    /// A line is too long.
    #[error("the line is too long")]
    LongLine,
    /// No `BEGIN:VCALENDAR`, an `END` that does not fit, or none.
    #[error("`BEGIN` and `END` do not fit together")]
    Nesting,
    /// Too many events.
    #[error("the calendar has more than {EVENTS} events")]
    ManyEvents,
    /// It has no `DTSTART`.
    #[error("the event has no `DTSTART`")]
    NoStart,
    /// Not a date or a date with a time.
    #[error("`{0}` is not a date or time")]
    Time(String),
    /// Not a zone that is known.
    #[error(
        "`{0}` is not a time zone of the IANA database, and its `VTIMEZONE` has no yearly rule"
    )]
    Zone(String),
    /// It ends before it begins.
    #[error("the event ends before it begins")]
    Backwards,
    /// It is too long.
    #[error("the event is longer than {LONGEST} days")]
    Long,
    /// Its recurrence cannot be computed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A part of RFC 5545 that is not supported.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
}

/// The events of an iCalendar file.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    events: Vec<Event>,
}

/// One time of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The name of the event; empty if it has none.
    pub name: String,
    /// The line of the event.
    pub line: usize,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends; this moment is not part of it.
    pub until: Timestamp,
}

#[derive(Debug, Clone)]
struct Event {
    line: usize,
    name: String,
    start: Local,
    length: Length,
    rules: Vec<(usize, Recurrence)>,
    also: Vec<Local>,
    except: BTreeSet<DateTime>,
}

/// A local time, in the zone of the schedule if it names none. A date is its first moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Local {
    at: DateTime,
    zone: Option<TimeZone>,
    is_date: bool,
}

#[derive(Debug, Clone)]
enum Length {
    /// To this end. Every recurrence is exactly as long (section 3.8.5.3).
    Until(Local),
    /// Days by local time, then hours exactly.
    Nominal(Span),
}

impl Calendar {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not a calendar, or uses something that is not understood.
    pub fn read(text: &str) -> Result<Self, CalendarError> {
        if text.len() > LARGEST {
            let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
            return Err(CalendarError { line: 1, fault: Fault::Large(bytes) });
        }
        let properties = properties(text)?;
        let components = components(&properties)?;
        let zones = ZoneRules::of(&components);
        let events: Vec<&Component<'_>> =
            components.iter().filter(|component| component.kind == "VEVENT").collect();
        if let Some(extra) = events.get(EVENTS) {
            return Err(CalendarError { line: extra.line, fault: Fault::ManyEvents });
        }
        let mut read = Vec::new();
        let mut replaced: BTreeMap<&str, BTreeSet<DateTime>> = BTreeMap::new();
        for component in events {
            let reader = Reader { component, zones: &zones };
            let event = reader.event()?;
            if let Some((uid, at)) = reader.replaces(&event)? {
                replaced.entry(uid).or_default().insert(at);
            }
            if component.value("STATUS").is_none_or(|it| !it.eq_ignore_ascii_case("CANCELLED")) {
                read.push((component, event));
            }
        }
        let events = read.into_iter().map(|(component, mut event)| {
            let is_master = component.property("RECURRENCE-ID").is_none();
            let others = component.value("UID").and_then(|uid| replaced.get(uid));
            if let Some(others) = others.filter(|_| is_master) {
                event.except.extend(others);
            }
            event
        });
        Ok(Self { events: events.collect() })
    }

    /// The times of all events that touch a span of time, in the order of their beginning. Times that
    /// name no zone are local times of `zone`.
    ///
    /// # Errors
    /// When an event repeats too often.
    pub fn occurrences(
        &self,
        zone: &TimeZone,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Vec<Occurrence>, CalendarError> {
        let mut found = Vec::new();
        let mut left = MOST;
        for event in &self.events {
            for start in event.starts(zone, until, &mut left)? {
                let Some((begins, ends)) = event.at(zone, start) else { continue };
                if begins < until && ends > from && begins < ends {
                    let name = event.name.clone();
                    found.push(Occurrence { name, line: event.line, from: begins, until: ends });
                }
            }
        }
        found.sort_by_key(|one| (one.from, one.until));
        Ok(found)
    }
}

impl Event {
    /// The local times at which it begins, up to a moment.
    fn starts(
        &self,
        zone: &TimeZone,
        until: Timestamp,
        left: &mut usize,
    ) -> Result<BTreeSet<DateTime>, CalendarError> {
        let own = self.start.zone.as_ref().unwrap_or(zone);
        let mut starts = BTreeSet::from([self.start.at]);
        for (line, rule) in &self.rules {
            let wrong = |fault: RuleError| CalendarError { line: *line, fault: fault.into() };
            let all = rule.starts(own.to_datetime(until), MOST).map_err(wrong)?;
            *left = left.checked_sub(all.len()).ok_or(wrong(RuleError::TooMany(MOST)))?;
            // A rule that does not contain the beginning does not remove it.
            starts.extend(all);
        }
        let also = self.also.iter().filter_map(|local| local.within(own, zone));
        starts.extend(also);
        starts.retain(|start| !self.except.contains(start));
        Ok(starts)
    }

    /// One time of the event.
    fn at(&self, zone: &TimeZone, start: DateTime) -> Option<(Timestamp, Timestamp)> {
        let own = self.start.zone.as_ref().unwrap_or(zone);
        let begins = at(own, start)?;
        let ends = match &self.length {
            Length::Until(end) => {
                let first = at(own, self.start.at)?;
                let exact = end.moment(zone)?.duration_since(first);
                begins.checked_add(exact).ok()?
            }
            Length::Nominal(span) => {
                begins.to_zoned(own.clone()).checked_add(*span).ok()?.timestamp()
            }
        };
        Some((begins, ends))
    }
}

impl Local {
    /// The moment; in a zone if it names none.
    fn moment(&self, zone: &TimeZone) -> Option<Timestamp> {
        at(self.zone.as_ref().unwrap_or(zone), self.at)
    }

    /// The same moment as local time of another zone.
    fn within(&self, own: &TimeZone, zone: &TimeZone) -> Option<DateTime> {
        if self.is_date || self.zone.is_none() || self.zone.as_ref() == Some(own) {
            return Some(self.at);
        }
        Some(own.to_datetime(self.moment(zone)?))
    }
}

/// A component with its own properties, without those of the components in it.
pub(super) struct Component<'p> {
    pub(super) kind: String,
    pub(super) line: usize,
    /// The component that it is in, by its number.
    pub(super) parent: Option<usize>,
    properties: Vec<&'p Property>,
}

impl<'p> Component<'p> {
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'p Property> {
        self.properties.iter().copied().filter(move |property| property.name == name)
    }

    pub(super) fn property(&self, name: &str) -> Option<&'p Property> {
        self.all(name).next()
    }

    pub(super) fn value(&self, name: &str) -> Option<&'p str> {
        self.property(name).map(|property| property.value.as_str())
    }
}

/// The components of a file, flat. Every `END` must fit, so that half a file is not a calendar.
fn components(properties: &[Property]) -> Result<Vec<Component<'_>>, CalendarError> {
    let mut found: Vec<Component<'_>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for property in properties {
        let kind = property.value.trim().to_ascii_uppercase();
        let wrong = || property.wrong(Fault::Nesting);
        match (property.name.as_str(), open.last()) {
            ("BEGIN", within) => {
                let is_calendar = kind == "VCALENDAR";
                if is_calendar != within.is_none() || open.len() >= DEEPEST {
                    return Err(wrong());
                }
                let parent = within.copied();
                open.push(found.len());
                found.push(Component { kind, line: property.line, parent, properties: Vec::new() });
            }
            ("END", Some(within)) => {
                if found.get(*within).is_none_or(|component| component.kind != kind) {
                    return Err(wrong());
                }
                open.pop();
            }
            (_, Some(within)) => {
                if let Some(component) = found.get_mut(*within) {
                    component.properties.push(property);
                }
            }
            (_, None) => return Err(wrong()),
        }
    }
    let last = properties.last().map_or(1, |property| property.line);
    match open.is_empty() && !found.is_empty() {
        true => Ok(found),
        false => Err(CalendarError { line: last, fault: Fault::Nesting }),
    }
}

struct Reader<'r, 'p> {
    component: &'r Component<'p>,
    zones: &'r ZoneRules<'r, 'p>,
}

impl<'p> Reader<'_, 'p> {
    fn event(&self) -> Result<Event, CalendarError> {
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
        // Ignoring it would add times, not lose them, but it is not what the file says.
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

    /// The event that this one replaces: one recurrence of another.
    fn replaces(&self, event: &Event) -> Result<Option<(&'p str, DateTime)>, CalendarError> {
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
                            Length::Nominal(days.unwrap_or(0).days())
                        }
                        (false, false) => Length::Until(local),
                        (true, false) | (false, true) => {
                            return Err(end.wrong(Fault::Time(shown(&end.value))));
                        }
                    };
                    (length, end)
                }
                (None, Some(lasts)) => {
                    let span: Option<Span> = lasts.value.trim().parse().ok();
                    let span = span.ok_or_else(|| lasts.wrong(Fault::Time(shown(&lasts.value))))?;
                    (Length::Nominal(span), lasts)
                }
                (None, None) if start.is_date => (Length::Nominal(1.day()), begin),
                (None, None) => (Length::Nominal(Span::new()), begin),
            };
        self.bounded(start, &length).map_err(|fault| property.wrong(fault))?;
        Ok(length)
    }

    /// An event that ends before it begins, or not in years, is a mistake.
    fn bounded(&self, start: &Local, length: &Length) -> Result<(), Fault> {
        let begin = start.moment(&TimeZone::UTC).ok_or(Fault::Long)?;
        let end = match length {
            Length::Until(end) => end.moment(&TimeZone::UTC),
            Length::Nominal(span) => {
                let begin = begin.to_zoned(TimeZone::UTC);
                begin.checked_add(*span).ok().map(|end| end.timestamp())
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

/// What is shown of a text that is wrong.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::schedule::zone;

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}\nEND:VCALENDAR\n")
    }

    fn event(lines: &str) -> String {
        file(&format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT"))
    }

    /// The times of 2026, in Paris.
    fn times(text: &str) -> Vec<String> {
        let span =
            ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        let calendar = Calendar::read(text).unwrap();
        let found = calendar.occurrences(&zone("Europe/Paris").unwrap(), span).unwrap();
        found.iter().map(|one| format!("{} {} {}", one.name, one.from, one.until)).collect()
    }

    fn error(text: &str) -> (usize, String) {
        let span =
            ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        let read = Calendar::read(text);
        let read = read.and_then(|read| read.occurrences(&TimeZone::UTC, span).map(|_| ()));
        let error = read.unwrap_err();
        (error.line, error.to_string())
    }

    #[test]
    fn a_date_is_a_day_of_the_schedules_zone() {
        let text =
            event("DTSTART;VALUE=DATE:20261218\nDTEND;VALUE=DATE:20261220\nSUMMARY:Year\\, end");
        assert_eq!(times(&text), ["Year, end 2026-12-17T23:00:00Z 2026-12-19T23:00:00Z"]);
        let text = event("DTSTART;VALUE=DATE:20260714");
        assert_eq!(times(&text), [" 2026-07-13T22:00:00Z 2026-07-14T22:00:00Z"]);
    }

    #[test]
    fn a_recurrence_keeps_its_local_time_and_leaves_out_exceptions() {
        let text = event(
            "UID:a\nSUMMARY:s\nDTSTART;TZID=America/New_York:20260225T180000\nDURATION:PT2H\n\
             RRULE:FREQ=WEEKLY;UNTIL=20260320T000000Z\nEXDATE;TZID=America/New_York:20260304T180000",
        );
        assert_eq!(
            times(&text),
            [
                "s 2026-02-25T23:00:00Z 2026-02-26T01:00:00Z",
                "s 2026-03-11T22:00:00Z 2026-03-12T00:00:00Z",
                "s 2026-03-18T22:00:00Z 2026-03-19T00:00:00Z",
            ]
        );
    }

    #[test]
    fn a_moved_recurrence_replaces_its_own_and_a_cancelled_one_is_left_out() {
        let text = file(
            "BEGIN:VEVENT\nUID:a\nSUMMARY:s\nDTSTART:20260101T100000Z\nDTEND:20260101T110000Z\n\
             RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:a\nSUMMARY:moved\nRECURRENCE-ID:20260102T100000Z\n\
             DTSTART:20260105T100000Z\nDTEND:20260105T110000Z\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:a\nSTATUS:CANCELLED\nRECURRENCE-ID:20260103T100000Z\n\
             DTSTART:20260103T100000Z\nDTEND:20260103T110000Z\nEND:VEVENT",
        );
        assert_eq!(
            times(&text),
            [
                "s 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z",
                "moved 2026-01-05T10:00:00Z 2026-01-05T11:00:00Z",
            ]
        );
    }

    #[test]
    fn a_zone_with_a_name_of_its_own_follows_the_rules_in_the_file() {
        let text = file(
            "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\n\
             DTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
             RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
             DTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
             RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
             BEGIN:VEVENT\nSUMMARY:s\nDTSTART;TZID=W. Europe Standard Time:20260328T120000\n\
             DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT",
        );
        assert_eq!(
            times(&text),
            [
                "s 2026-03-28T11:00:00Z 2026-03-28T12:00:00Z",
                "s 2026-03-29T10:00:00Z 2026-03-29T11:00:00Z",
            ]
        );
    }

    #[test]
    fn folded_lines_and_windows_line_ends_are_read() {
        let text = event("SUMMARY:one\n  two\nDTSTART:20260101T100000Z\nDURATION:PT1H");
        let text = text.replace('\n', "\r\n");
        assert_eq!(times(&text), ["one two 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z"]);
    }

    #[test]
    fn what_is_wrong_is_one_error_with_its_line() {
        let start = "DTSTART:20260101T100000Z\nDURATION:PT1H\n";
        for (text, line, message) in [
            (String::new(), 1, "`BEGIN` and `END` do not fit together"),
            ("hello".into(), 1, "this is not a line of an iCalendar file"),
            (file("BEGIN:VEVENT"), 4, "`BEGIN` and `END` do not fit together"),
            ("BEGIN:VCALENDAR\n".into(), 1, "`BEGIN` and `END` do not fit together"),
            (event("SUMMARY:s"), 3, "the event has no `DTSTART`"),
            (event("DTSTART:20260230T100000"), 4, "`20260230T100000` is not a date or time"),
            (
                event("DTSTART;TZID=Mars/Olympus:20260101T100000\nDURATION:PT1H"),
                4,
                "`Mars/Olympus` is not a time zone of the IANA database, and its `VTIMEZONE` has no \
                 yearly rule",
            ),
            (event(&format!("{start}RRULE:FREQ=NEVER")), 6, "the recurrence rule is not valid"),
            (
                event(&format!("{start}RRULE:FREQ=SECONDLY")),
                6,
                "events that repeat more than once a day are not supported",
            ),
            (
                event("DTSTART:20260102T100000Z\nDTEND:20260101T100000Z"),
                5,
                "the event ends before it begins",
            ),
            (
                event("DTSTART:20260102T100000Z\nDURATION:P100Y"),
                5,
                "the event is longer than 3660 days",
            ),
            (event(&format!("{start}EXRULE:FREQ=DAILY")), 6, "`EXRULE` is not supported"),
            (
                event(&format!("{start}RDATE;VALUE=PERIOD:a/b")),
                6,
                "`VALUE=PERIOD` is not supported",
            ),
        ] {
            assert_eq!(error(&text), (line, message.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_hostile_calendar_ends_in_a_bound() {
        let large = event(&format!("X-PAD:{}", "a\n b".repeat(LARGEST / 4)));
        assert!(error(&large).1.starts_with("the calendar is too large"));
        let long = event(&format!("X-PAD:{}", "a".repeat(100_000)));
        assert_eq!(error(&long), (4, "the line is too long".into()));
        let many = file(&"BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n".repeat(EVENTS + 1));
        assert_eq!(error(&many).1, "the calendar has more than 5000 events");
        let start = "DTSTART:19000101T100000Z\nDURATION:PT1H\n";
        let often = event(&format!("{start}RRULE:FREQ=DAILY;COUNT=1000000"));
        assert_eq!(error(&often).0, 6);
        let never = event(&format!("{start}RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"));
        assert_eq!(times(&never), Vec::<String>::new());
        let deep = file(&"BEGIN:A\n".repeat(100));
        assert_eq!(error(&deep), (10, "`BEGIN` and `END` do not fit together".into()));
        let itself =
            event("UID:a\nRECURRENCE-ID:20260101T100000Z\nDTSTART:20260101T100000Z\nDURATION:PT1H");
        assert_eq!(times(&itself), [" 2026-01-01T10:00:00Z 2026-01-01T11:00:00Z"]);
    }
}
