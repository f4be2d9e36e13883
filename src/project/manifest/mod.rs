//! What the project says in `tminus.yaml`.

pub mod node;
pub mod model;
pub mod yaml;
pub mod shape;
mod leaf;
mod check;
mod keys;
mod rules;
mod values;
mod stages;
mod lower;
pub mod schema;
mod reference;
mod infer;

#[cfg(test)]
mod tests;

pub use check::{check, nearest};
pub use infer::{Found, Inferred, PACKAGES, RemotePlace, infer};
pub use keys::with_root;
pub use leaf::seconds;
pub use lower::{LOCATIONS, read};
pub use model::*;
pub use node::{Node, Value};
pub use reference::reference;
pub use schema::json_schema;
pub use shape::{Field, GateShape, Shape, Word};
