//! Files that contain the version, one module for each kind. Each is read with a parser for its
//! format or, if there is none, with a pattern. The lock files beside them must have the same
//! version.

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
pub use tree::{FileState, SingleFile, Tree};
