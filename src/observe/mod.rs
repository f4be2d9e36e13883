//! Looking at the world once, into [`Facts`](crate::facts::Facts).
//!
//! Only what is needed is asked. What fails to be read becomes [`Seen::Unseen`](crate::facts::Seen)
//! with its reason; an error is returned only where there is no commit or no manifest to speak of.

mod order;
mod unseen;
mod forge;
mod probe;
mod merge;
mod local;
mod look;
mod again;

pub use again::look_again;
pub use forge::{NO_FORGE, list_releases, survey};
pub use look::observe;
pub use order::{Depth, Merging, ObserveError, Observed, Order};
pub use probe::environment;
