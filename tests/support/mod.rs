//! What more than one suite of tests needs.

pub(crate) mod fake_github;
pub(crate) mod client;
pub(crate) mod leak;
pub(crate) mod story;
pub(crate) mod merge;
pub(crate) mod bench_repo;
pub(crate) mod hostile;
pub(crate) mod shown;
