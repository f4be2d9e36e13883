//! When a stage can be entered at the earliest, and which rule decides.

use super::rules::{Closed, Schedule};
use crate::base::names::StageName;
use jiff::Timestamp;
use std::fmt;

/// How often the earliest moment can move on before it counts as never.
const STEPS: usize = 200;

/// When a stage can be entered at the earliest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When everything before it is done.
    pub ready: Timestamp,
    /// The earliest moment; `None` if there is none.
    pub at: Option<Timestamp>,
    /// The rule that decides it; `None` if it can be entered as soon as it is ready.
    pub rule: Option<Decides>,
}

/// A rule of the schedule that decides when a stage is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decides {
    /// A freeze, by its name.
    Freeze(String),
    /// A window, by its name; `None` if none is open and none follows.
    Window(Option<String>),
    /// A train, by its name; `None` if none leaves.
    Train(Option<String>),
    /// People, and how long they usually take.
    People(String),
}

impl fmt::Display for Decides {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Freeze(name) => write!(to, "the freeze `{name}`"),
            Self::Window(Some(name)) => write!(to, "the window `{name}`"),
            Self::Window(None) => to.write_str("no window opens"),
            Self::Train(Some(name)) => write!(to, "the train `{name}`"),
            Self::Train(None) => to.write_str("no train leaves"),
            Self::People(usually) => write!(to, "people, who usually take {usually}"),
        }
    }
}

impl Schedule {
    /// When a stage can be entered, given the time at which it is ready and the time at which its
    /// changes were merged.
    #[must_use]
    pub fn entry(&self, stage: &StageName, ready: Timestamp, merged: Timestamp) -> Entry {
        let mut entry = Entry { ready, at: Some(ready), rule: None };
        for _ in 0..STEPS {
            let Some(now) = entry.at else { return entry };
            let (at, rule) = match self.closed(now) {
                Some(Closed::Frozen { freeze, until }) => {
                    (Some(until), Decides::Freeze(freeze.name.clone()))
                }
                Some(Closed::NoWindow { next }) => {
                    let name = next.map(|(window, _)| window.name.clone());
                    (next.map(|(_, from)| from), Decides::Window(name))
                }
                None => match self.train(stage, now, merged) {
                    Due::Now => return entry,
                    Due::At(name, at) => (Some(at), Decides::Train(Some(name))),
                    Due::Never => (None, Decides::Train(None)),
                },
            };
            entry = Entry { ready, at, rule: Some(rule) };
        }
        Entry { at: None, ..entry }
    }

    fn train(&self, stage: &StageName, now: Timestamp, merged: Timestamp) -> Due {
        let trains = self.trains.iter().filter(|train| train.takes(stage));
        if trains.clone().next().is_none() {
            return Due::Now;
        }
        let dates = trains.filter_map(|train| {
            Some((train.carrying(&self.zone, merged, now)?, train.name.clone()))
        });
        match dates.min() {
            Some((departure, _)) if departure.at <= now => Due::Now,
            Some((departure, name)) => Due::At(name, departure.at),
            None => Due::Never,
        }
    }
}

enum Due {
    Now,
    At(String, Timestamp),
    Never,
}
