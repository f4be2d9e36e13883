//! What commit messages say: the kind of each change, and how far they move the version.
//!
//! Messages are parsed by the Conventional Commits grammar
//! (<https://www.conventionalcommits.org/en/v1.0.0/>). Every commit in range ends up listed or
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

pub use account::{Account, Excluded, account, demand};
pub use change::{Change, Commit};
pub use message::{ChangeKinds, KINDS, changes, is_revert, takes_back};
