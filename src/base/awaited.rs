//! A statement that a release waits for.

use super::names::{ItemId, RoleName, StageName};
use serde::{Deserialize, Serialize};

/// A statement that a release waits for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// An approval.
    Approval {
        /// The role.
        role: RoleName,
        /// The stage; `None` if no stage names the gate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
    },
    /// The acceptance of a scenario.
    Acceptance {
        /// Its ID.
        scenario: ItemId,
    },
    /// The completion of a task.
    Task {
        /// Its ID.
        task: ItemId,
    },
}
