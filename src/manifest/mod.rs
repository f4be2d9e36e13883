//! What the project says in `tminus.yaml`.

pub mod model;
pub mod node;

pub use model::*;
pub use node::{Node, Value};
