//! From facts to a verdict: the version at stake, the case that is judged, checks, gates.

pub mod ruling;
pub mod target;
pub mod case;
pub mod checks;
pub mod durations;
pub mod gates;
pub mod watch;
pub mod replay;
