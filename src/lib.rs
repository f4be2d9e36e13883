//! tminus: go or no-go for a release, then the release, in stages that survive a crash.
//!
//! Modules stand in dependency order: each imports only modules above it, and a line divides the
//! pure part from the part that touches the world. `tests/layering.rs` keeps both.

pub mod source;
pub mod finding;
pub mod names;
pub mod manifest;
