//! The tags, and the ledger of a release, by the refs of the remote or of the local repository.

use super::files::carried;
use super::line::{Tags, version_tags};
use super::request::ObserveRequest;
use super::unseen::{from_port, unseen};
use crate::base::names::Sha;
use crate::facts::{Seen, TagAt};
use crate::judge::target::Target;
use crate::ports::{PortError, ReadPorts, RefAt, Repository, RepositoryError};
use crate::project::manifest::Manifest;
use crate::release::ledger::Ledger;

/// The refs of the remote, or the tags of the local repository if the remote must not be used.
pub(super) enum Refs {
    Remote(Result<Vec<RefAt>, PortError>),
    Local(Result<Vec<RefAt>, RepositoryError>),
}

pub(super) async fn refs(read_ports: &ReadPorts<'_>, order: &ObserveRequest) -> Refs {
    match read_ports.remote {
        Some(remote) if order.fetch => Refs::Remote(remote.refs().await),
        Some(_) | None => Refs::Local(read_ports.repository.tags()),
    }
}

impl Refs {
    /// Every ref, or why there is none to list.
    pub(super) fn list<T>(&self) -> Result<&[RefAt], Seen<T>> {
        match self {
            Self::Remote(Ok(refs)) | Self::Local(Ok(refs)) => Ok(refs),
            Self::Local(Err(error)) => Err(unseen(error.clone())),
            Self::Remote(Err(error)) => Err(Seen::unseen_help(
                format!("the remote's refs cannot be listed: {}", error.why()),
                "check that `git ls-remote` works, or use only local tags with `--offline`",
            )),
        }
    }

    /// Every tag that contains a version.
    pub(super) fn tags(&self, manifest: &Manifest, names: &[String]) -> Seen<Tags> {
        match self.list() {
            Ok(refs) => Seen::Known(version_tags(manifest, names, refs)),
            Err(unseen) => unseen,
        }
    }

    /// The tag of the version, and the commit that it points to.
    pub(super) fn tag(
        &self,
        repository: &dyn Repository,
        manifest: &Manifest,
        target: Option<&Target>,
        sha: &Sha,
    ) -> Seen<Option<TagAt>> {
        let Some(target) = target else {
            return Seen::unseen("the version to release is not known");
        };
        let refs = match self.list() {
            Ok(refs) => refs,
            Err(unseen) => return unseen,
        };
        let name = format!("refs/tags/{}", target.tag);
        let Some(found) = refs.iter().find(|at| at.name == name) else {
            return Seen::Known(None);
        };
        match repository.is_ancestor(&found.commit, sha) {
            Ok(ancestor) => {
                let carries = carried(repository, manifest, &found.commit);
                let RefAt { object, commit, .. } = found.clone();
                Seen::Known(Some(TagAt { object, commit, ancestor, carries }))
            }
            Err(error) => unseen(error),
        }
    }

    /// The ledger of the version.
    pub(super) async fn ledger(
        &self,
        read_ports: &ReadPorts<'_>,
        target: Option<&Target>,
    ) -> Seen<Ledger> {
        let Some(target) = target else { return Seen::not_asked() };
        let Some(remote) = read_ports.remote else {
            return Seen::unseen_help("the remote was not read", "run without `--no-fetch`");
        };
        let name = format!("refs/tminus/releases/{}", target.tag);
        match self {
            Self::Remote(Ok(refs)) if !refs.iter().any(|at| at.name == name) => {
                return Seen::Known(Ledger::default());
            }
            Self::Remote(Err(error)) => return from_port(error),
            Self::Remote(Ok(_)) | Self::Local(_) => {}
        }
        match remote.ledger(&target.tag).await {
            Ok(ledger) => Seen::Known(ledger),
            Err(error) => from_port(&error),
        }
    }
}
