//! Text from outside, made inert for where it goes; one module a destination. The terminal's is
//! [`crate::base::clean`].

pub mod uri;
pub mod markdown;
pub mod workflow;
