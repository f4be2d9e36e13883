//! Finds releases that were started and are not finished.

use super::unseen::from_port;
use crate::base::names::TagName;
use crate::base::version::Version;
use crate::facts::Seen;
use crate::ports::{PortError, ReadPorts};
use crate::release::in_flight::InFlight;
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
    for tag in highest(read_ports).await? {
        let ledger = remote.ledger(&tag).await?;
        if ledger.under_way() && !has_gone_back(&ledger) {
            return Ok(ledger.plan().cloned());
        }
    }
    Ok(None)
}

/// All unfinished releases among those with the highest versions, of any package, except for one tag.
pub async fn in_flight(
    read_ports: &ReadPorts<'_>,
    except: Option<&TagName>,
) -> Seen<Vec<InFlight>> {
    let Some(remote) = read_ports.remote else { return Seen::unseen("the remote was not read") };
    let tags = match highest(read_ports).await {
        Ok(tags) => tags,
        Err(error) => return from_port(&error),
    };
    let mut found = Vec::new();
    for tag in tags.iter().filter(|tag| Some(*tag) != except) {
        match remote.ledger(tag).await {
            Ok(ledger) => found.extend(InFlight::of(&ledger)),
            Err(error) => return from_port(&error),
        }
    }
    Seen::Known(found)
}

/// The tags of the ledgers with the highest versions, highest first.
async fn highest(read_ports: &ReadPorts<'_>) -> Result<Vec<TagName>, PortError> {
    let Some(remote) = read_ports.remote else { return Ok(Vec::new()) };
    let refs = remote.refs().await?;
    let tags = refs.iter().filter_map(|at| at.name.strip_prefix("refs/tminus/releases/"));
    let mut tags: Vec<(Option<Version>, TagName)> =
        tags.filter_map(|tag| Some((version(tag), TagName::new(tag).ok()?))).collect();
    tags.sort_unstable_by(|one, other| other.cmp(one));
    Ok(tags.into_iter().take(READ).map(|(_, tag)| tag).collect())
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
