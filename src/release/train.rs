//! What became of the dates of a train.

use crate::base::names::TagName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the format.
pub const FORMAT: u32 = 1;

/// The most dates that are kept.
const KEPT: usize = 100;

/// The dates of a train that are over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// Since when dates are recorded.
    pub since: Option<Timestamp>,
    /// The dates, newest first.
    pub dates: Vec<TrainDate>,
}

/// One date that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainDate {
    /// When it left.
    pub at: Timestamp,
    /// What became of it.
    pub end: TrainEnd,
}

/// What became of a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrainEnd {
    /// A release left with it.
    Left {
        /// Its tag.
        tag: TagName,
    },
    /// Nothing did.
    Missed {
        /// Why.
        reason: String,
    },
}

impl Default for TrainRecord {
    fn default() -> Self {
        Self { format: FORMAT, since: None, dates: Vec::new() }
    }
}

impl TrainRecord {
    /// The record after a date was over, if one was. A date that was recorded before stays; what was
    /// missed before the first record is not known.
    #[must_use]
    pub fn with(&self, date: Option<TrainDate>, now: Timestamp) -> Self {
        let mut new = self.clone();
        let since = *new.since.get_or_insert(now);
        let fits = |date: &TrainDate| {
            let known = new.dates.iter().any(|other| other.at == date.at);
            !known && (date.at >= since || matches!(date.end, TrainEnd::Left { .. }))
        };
        if let Some(date) = date.filter(fits) {
            new.dates.insert(0, date);
            new.dates.truncate(KEPT);
        }
        new
    }
}

impl TrainEnd {
    /// The same in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Left { tag } => format!("left with {tag}"),
            Self::Missed { reason } => format!("missed: {reason}"),
        }
    }
}
