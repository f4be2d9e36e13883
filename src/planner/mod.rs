//! The planner: the plan of a whole release, and which of its steps are done.

pub mod accounting;
pub mod conflict;
mod standing;
mod view;
pub mod samples;
pub mod steps;
mod promotion;
mod plan;
mod replaced;
mod progress;
pub mod usual;
pub mod blockers;
pub mod forecast;
mod rebuilt;
mod difference;
pub mod disclosed;
pub mod cost;
pub mod audit;
pub mod claims;

pub use difference::difference;
pub use plan::{outline, plan};
pub use progress::progress;
pub use promotion::version_in_file;
pub use rebuilt::{later_files, rebuilt};
pub use standing::{Held, Progress, Repair, StepState};
