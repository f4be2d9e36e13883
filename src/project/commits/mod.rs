//! Parses commit messages: the kind of each change, and the version bump that they require.
//!
//! Messages follow the grammar of Conventional Commits
//! (<https://www.conventionalcommits.org/en/v1.0.0/>). Every commit in a range is listed or
//! excluded by a named rule; none is dropped silently.

mod change;
mod header;
mod own;
mod part;
mod quoting;
mod revert;
mod message;
mod undone;
mod account;

#[cfg(test)]
mod tests;

pub use account::{CommitSummary, Excluded, account, demand};
pub use change::{Change, Commit};
pub use message::{ChangeKinds, KINDS, changes, is_revert, is_revert_subject};
