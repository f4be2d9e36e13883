//! From facts to a verdict: the version to release, the case, its notes, checks, gates.

pub mod ruling;
pub mod target;
pub mod case;
pub mod moving;
mod inert;
mod generated;
pub mod notes;
pub mod people;
pub mod checks;
pub mod durations;
pub mod calendar;
pub mod dates;
pub mod gates;
pub mod comments;
pub mod watch;
pub mod replay;
