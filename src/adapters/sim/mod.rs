//! A simulator in memory: refs, ledgers, a forge, commands, a clock, and everything that can fail.
//!
//! It is as permissive and as unreliable as the real services. It does not know the user's
//! repository: a rehearsal combines the two.

mod refusal;
mod effect;
mod faults;
mod parts;
mod state;
mod refs;
mod forge;
mod strike;
mod oracle;
mod whole;
mod meet;
mod world;
mod rights;
mod blockers;
mod looker;
mod tell;
mod people;
mod remote;
mod runner;
mod deploy;
mod repository;
mod checkout;

pub use checkout::Checkout;
pub use effect::EffectKind;
pub use faults::{FaultKind, Faults};
pub use parts::{
    Author, Effect, Pull, Pushed, Rights, Settings, SimAccount, SimApproval, SimComment,
    SimDeployment, SimIssue, SimRelease, SimReview, SimTracking, Society, TagRef,
};
pub use refusal::Refusal;
pub use repository::SimRepository;
pub use state::State;
pub use tell::ME;
pub use world::{Outcome, World};

#[cfg(test)]
mod tests;
