//! The planner: what the whole release is, and how far the world shows it done.

pub mod notes;
pub mod conflict;
mod standing;
mod view;
pub mod steps;
mod plan;
mod progress;
mod rebuilt;
mod difference;
pub mod disclosed;
pub mod cost;

pub use difference::difference;
pub use plan::plan;
pub use progress::progress;
pub use rebuilt::rebuilt;
pub use standing::{Progress, Repair, Standing};
