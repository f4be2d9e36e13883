//! Decisions as text: for people, and for machines. Pure; printing is `cli`'s.

pub mod finding;
pub mod check;
pub mod plan;
pub mod status;
pub mod stats;
pub mod watch;
pub mod json;
pub mod workflows;

pub use crate::clean::clean;
pub use finding::{Paint, Sources};
