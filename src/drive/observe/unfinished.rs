//! Finds a release that was started and is not finished.

use crate::base::names::TagName;
use crate::base::version::Version;
use crate::ports::{PortError, ReadPorts};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;

/// How many ledgers are read, those of the highest versions first.
const READ: usize = 10;

/// The plan of the unfinished release with the highest version; `None` if there is none.
///
/// # Errors
/// When the remote cannot be read.
pub async fn unfinished(read_ports: &ReadPorts<'_>) -> Result<Option<Plan>, PortError> {
    let Some(remote) = read_ports.remote else { return Ok(None) };
    let refs = remote.refs().await?;
    let tags = refs.iter().filter_map(|at| at.name.strip_prefix("refs/tminus/releases/"));
    let mut tags: Vec<(Option<Version>, TagName)> =
        tags.filter_map(|tag| Some((version(tag), TagName::new(tag).ok()?))).collect();
    tags.sort_unstable_by(|one, other| other.cmp(one));
    for (_, tag) in tags.into_iter().take(READ) {
        let ledger = remote.ledger(&tag).await?;
        if ledger.under_way() && !has_gone_back(&ledger) {
            return Ok(ledger.plan().cloned());
        }
    }
    Ok(None)
}

/// The version in a tag, only for sorting.
fn version(tag: &str) -> Option<Version> {
    Version::read(tag.get(tag.find(|letter: char| letter.is_ascii_digit())?..)?).ok()
}

/// Whether the release was rolled back in a stage, so that it does not continue.
fn has_gone_back(ledger: &Ledger) -> bool {
    let plan = ledger.plan();
    plan.is_some_and(|plan| plan.stages.iter().any(|it| ledger.rolled_back(&it.name).is_some()))
}
