//! The ports, made of real things: GitHub, processes, the clock.

pub mod clock;
pub mod github;
pub mod process;
