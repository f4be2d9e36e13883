//! What `calendar` shows: trains, cut-offs, freezes, what is being released, and when its stages can be
//! entered.

use crate::base::names::StageName;
use crate::base::seen::Seen;
use crate::project::schedule::{Entry, Schedule, Span};
use crate::release::in_flight::InFlight;
use crate::release::train::{TrainEnd, TrainRecord};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A schedule over some days.
#[derive(Debug)]
pub struct CalendarView {
    /// The project.
    pub name: String,
    /// The schedule with its calendars; empty if the manifest has none.
    pub schedule: Schedule,
    /// Whether the manifest has a schedule.
    pub scheduled: bool,
    /// When it was read.
    pub now: Timestamp,
    /// The first day.
    pub from: Date,
    /// The day after the last one.
    pub until: Date,
    /// What happens, in order.
    pub events: Vec<CalendarEvent>,
    /// The release that is due or in progress.
    pub release: Option<Coming>,
    /// A sentence if there is no such release.
    pub idle: Option<String>,
    /// The other unfinished releases of the repository.
    pub in_flight: Seen<Vec<InFlight>>,
    /// The data that could not be read, each with the reason.
    pub unread: Vec<String>,
}

/// What to add to a manifest without a schedule.
pub const EXAMPLE: &str = "\
schedule:
  timezone: Europe/Paris
  freezes:
    - { name: weekend, weekly: \"Fri 16:00 - Mon 08:00\" }
    - { name: year end, yearly: \"12-18 - 01-05\" }
  trains:
    - { name: fortnightly, every: 14d, from: \"2026-12-01 10:00\", cut-off: 2d }
";

/// A release that is due or in progress.
#[derive(Debug, Clone)]
pub struct Coming {
    /// Its name, version and tag.
    pub title: String,
    /// Whether it was started.
    pub started: bool,
    /// The stages that were not entered, in order.
    pub stages: Vec<(StageName, Entry)>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEvent {
    /// What.
    pub kind: EventKind,
    /// The name of the train or freeze.
    pub name: String,
    /// When it begins.
    pub at: Timestamp,
    /// When it ends, if it lasts.
    pub until: Option<Timestamp>,
    /// A reason, a train's date, or its result.
    pub note: Option<String>,
    /// Whether it comes every week.
    pub weekly: bool,
}

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A window.
    Window,
    /// A freeze.
    Freeze,
    /// The cut-off of a train.
    CutOff,
    /// A train leaves.
    Train,
}

impl EventKind {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Freeze => "freeze",
            Self::CutOff => "cut-off",
            Self::Train => "train",
        }
    }
}

/// The events of a schedule in a span of time, in order.
#[must_use]
pub fn events(
    schedule: &Schedule,
    (from, until): (Timestamp, Timestamp),
    records: &BTreeMap<String, TrainRecord>,
) -> Vec<CalendarEvent> {
    let mut events = Vec::new();
    let windows = schedule.windows.iter().map(|it| (EventKind::Window, &it.name, None, &it.span));
    let freezes = schedule
        .freezes
        .iter()
        .map(|it| (EventKind::Freeze, &it.name, it.reason.as_ref(), &it.span));
    for (kind, name, reason, span) in windows.chain(freezes) {
        for (begins, ends) in span.between(&schedule.zone, (from, until)) {
            events.push(CalendarEvent {
                kind,
                name: name.clone(),
                at: begins,
                until: Some(ends),
                note: reason.cloned(),
                weekly: matches!(span, Span::Week(_)),
            });
        }
    }
    for train in &schedule.trains {
        let end = |at: Timestamp| -> Option<&TrainEnd> {
            let dates = &records.get(&train.name)?.dates;
            dates.iter().find(|date| date.at == at).map(|date| &date.end)
        };
        let event = |kind, at, note| CalendarEvent {
            kind,
            name: train.name.clone(),
            at,
            until: None,
            note,
            weekly: false,
        };
        // A cut-off in these days can be of a train after them.
        let mut next =
            train.before(&schedule.zone, from).or_else(|| train.after(&schedule.zone, from));
        while let Some(date) = next.filter(|date| date.cut_off < until) {
            if date.cut_off < date.at && date.cut_off >= from {
                let leaves = format!("leaves {}", schedule.local(date.at));
                events.push(event(EventKind::CutOff, date.cut_off, Some(leaves)));
            }
            if (from..until).contains(&date.at) {
                events.push(event(EventKind::Train, date.at, end(date.at).map(TrainEnd::words)));
            }
            next = train.after(&schedule.zone, date.at);
        }
    }
    events.sort_by(|one, other| {
        (one.at, one.kind, &one.name).cmp(&(other.at, other.kind, &other.name))
    });
    events
}
