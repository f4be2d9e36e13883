//! Versions: ordered by the law of their scheme, printed as they were written.
//!
//! One order holds across the schemes too, so that a project whose versions changed their form still
//! has one line of releases: first the release numbers, then what stands behind them.

mod scheme;
mod key;
mod parse;
mod value;
mod next;

#[cfg(test)]
mod tests;

pub use next::{Bump, NoNext};
pub use scheme::Scheme;
pub use value::{Version, VersionError};
