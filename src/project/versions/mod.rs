//! Files that carry the version, one file a kind, each read with a parser of its own format; and the
//! lock files beside them, which must say the same.

mod site;
mod toml;
mod kind;
mod cargo;
mod json;
mod pyproject;
mod plain;
mod registry;
mod read;

#[cfg(test)]
mod tests;

pub use read::{lock_beside, names, read, read_lock, refresh};
pub use site::{Site, SiteError};
