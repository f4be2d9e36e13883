//! tminus decides go or no-go for a release, releases it in stages, and resumes after a crash.
//!
//! Modules are in dependency order: each imports only modules above it, and a line separates the
//! pure part from the part with I/O. `tests/layering.rs` verifies both.

pub mod base;
pub mod project;
pub mod release;
pub mod facts;
pub mod judge;
pub mod planner;
pub mod report;

// ── The line: above it no async, no I/O, no clock, no environment. ──────────────────────────────

pub mod ports;
pub mod drive;
pub mod adapters;
pub mod ci;
pub mod cli;
