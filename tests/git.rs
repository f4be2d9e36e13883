//! The git adapter against real repositories, made with the git program in a closed environment.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests may fail loudly, and a test that is skipped says so"
)]

mod history;
mod local;
mod network;
mod random;
mod documents;
mod ledger;
mod packages;
mod tree;
