//! The GitHub Action: its scripts by themselves, and whole workflows in act, GitHub's runner for one
//! machine.
//!
//! act is no part of a Rust toolchain. `TMINUS_ACT` names it; `.ci/run` installs it, and sets
//! `TMINUS_ACT_REQUIRED` so that workflows that were not run are a failure there.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and says what it left out"
)]

mod support;

#[path = "action/definition.rs"]
mod definition;
#[path = "action/project.rs"]
mod project;
#[path = "action/runner.rs"]
mod runner;

#[path = "action/arguments.rs"]
mod arguments;
#[path = "action/installing.rs"]
mod installing;
#[path = "action/building.rs"]
mod building;
#[path = "action/platforms.rs"]
mod platforms;
#[path = "action/generated.rs"]
mod generated;
#[path = "action/merges.rs"]
mod merges;
#[path = "action/people.rs"]
mod people;
#[path = "action/pinning.rs"]
mod pinning;
#[path = "action/workflows.rs"]
mod workflows;
