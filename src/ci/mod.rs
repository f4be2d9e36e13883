//! The host that a command runs on: a person's machine, or a step of a workflow. What its environment
//! says is read here and nowhere else, and what a workflow's runner takes is written here.

mod environment;
mod guard;
mod step;

pub use environment::Environment;
pub(crate) use guard::Guard;
pub(crate) use step::Step;
