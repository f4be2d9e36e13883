//! The ports' answers from the real world, one folder a world.

pub mod git;
