//! Which of the checks on a commit speak, and what they say: the decision under `checks-green`.
//!
//! Pure functions over what was observed. Within one source the newest run speaks, never the
//! best; every source that carries a required name must be green; what is not known to be a
//! success is none. Nothing here depends on the order in which a forge lists its checks.

mod report;
mod own;
mod neighbour;
mod outcome;
mod latest;

pub use latest::{LatestRun, voices};
pub use outcome::{CheckOutcome, Terms, Why};
pub use own::Own;
pub use report::Reported;
