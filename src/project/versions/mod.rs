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
mod folder;

#[cfg(test)]
mod tests;

pub use folder::{beside, package_folder, package_in};
pub use read::{lock_beside, names, read, read_lock, refresh};
pub use site::{Site, SiteError};
