//! No forge: a plain git remote.

mod kind;

pub use kind::KIND;
