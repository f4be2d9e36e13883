//! Facts from a file, of this version or an older one.

use super::github;
use crate::facts::Facts;

/// Reads facts from a file. Versions that did not save an [`Origin`] with each check supported only
/// GitHub, so GitHub's adapter determines the missing origin.
///
/// # Errors
/// When the bytes are no facts.
///
/// [`Origin`]: crate::facts::Origin
pub fn saved(bytes: &[u8]) -> Result<Facts, serde_json::Error> {
    let mut facts: Facts = serde_json::from_slice(bytes)?;
    let same_tree = facts.same_tree.known_mut().into_iter().flatten();
    let all = facts.checks.known_mut().into_iter().chain(same_tree);
    all.flat_map(|checks| &mut checks.runs).for_each(github::complete);
    Ok(facts)
}
