//! Which files of a repository carry its version, found by what they said at the last releases.
//!
//! Pure: the files, the tags and what was in the files at the tags are handed over. What is lacking
//! is named, so that whoever has the repository can fetch it and ask again.

mod form;
mod places;
mod choose;

#[cfg(test)]
mod tests;

pub use choose::{Known, Sources, Texts, Wanted, choose, wanted};
pub use form::{newest, prefix, release};
pub use places::{beside_places, places};
