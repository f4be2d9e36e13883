//! Files that carry the version, one file a kind, each read with a parser of its own format where
//! there is one, else by a pattern; and the lock files beside them, which must say the same.

mod tree;
mod stand_in;
mod site;
mod file;
mod kind;
mod capture;
mod toml;
mod xml;
mod json;
mod cargo_lock;
mod cargo;
mod package_json;
mod uv_lock;
mod python;
mod pyproject;
mod setup_cfg;
mod setup_py;
mod pom;
mod gradle;
mod msbuild;
mod ruby;
mod gemspec;
mod mix;
mod yaml;
mod other_toml;
mod lines;
mod podspec;
mod cmake;
mod autoconf;
mod meson;
mod php;
mod go;
mod header;
mod swift;
mod javascript;
mod code;
mod plain;
mod registry;
mod read;
mod folder;

#[cfg(test)]
mod tests;

pub use folder::{beside, package_folder, package_in};
pub use read::{also, is_trusted, locked, places, read, read_path, refresh};
pub use site::{Site, SiteError};
pub use tree::{Look, SingleFile, Tree};
