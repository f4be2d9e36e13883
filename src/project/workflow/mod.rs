//! GitHub's workflow files: which checks their jobs report, and whether a push starts them.
//!
//! They are read only to explain a missing check. A file, key or pattern that cannot be parsed
//! proves nothing: the answer is then "unclear", never "excluded".

mod glob;
mod filter;
mod job;
mod file;
mod advice;

pub use advice::advice;
pub use file::{APP, APP_DOC, APP_ID, FOLDER, MAX_CHANGED, MAX_PUSHED, OnPush, Workflow};
pub use job::ReportsCheck;
