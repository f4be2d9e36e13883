//! The kinds of verification samples, one file each.

mod kind;
mod run;
mod http;
mod check;
mod deployment;
mod registry;

pub(in crate::planner) use kind::Placeholders;
pub(in crate::planner) use registry::sources;
pub use registry::{SAMPLES, shapes};
