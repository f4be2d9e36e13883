//! Gates: named conditions, each a pure function of settings, manifest and facts. One file for each
//! gate.

pub mod gate;

mod branch_allowed;
mod bump_fits_changes;
mod changelog_section;
mod changelog_fragments;
mod changelog_lost;
mod changelog_files;
mod changelog_kept;
mod changelog_entry;
mod checks_green;
mod people;
mod feedback;
mod approvers;
mod approved;
mod accepted;
mod tasks_done;
mod not_on_hold;
mod rights_suffice;
mod tree_clean;
mod window_open;
mod no_blockers;
mod train_due;
mod change_described;
mod manifest_valid;
mod version_increases;
mod versions_agree;

mod registry;
mod waive;
mod poll;

pub use accepted::{Trial, acceptance, feedback, feedback_query, trials};
pub use approved::{
    APPROVED, SignOff, asks_authors, counts_approvals_from, sign_offs, stage_to_approve,
};
pub use checks_green::{CheckId, Counted, required_checks, standings};
pub use feedback::Feedback;
pub use gate::{Gate, ManifestEntry, Need, Occasion, Rule};
pub use no_blockers::blocker_query;
pub use poll::{GateSelection, held_by_checks, held_by_schedule, needs, poll, poll_back};
pub use registry::{GATES, find, shapes};
pub use tasks_done::{TaskResult, tasks};
pub use waive::waiver_faults;
