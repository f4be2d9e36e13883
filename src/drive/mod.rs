//! Collects facts through the ports, and performs plans.

pub mod observe;
pub mod wait;
pub mod execute;
pub mod replay;
pub mod search;
