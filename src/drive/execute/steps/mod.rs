//! How each kind of step is performed: one file a kind, under the name that it has above the line.

mod perform;
mod draft_release;
mod upload;
mod tag;
mod publish_release;
mod run;
mod registry;

pub(super) use perform::{Act, Evident, Failed, Performed};
pub(super) use registry::perform;
