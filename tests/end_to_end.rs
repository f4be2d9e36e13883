//! The real binary, a real remote and a GitHub behind HTTP: whole releases, as a user has them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and says what it counted"
)]

mod whole;
mod killed;
mod runners;
mod lines;
mod versions;
mod time;
mod plans;
mod notes;
mod people;
mod workflow;
mod waits;
mod costs;
mod newcomers;
mod replay;
mod packages;
mod inferred;
mod merges;
mod branches;
mod adopting;
mod faults;
mod refusals;
mod secrets;
mod note_sources;
mod rehearsals;
mod verified;
mod tracking;
mod environments;
mod promoted;
mod protection;
mod pages;
mod trouble;
mod moving;
mod waivers;
mod blockers;
mod feedback;
mod calendar;
