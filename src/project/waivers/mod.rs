//! Waivers: leave for one gate, in a file of the repository (`.tminus/waivers.yaml`).
//!
//! This module knows the file. `judge::gates` decides which waivers apply.

mod versions;
mod until;
mod file;
mod append;

pub use append::{NewWaiver, append};
pub use file::{PATH, Waiver, Waivers, json_schema};
pub use until::Until;
pub use versions::Versions;
