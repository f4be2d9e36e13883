//! Forges, one folder each.

pub mod kind;
pub mod github;
pub mod none;
mod registry;
mod saved;

pub use github::settings::host_of_remote;
pub use kind::{Connected, ConnectionInput, ForgeKind, Host, HostMatch, NotConnected};
pub use registry::{FORGES, find, kinds, place, to_connect};
pub use saved::saved;
