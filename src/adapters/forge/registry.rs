//! The list of all forges, the default first. A new forge needs one folder and one line here.

use super::kind::ForgeKind;
use super::{github, none};
use crate::planner::steps;
use crate::project::manifest::Kinds;

/// Every forge.
pub static FORGES: &[ForgeKind] = &[github::KIND, none::KIND];

/// The forge that a manifest names.
#[must_use]
pub fn find(name: &str) -> Option<&'static ForgeKind> {
    FORGES.iter().find(|kind| kind.manifest.name == name)
}

/// The forge to connect for a manifest: the one that it names if that hosts releases, else the usual
/// one, whose web pages are linked to.
#[must_use]
pub fn to_connect(named: Option<&str>) -> &'static ForgeKind {
    let named = named.and_then(find).filter(|kind| kind.manifest.has_releases());
    named.unwrap_or(&github::KIND)
}

/// Every gate, step kind and forge, for reading a manifest.
#[must_use]
pub fn kinds() -> Kinds {
    steps::kinds(FORGES.iter().map(|kind| kind.manifest).collect())
}
