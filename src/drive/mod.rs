//! From ports to facts, and the loop that performs a plan.

pub mod observe;
pub mod wait;
pub mod execute;
pub mod replay;
