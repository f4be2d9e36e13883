//! What a release is: its steps, its plan and its record.

pub mod step;
pub mod plan;
pub mod ledger;
