//! From facts to a verdict: the version to release, the case, checks, gates.

pub mod ruling;
pub mod target;
pub mod case;
pub mod moving;
pub mod checks;
pub mod durations;
pub mod gates;
pub mod watch;
pub mod replay;
