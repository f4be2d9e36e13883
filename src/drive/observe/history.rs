//! The commits since the last release, and the commits since this one.

use super::line::{self, Tags};
use super::request::ObserveRequest;
use super::unseen::unseen;
use crate::base::names::Sha;
use crate::base::version::Version;
use crate::facts::{History, Seen, TagAt};
use crate::ports::{Fetch, ReadPorts, Repository};
use crate::project::commits::Commit;

/// The history of a commit. If a shallow clone lacks part of it, that part is fetched.
pub(super) async fn history(
    (read_ports, order): (&ReadPorts<'_>, &ObserveRequest),
    sha: &Sha,
    tags: &Seen<Tags>,
    version: Option<&Version>,
    fetched: &mut Vec<String>,
) -> Seen<History> {
    let tags = match tags {
        Seen::Known(tags) => tags,
        Seen::Unseen(unseen) => return Seen::Unseen(unseen.clone()),
    };
    let read = || line::history(read_ports.repository, sha, tags, version);
    let seen = read();
    if matches!(seen, Seen::Known(_)) || !read_ports.repository.shallow() || !order.fetch {
        return seen;
    }
    let Some(remote) = read_ports.remote else { return seen };
    match remote.fetch(&Fetch::History).await {
        Ok(()) => {
            let seen = read();
            fetched.push("the missing history of the shallow clone".into());
            seen
        }
        Err(_) => seen,
    }
}

/// The commits since the version was released.
pub(super) fn after(
    repository: &dyn Repository,
    tag: &Seen<Option<TagAt>>,
    sha: &Sha,
) -> Seen<Vec<Commit>> {
    match tag {
        Seen::Known(Some(tag)) if tag.ancestor && tag.commit != *sha => {
            repository.between(&tag.commit, sha).unwrap_or_else(unseen)
        }
        Seen::Known(_) | Seen::Unseen(_) => Seen::not_asked(),
    }
}
