//! Evaluates past releases again, each at its own commit, with the tags of that time.

mod past;
mod releases;
mod prove;

pub use prove::{ChosenManifest, prove};
pub use releases::{PastReleases, replay};
