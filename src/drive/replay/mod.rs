//! Judging past releases again: each at its own commit, with the tags of that day.

mod past;
mod releases;

pub use releases::{PastReleases, replay};
