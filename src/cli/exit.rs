//! Exit codes of outcomes.

pub use crate::release::outcome::Exit;
