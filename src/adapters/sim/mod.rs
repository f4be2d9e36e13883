//! A world in memory: refs, ledgers, a forge, commands, a clock, and everything that goes wrong.
//!
//! As permissive and as nasty as the real thing. It knows nothing of the user's repository:
//! a rehearsal puts the world under the real one.

mod refusal;
mod effects;
mod faults;
mod state;
mod forge;
mod refs;
mod strike;
mod oracle;
mod whole;
mod world;
mod looker;
mod remote;
mod runner;
mod repository;

pub use effects::{Effect, EffectKind};
pub use faults::{FaultKind, Faults};
pub use forge::{Held, Rights};
pub use refs::TagRef;
pub use refusal::Refusal;
pub use repository::SimRepository;
pub use state::{Author, Settings, State};
pub use world::{Outcome, World};

#[cfg(test)]
mod tests;
