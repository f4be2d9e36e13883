//! From facts to a verdict: the version at stake, checks, gates.

pub mod ruling;
pub mod target;
pub mod checks;
pub mod durations;
pub mod gates;
pub mod watch;
pub mod replay;
