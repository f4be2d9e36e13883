//! The host that a command runs on: a person's machine, or a step of a workflow. This module reads
//! its environment, and writes what a workflow runner reads.

mod environment;
mod guard;
mod step;

pub use environment::Environment;
pub(crate) use guard::Guard;
pub(crate) use step::Step;
