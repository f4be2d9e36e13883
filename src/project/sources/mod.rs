//! Which files in a repository contain its version, according to their content at the last
//! releases.
//!
//! Pure: the caller passes the files, the tags, and the files at the tags. If something is missing,
//! the result names it, so that the caller can fetch it and try again.

mod form;
mod places;
mod choose;

#[cfg(test)]
mod tests;

pub use choose::{Known, Sources, Texts, Wanted, choose, wanted};
pub use form::{newest, prefix, release};
pub use places::{in_unusual_places, places};
