//! iCalendar files (RFC 5545): the times of their events.
//!
//! Each event is a freeze, even if it is marked as free time; cancelled events do not count.
//! Anything that cannot be parsed is an error, so that no freeze is missed.

use super::component::{Component, components};
use super::event::{Event, Reader};
use super::fault::{CalendarError, DAYS, EVENTS, Fault, LARGEST, MOST};
use super::lines::properties;
use super::zones::ZoneRules;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

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
    /// When it ends, exclusive.
    pub until: Timestamp,
}

impl Calendar {
    /// Reads a file.
    ///
    /// # Errors When it is not a calendar, or uses something that is not supported.
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

    /// The times of all events that overlap a time span, ordered by their start. Times without a
    /// zone are local times in `zone`.
    ///
    /// # Errors
    /// When an event repeats too often.
    pub fn occurrences(
        &self,
        zone: &TimeZone,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Vec<Occurrence>, CalendarError> {
        let mut found = Vec::new();
        // Checked before anything is computed, so that a computation that would take too long does
        // not start.
        let mut days = DAYS;
        for event in &self.events {
            event.count_days(zone, until, &mut days)?;
        }
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
