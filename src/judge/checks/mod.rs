//! Which checks of a commit count, and what they mean: the logic of `checks-green`.
//!
//! Pure functions of the facts. The newest run of a source counts, never the best. Every source of
//! a required name must be green. A conclusion that is not known to be a success does not count as
//! one. The result does not depend on the order in which a forge lists checks.

mod report;
mod own;
mod neighbour;
mod outcome;
mod latest;

pub use latest::{LatestRun, latest_runs};
pub use outcome::{CheckOutcome, CheckPolicy, FailureReason};
pub use own::OwnChecks;
pub use report::Reported;
