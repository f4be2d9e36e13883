//! Versions: ordered by the rules of their scheme, printed as they were written.
//!
//! The order also compares versions of different schemes, so that a project that changed its scheme
//! still has one sequence of releases: first the release numbers, then the rest.

mod scheme;
mod key;
mod parse;
mod value;
mod next;

#[cfg(test)]
mod tests;

pub use next::{Bump, NoNextVersion};
pub use scheme::Scheme;
pub use value::{Version, VersionError};
