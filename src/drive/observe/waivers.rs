//! Reads the waivers from the head of the release's branch.

use super::branch::At;
use super::merge::fetch_branch_head;
use super::unseen::{from_port, unseen};
use crate::base::names::{BranchName, Sha};
use crate::base::number::grouped;
use crate::base::source::Source;
use crate::facts::{Facts, FileAt, Freshness, Seen, WaiverFile};
use crate::ports::{Fetch, ReadPorts, RefAt, RepositoryError};
use crate::project::manifest::yaml::MAX_BYTES;
use crate::project::waivers::PATH;

/// The waivers of the branch that the commit is on, or that a merge goes into.
pub(super) async fn waivers(at: &At<'_>, facts: &Facts) -> Seen<WaiverFile> {
    let branch = match facts.branch.known() {
        Ok(branch) => branch,
        Err(unseen) => return Seen::Unseen(unseen.clone()),
    };
    let (asked, head) = match at.refs {
        Some(Ok(refs)) => (Freshness::Now, head(refs, branch)),
        None => match at.read_ports.repository.branches() {
            Ok(branches) => (Freshness::LastFetch, branches.heads.get(branch).cloned()),
            Err(error) => return unseen(error),
        },
        Some(Err(error)) => return from_port(error),
    };
    read(at.read_ports, branch, asked, head, &facts.commit.sha).await
}

/// The same during a release, if the branch has moved.
pub(super) async fn waivers_again(read_ports: &ReadPorts<'_>, refs: &[RefAt], facts: &mut Facts) {
    if facts.waivers.is_not_asked() {
        return;
    }
    let Ok(branch) = facts.branch.known() else { return };
    let head = head(refs, branch);
    if facts.waivers.known().is_ok_and(|known| known.commit == head) {
        return;
    }
    let branch = branch.clone();
    facts.waivers = read(read_ports, &branch, Freshness::Now, head, &facts.commit.sha).await;
}

async fn read(
    read_ports: &ReadPorts<'_>,
    branch: &BranchName,
    asked: Freshness,
    head: Option<Sha>,
    judged: &Sha,
) -> Seen<WaiverFile> {
    let none = WaiverFile { branch: branch.clone(), asked, commit: head.clone(), source: None };
    let Some(head) = head else { return Seen::Known(none) };
    match file(read_ports, &head).await {
        Ok(FileAt::Absent) => Seen::Known(none),
        Ok(FileAt::Text(text)) => {
            // Written as `BRANCH:FILE`, as in git, because the evaluated commit may have a
            // different file.
            let name = if head == *judged { PATH.to_owned() } else { format!("{branch}:{PATH}") };
            Seen::Known(WaiverFile { source: Some(Source { name, text }), ..none })
        }
        Ok(FileAt::Binary) => Seen::unseen(format!("`{PATH}` is not UTF-8 text")),
        Ok(FileAt::TooLarge { bytes }) => Seen::unseen(format!(
            "`{PATH}` is too large: {} bytes (limit: {})",
            grouped(bytes),
            grouped(MAX_BYTES)
        )),
        Err(error) => unseen(error),
    }
}

/// The file at a commit. If the clone lacks the commit or the file, it is fetched.
async fn file(read_ports: &ReadPorts<'_>, sha: &Sha) -> Result<FileAt, RepositoryError> {
    fetch_branch_head(read_ports, sha).await;
    let first = read_ports.repository.file(sha, PATH);
    match (&first, read_ports.remote) {
        (Err(_), Some(remote)) => match remote.fetch(&Fetch::Commit(sha.clone())).await {
            Ok(()) => read_ports.repository.file(sha, PATH),
            Err(_) => first,
        },
        (Ok(_) | Err(_), _) => first,
    }
}

fn head(refs: &[RefAt], branch: &BranchName) -> Option<Sha> {
    let name = format!("refs/heads/{branch}");
    refs.iter().find(|at| at.name == name).map(|at| at.commit.clone())
}
