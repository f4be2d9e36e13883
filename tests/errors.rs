//! Hostile surroundings: each gets a ruling or one clear error, and never a go that rests on
//! something unseen.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod forge;
mod history;
mod place;
mod text;
