//! `checks-green`: every required check succeeded on the commit that is released.
//!
//! The required checks come from the manifest and the branch's rules, not from the reported checks:
//! otherwise, a check that never ran would go unnoticed.

mod requirement;
mod settings;
mod words;
mod found;
mod absent;
mod judge;
mod rule;
mod exist;

pub(super) use exist::RequiredChecksExist;
pub use found::{CheckId, Counted};
pub(super) use rule::ChecksGreen;
use rule::reads_checks;
pub use rule::{required_checks, standings};
