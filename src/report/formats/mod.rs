//! The formats of reports: one file each, and one line in the registry.

mod format;
mod text;
mod json;
mod github;
mod markdown;
mod sarif;
mod junit;
mod registry;

pub use format::{Format, Media, Reader, Render, ReplayText, Unwritten};
pub use registry::{FORMATS, find};
