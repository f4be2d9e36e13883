//! The git adapter against real repositories, made with the git program in a closed environment.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests may fail loudly, and a test that is skipped says so"
)]

#[path = "git/bench_repo.rs"]
mod bench_repo;
#[path = "git/history.rs"]
mod history;
#[path = "git/local.rs"]
mod local;
#[path = "git/network.rs"]
mod network;
#[path = "git/random.rs"]
mod random;
#[path = "git/ledger.rs"]
mod ledger;
#[path = "git/tree.rs"]
mod tree;
