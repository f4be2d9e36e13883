//! The ports' other sides.

pub mod sim;
