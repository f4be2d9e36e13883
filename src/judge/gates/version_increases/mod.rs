//! `version-increases`: the version is higher than the last release on its line, or is that
//! release.

mod words;
mod tagged;
mod taken;
mod skipped;
mod untagged;
mod rule;

pub(super) use rule::VersionIncreases;
