//! The ports' other sides: git, GitHub, processes, the clock, and a simulated world.

pub mod clock;
pub(crate) mod timed;
pub(crate) mod child;
pub mod retry;
pub mod git;
pub mod forge;
pub mod process;
pub mod sim;
