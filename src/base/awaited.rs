//! What a release waits for people to say.

use super::names::{ItemId, RoleName, StageName};
use serde::{Deserialize, Serialize};

/// What a release waits for people to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// An approval.
    Approval {
        /// In which role.
        role: RoleName,
        /// Of which stage; `None` for a release whose gate names no stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
    },
    /// That a scenario works.
    Acceptance {
        /// Which.
        scenario: ItemId,
    },
    /// That a task is done.
    Task {
        /// Which.
        task: ItemId,
    },
}
