//! Hostile surroundings: each gets a ruling or one clear error, and never a go that rests on
//! something unseen.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

#[path = "errors/forge.rs"]
mod forge;
#[path = "errors/history.rs"]
mod history;
#[path = "errors/place.rs"]
mod place;
#[path = "errors/text.rs"]
mod text;
