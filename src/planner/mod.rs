//! From facts to a plan: notes, steps, their standing, their cost.

pub mod notes;
pub mod conflict;
pub mod plan;
pub mod disclosed;
pub mod cost;
