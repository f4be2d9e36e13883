//! Which manifest is used for a commit.

use super::merge::manifest_at;
use super::request::{ObserveError, ObserveRequest};
use crate::base::names::Sha;
use crate::base::source::Source;
use crate::ports::ReadPorts;
use crate::project::manifest::{self, Kinds, Manifest};

/// The manifest of a commit. Only the commit is read, so that an invalid manifest is reported before
/// any request.
pub(super) fn read_manifest(
    read_ports: &ReadPorts<'_>,
    order: &ObserveRequest,
    sha: &Sha,
) -> Result<Manifest, ObserveError> {
    parsed(source_at(read_ports, order, sha)?, &order.kinds)
}

pub(super) fn parsed(source: Source, kinds: &Kinds) -> Result<Manifest, ObserveError> {
    manifest::read(source.clone(), kinds)
        .map_err(|findings| ObserveError::Manifest { source_file: source, findings })
}

/// The text of the manifest that is used for `HEAD`.
///
/// # Errors
/// When there is no commit or no manifest.
pub fn manifest_source(
    read_ports: &ReadPorts<'_>,
    order: &ObserveRequest,
) -> Result<Source, ObserveError> {
    let head = read_ports.repository.head()?.ok_or(ObserveError::NoCommits)?;
    source_at(read_ports, order, &head.commit)
}

/// The text of the manifest to use. For a merge, this is the manifest on the base branch, never the
/// one in the merge.
fn source_at(
    read_ports: &ReadPorts<'_>,
    order: &ObserveRequest,
    sha: &Sha,
) -> Result<Source, ObserveError> {
    if let Some(source) = &order.manifest {
        return Ok(source.clone());
    }
    let Some(merging) = &order.merging else {
        return manifest_at(read_ports, sha)?
            .ok_or_else(|| ObserveError::NoManifest(sha.short().to_owned()));
    };
    let onto = merging.onto.short();
    let mut source = manifest_at(read_ports, &merging.onto)?
        .ok_or_else(|| ObserveError::NoManifest(onto.to_owned()))?;
    let brought = manifest_at(read_ports, sha).ok().flatten();
    if brought.is_none_or(|brought| brought != source) {
        // Written as `BRANCH:FILE`, as in git, because the report mentions two manifests.
        source.name = format!("{}:{}", merging.base, source.name);
    }
    Ok(source)
}
