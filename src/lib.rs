//! tminus: go or no-go for a release, then the release, in stages that survive a crash.
//!
//! Modules stand in dependency order: each imports only modules above it, and a line divides the
//! pure part from the part that touches the world. `tests/layering.rs` keeps both.

pub mod source;
pub mod finding;
pub mod names;
pub mod clean;
pub mod secrets;
pub mod manifest;
pub mod version_file;
pub mod changelog;
pub mod commits;
pub mod step;
pub mod ledger;
pub mod seen;
pub mod tag_rules;
pub mod rights;
pub mod facts;
pub mod ruling;
pub mod target;
pub mod workflow;
pub mod checks;
pub mod durations;
pub mod gates;
pub mod watch;
pub mod notes;
pub mod conflict;
pub mod plan;
pub mod cost;
pub mod render;

// ── The line: above it no async, no I/O, no clock, no environment. ──────────────────────────────

pub mod ports;
pub mod observe;
pub mod wait;
pub mod execute;

pub mod adapters;
pub mod cli;
