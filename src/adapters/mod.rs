//! Implementations of the ports: git, forges, processes, files, the clock, and a simulator.

pub mod clock;
pub(crate) mod files;
pub(crate) mod timed;
pub(crate) mod child;
pub mod retry;
pub mod web;
pub(crate) mod permission;
pub mod git;
pub mod forge;
pub mod process;
pub mod sim;

pub use forge::kinds;
