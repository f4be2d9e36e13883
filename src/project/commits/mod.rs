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
mod rule;
mod pull;
mod bot;
mod undone;
mod account;
mod branches;
mod releasing;
mod listing;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod listing_tests;

pub use account::{CommitSummary, account, demand};
pub use bot::is_bot;
pub use change::{Change, Commit};
pub use listing::{Entry, Fate, Group, Listing, listing};
pub use message::{ChangeKinds, KINDS, changes, is_revert, is_revert_subject};
pub use part::described as without_number;
pub use pull::number_of;
pub use rule::Excluded;
