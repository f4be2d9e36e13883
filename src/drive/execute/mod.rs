//! Flying a release: look, take the first missing step, record that it is meant, do it, look again.
//!
//! Resume, retry and "run it twice" are this one loop. What is done is never inferred from having
//! done it: only the world says so.

mod end;
mod record;
mod effect;
mod steps;
mod executor;
mod release;
mod tell;
mod abandon;
mod ending;

pub use abandon::{Abandoned, abandon};
pub use end::{End, Listener, ReleaseNotice, ReleaseOptions, ReleaseRun};
pub use ending::{already, trouble};
pub use release::{disclosing, idle, known_reach, out_by_others, plan_of, release};
pub use tell::{Told, keep_comment};
