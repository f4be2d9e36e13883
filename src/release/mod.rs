//! What a release is: its steps and its record.

pub mod step;
pub mod ledger;
