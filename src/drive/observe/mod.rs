//! Reads the actual state once, into [`Facts`](crate::facts::Facts).
//!
//! Only needed data is read. A value that cannot be read becomes
//! [`Seen::Unseen`](crate::facts::Seen) with its reason. An error is returned only if there is no
//! commit or no manifest.

mod request;
mod merging;
mod unseen;
mod workflows;
mod forge;
mod blockers;
mod rights;
mod probe;
mod folder;
mod fragments;
mod merge;
mod branch;
mod line;
mod files;
mod notes;
mod refs;
mod moving;
mod waivers;
mod history;
mod manifest;
mod assets;
mod local;
mod environments;
mod samples;
mod signatures;
mod people;
mod past;
mod holds;
mod unfinished;
mod promotion;
mod look;
mod again;

pub use again::{Answered, apply_response, refresh_all, refresh_step};
pub use blockers::blockers_again;
pub use environments::{
    all_environments, environments as refresh_environments, record as environment_record,
    refresh_samples, time as refresh_time, train_record,
};
pub use forge::{NO_FORGE, checks_again, list_releases, survey, survey_checks};
pub use holds::repository_holds;
pub(crate) use line::version_tags;
pub use look::observe;
pub use manifest::manifest_source;
pub(crate) use merge::two_manifests;
pub use merging::{foreign_checkout, merging};
pub use people::{people as refresh_people, text_digest};
pub use probe::environment;
pub use request::{Merging, ObserveError, ObserveRequest, Observed, PromotionRequest, Scope};
pub use rights::rights_again;
pub(in crate::drive) use samples::take_round;
pub use signatures::{SIGNERS, allowed_signers};
pub use unfinished::{in_flight, unfinished};
