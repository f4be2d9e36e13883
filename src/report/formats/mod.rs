//! The formats of reports: one file each, and one line in the registry.

mod format;
mod text;
mod json;
mod github;
mod markdown;
mod sarif;
mod junit;
mod registry;

pub use format::{Format, Kind, Media, Reader, Render, Shown, Unwritten};
pub use registry::{FORMATS, find};
