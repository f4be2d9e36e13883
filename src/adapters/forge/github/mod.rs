//! GitHub and GitHub Enterprise behind the ports [`ForgeRead`](crate::ports::ForgeRead) and
//! [`ForgeWrite`](crate::ports::ForgeWrite).
//!
//! What a reply means is decided here, by structs of our own that take unknown words as they are;
//! what follows from it is decided elsewhere.

pub mod meter;
pub mod settings;
mod verdict;
mod reply;
mod memory;
mod pace;
mod client;
mod retry;
mod graphql;
mod part;
mod origin;
mod checks;
mod commit;
mod same_tree;
mod wire;
mod push;
mod rules;
mod releases;
mod upload;
mod query;
mod survey;
mod past;
mod tag_rulesets;
mod rights;
mod pulls;
mod tell;
pub mod forge;
pub mod hostile;
mod words;
mod kind;

pub use forge::GitHub;
pub use kind::{KIND, LINKS};
pub use meter::{Count, Meter};
pub(in crate::adapters::forge) use origin::complete;
pub use settings::{Given, Settings, SettingsError};
