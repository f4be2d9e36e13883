//! GitHub and GitHub Enterprise behind the ports [`Look`](crate::ports::Look) and
//! [`Change`](crate::ports::Change).
//!
//! What a reply means is decided here, by structs of our own that take unknown words as they are;
//! what follows from it is decided elsewhere.

pub mod meter;
pub mod settings;
mod verdict;
mod client;
mod retry;
mod graphql;
mod checks;
mod wire;
mod rules;
mod releases;
mod upload;
mod survey;
mod tell;
pub mod forge;

pub use forge::GitHub;
pub use meter::{Meter, Quota};
pub use settings::{Given, Settings, SettingsError};
