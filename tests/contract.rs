//! What the ports promise, asked of everything that stands behind them: the simulated world, and
//! the adapters over a GitHub behind HTTP and over real repositories. A promise that one of them
//! breaks is a lie in every test that uses the other.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed; helpers are shared with other suites"
)]

mod blind;
mod deployments;
mod documents;
mod forge;
mod forges;
mod remote;
mod people;
mod remotes;
