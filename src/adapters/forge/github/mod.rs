//! GitHub and GitHub Enterprise behind the ports [`ForgeRead`](crate::ports::ForgeRead) and
//! [`ForgeWrite`](crate::ports::ForgeWrite).
//!
//! This module decides what a response means, with its own structs that accept unknown words. Other
//! modules decide what follows from it.

mod verdict;
pub mod meter;
pub mod settings;
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
mod associated;
mod same_tree;
mod merged;
mod elsewhere;
mod wire;
mod push;
mod rules;
mod releases;
mod download;
mod upload;
mod query;
mod survey;
mod past;
mod blockers;
mod tag_rulesets;
mod notes;
mod rights;
mod pulls;
mod issue;
mod people;
mod reviews;
mod verified;
mod tell;
mod environments;
mod deployments;
mod links;
pub mod forge;
pub mod hostile;
mod words;
mod limits;
mod kind;

pub use forge::GitHub;
pub use kind::KIND;
pub use limits::ASSETS;
pub use links::LINKS;
pub use meter::{Count, Meter};
pub(in crate::adapters::forge) use origin::complete;
pub use settings::{Settings, SettingsError, SettingsInput};
