//! Looking at the world once, into [`Facts`](crate::facts::Facts).
//!
//! Only what is needed is asked. What fails to be read becomes [`Seen::Unseen`](crate::facts::Seen)
//! with its reason; an error is returned only where there is no commit or no manifest to speak of.

mod request;
mod merging;
mod unseen;
mod workflows;
mod forge;
mod rights;
mod probe;
mod folder;
mod merge;
mod branch;
mod line;
mod local;
mod look;
mod again;

pub use again::{Answered, apply_response, look_afresh, look_again};
pub use forge::{NO_FORGE, checks_again, list_releases, survey, survey_checks};
pub(crate) use line::version_tags;
pub use local::manifest_source;
pub use look::observe;
pub(crate) use merge::two_manifests;
pub use merging::{foreign_checkout, merging};
pub use probe::environment;
pub use request::{Merging, ObserveError, ObserveRequest, Observed, Scope};
pub use rights::rights_again;
