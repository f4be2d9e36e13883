//! tminus: go or no-go for a release, then the release, in stages that survive a crash.
//!
//! Modules stand in dependency order: each imports only modules above it, and a line divides the
//! pure part from the part that touches the world. `tests/layering.rs` keeps both.

pub mod source;
pub mod finding;
pub mod names;
pub mod manifest;
pub mod commits;
pub mod step;
pub mod ledger;
pub mod facts;
pub mod ruling;

// ── The line: above it no async, no I/O, no clock, no environment. ──────────────────────────────

pub mod ports;

pub mod adapters;
