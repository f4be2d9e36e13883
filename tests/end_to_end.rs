//! The real binary, a real remote and a GitHub behind HTTP: whole releases, as a user has them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and says what it counted"
)]

mod support;

#[path = "end_to_end/whole.rs"]
mod whole;
#[path = "end_to_end/killed.rs"]
mod killed;
#[path = "end_to_end/runners.rs"]
mod runners;
#[path = "end_to_end/lines.rs"]
mod lines;
#[path = "end_to_end/time.rs"]
mod time;
#[path = "end_to_end/plans.rs"]
mod plans;
#[path = "end_to_end/workflow.rs"]
mod workflow;
#[path = "support/hostile.rs"]
mod hostile;
#[path = "end_to_end/waits.rs"]
mod waits;
#[path = "end_to_end/costs.rs"]
mod costs;
#[path = "end_to_end/newcomers.rs"]
mod newcomers;
#[path = "end_to_end/merges.rs"]
mod merges;
#[path = "end_to_end/branches.rs"]
mod branches;
#[path = "end_to_end/adopting.rs"]
mod adopting;
#[path = "end_to_end/faults.rs"]
mod faults;
#[path = "end_to_end/refusals.rs"]
mod refusals;
#[path = "end_to_end/secrets.rs"]
mod secrets;
