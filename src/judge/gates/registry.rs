//! The list of all gates, in the order of the report. A new gate needs one file and one line here.

use super::gate::Gate;
use super::{
    accepted::Accepted,
    approved::Approved,
    branch_allowed::BranchAllowed,
    bump_fits_changes::BumpFitsChanges,
    change_described::ChangeDescribed,
    changelog_entry::ChangelogEntry,
    checks_green::{ChecksGreen, RequiredChecksExist},
    manifest_valid::ManifestValid,
    not_on_hold::NotOnHold,
    rights_suffice::RightsSuffice,
    tasks_done::TasksDone,
    tree_clean::TreeClean,
    version_increases::VersionIncreases,
    versions_agree::VersionsAgree,
    window_open::WindowOpen,
};
use crate::project::manifest::GateShape;

/// Every gate.
pub static GATES: &[Gate] = &[
    Gate::of::<VersionIncreases>(),
    Gate::of::<BumpFitsChanges>(),
    Gate::of::<VersionsAgree>(),
    Gate::of::<ChangelogEntry>(),
    Gate::of::<BranchAllowed>(),
    Gate::of::<ChecksGreen>(),
    Gate::of::<TreeClean>(),
    Gate::of::<WindowOpen>(),
    Gate::of::<NotOnHold>(),
    Gate::of::<TasksDone>(),
    Gate::of::<Accepted>(),
    Gate::of::<Approved>(),
    Gate::of::<RightsSuffice>(),
    Gate::of::<ChangeDescribed>(),
    Gate::of::<ManifestValid>(),
    Gate::of::<RequiredChecksExist>(),
];

/// The gate with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Gate> {
    GATES.iter().find(|gate| gate.id == id)
}

/// The names and settings of all gates, for reading a manifest.
#[must_use]
pub fn shapes() -> Vec<GateShape> {
    GATES.iter().map(Gate::shape).collect()
}
