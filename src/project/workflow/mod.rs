//! GitHub's workflow files: which checks their jobs report, and whether a push starts them.
//!
//! Read only to explain a check that is not there. A file, a key or a pattern that is not understood
//! shows nothing: the answer is then "unclear", never "left out".

mod glob;
mod filter;
mod job;
mod file;
mod advice;

pub use advice::advice;
pub use file::{APP, APP_DOC, APP_ID, FOLDER, MAX_CHANGED, MAX_PUSHED, OnPush, Workflow};
pub use job::Reports;
