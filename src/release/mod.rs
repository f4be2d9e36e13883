//! What a release is: how it ends, its steps, its plan and its record.

pub mod outcome;
pub mod step;
pub mod plan;
pub mod ledger;
