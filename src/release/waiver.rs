//! A waiver that was used.

use serde::{Deserialize, Serialize};

/// The ruling of a gate, and the waiver that covers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedWaiver {
    /// The gate.
    pub gate: String,
    /// Its ruling (`no-go`).
    pub ruling: String,
    /// Its summary.
    pub said: String,
    /// The text that a finding had to contain, if the waiver is not for the whole gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// The version, or the range of versions, that the waiver is for.
    pub version: String,
    /// Why it was granted.
    pub reason: String,
    /// Who granted it.
    pub by: String,
    /// The last day, or the moment of its end.
    pub until: String,
}

impl UsedWaiver {
    /// Whether another use refers to the same waiver of the same gate.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.gate == other.gate && self.finding == other.finding
    }

    /// `granted by grace until 2026-12-31: the fuzz runner is down`.
    #[must_use]
    pub fn grant(&self) -> String {
        format!("granted by {} until {}: {}", self.by, self.until, self.reason)
    }
}
