//! What a release is: its outcomes, its steps, its plan and its ledger.

pub mod outcome;
pub mod step;
pub mod plan;
pub mod environment;
pub mod sample;
pub mod statement;
pub mod waiver;
pub mod train;
pub mod comment;
mod event;
pub mod ledger;
pub mod in_flight;
pub mod signature;
