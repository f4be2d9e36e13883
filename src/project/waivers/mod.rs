//! Waivers of gates, in a file in the repository (`.tminus/waivers.yaml`).
//!
//! This module reads and writes the file. `judge::gates` decides which waivers apply.

mod versions;
mod until;
mod file;
mod append;

pub use append::{NewWaiver, append};
pub use file::{PATH, Waiver, Waivers, json_schema};
pub use until::Until;
pub use versions::Versions;
