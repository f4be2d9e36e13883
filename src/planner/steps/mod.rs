//! The kinds of steps, one file each.

pub(in crate::planner) mod kind;
mod upload;
mod draft_release;
mod tag;
mod publish_release;
mod move_tag;
mod run;
mod enter;
mod deployed;
mod verify;
mod registry;
mod lookup;

#[cfg(test)]
mod tests;

pub use deployed::Deploying;
pub(in crate::planner) use deployed::deployed;
pub use draft_release::Draft;
pub use enter::Entering;
pub(in crate::planner) use enter::{by_whom, entering, found, has_entered};
pub(in crate::planner) use kind::{Planning, Requests};
pub(in crate::planner) use lookup::{absent, denied, is_last, planned, requests, standing, sums};
pub use lookup::{
    all_files, asset, assets, awaits, command, commands, detail, files, kinds, moved, moving,
    notes, on_forge, pending_checks, runs, seconds, title, touched, touches,
};
pub use publish_release::{Latest, Publish};
pub use registry::STEPS;
pub use tag::Tagged;
pub use upload::{Awaited, Sent};
pub(in crate::planner) use verify::planned as verification;
pub(in crate::planner) use verify::round_requests;
pub use verify::{Verifying, carried, counts, entered_at, is_due, verifying};
