//! The results of a train's past dates.

use crate::base::names::TagName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the format.
pub const FORMAT: u32 = 1;

/// The maximum number of dates that are kept.
const KEPT: usize = 100;

/// The past dates of a train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// When recording started.
    pub since: Option<Timestamp>,
    /// The dates, newest first.
    pub dates: Vec<TrainDate>,
}

/// One past date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainDate {
    /// The date.
    pub at: Timestamp,
    /// Its result.
    pub end: TrainEnd,
}

/// The result of a past date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrainEnd {
    /// A release left with it.
    Left {
        /// Its tag.
        tag: TagName,
    },
    /// No release left with it.
    Missed {
        /// The reason.
        reason: String,
    },
}

impl Default for TrainRecord {
    fn default() -> Self {
        Self { format: FORMAT, since: None, dates: Vec::new() }
    }
}

impl TrainRecord {
    /// The record with a newly past date, if there is one. A date that was already recorded stays;
    /// dates before the first record are unknown.
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
    /// The result as text.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Left { tag } => format!("left with {tag}"),
            Self::Missed { reason } => format!("missed: {reason}"),
        }
    }
}
