//! The GitHub adapter against a server that answers by script: what it makes of odd replies, and
//! what it never does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod stub;
mod surveys;
mod origins;
mod writes;
mod trouble;
mod rules;
mod rights;
mod assets;
mod wires;
mod twins;
mod push;
mod strain;
mod cost;
mod manners;
mod moves;
mod deployments;
