//! The content of the repository: manifest, versions, changelog, commits, workflow files.

pub mod branches;
pub mod schedule;
pub mod manifest;
pub mod waivers;
pub mod versions;
pub mod changelog;
pub mod commits;
pub mod workflow;
pub mod tags;
pub mod sources;
pub mod infer;
