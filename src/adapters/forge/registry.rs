//! The list of all forges, the default first. A new forge needs one folder and one line here.

use super::kind::{ForgeKind, Host, HostMatch};
use super::{github, none};
use crate::planner::steps;
use crate::project::infer::RemotePlace;
use crate::project::manifest::Kinds;

/// Every forge.
pub static FORGES: &[ForgeKind] = &[USUAL, none::KIND];

/// The forge of a manifest that names none.
const USUAL: ForgeKind = github::KIND;

/// The forge that a manifest names.
#[must_use]
pub fn find(name: &str) -> Option<&'static ForgeKind> {
    FORGES.iter().find(|kind| kind.manifest.name == name)
}

/// The forge to connect for a manifest: the forge that it names, if that forge hosts releases,
/// otherwise the default forge, whose web pages are linked.
#[must_use]
pub fn to_connect(named: Option<&str>) -> &'static ForgeKind {
    let named = named.and_then(find).filter(|kind| kind.manifest.has_releases());
    named.unwrap_or(&USUAL)
}

/// The forge of a host, if the host is known.
///
/// # Errors
/// The forges that it may belong to, by name, each with how the user can specify it: a wrong guess
/// would leave CI unread.
pub fn place(host: &Host<'_>) -> Result<RemotePlace, Vec<(&'static str, String)>> {
    let mut perhaps = Vec::new();
    for kind in FORGES {
        match (kind.recognises)(host) {
            HostMatch::Yes(note) => return Ok(RemotePlace::On { forge: kind.manifest, note }),
            HostMatch::No => {}
            HostMatch::Perhaps(help) => perhaps.push((kind.name, help)),
        }
    }
    match perhaps.is_empty() {
        true => Ok(RemotePlace::Elsewhere { host: host.name.to_owned() }),
        false => Err(perhaps),
    }
}

/// Every gate, step kind and forge, for reading a manifest.
#[must_use]
pub fn kinds() -> Kinds {
    steps::kinds(FORGES.iter().map(|kind| kind.manifest).collect())
}
