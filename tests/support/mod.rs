//! What more than one suite of tests needs.

pub(crate) mod fake_github;
pub(crate) mod client;
pub(crate) mod leak;
pub(crate) mod story;
pub(crate) mod merge;
