//! Forges: a folder each.

pub mod github;
