//! Exit codes, as outcomes have them.

pub use crate::release::outcome::Exit;
