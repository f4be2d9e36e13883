//! Finds the push that added a commit to its branch.

use super::client::{ApiRequest, Http};
use super::part::unless_limited;
use super::retry::{Page, get};
use crate::base::names::{BranchName, Sha};
use crate::facts::{Push, Seen};
use crate::ports::PortError;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

/// One entry of a branch's activity: a push, a merge, or the creation or deletion of the branch.
#[derive(Deserialize)]
pub(super) struct Activity {
    before: String,
    after: String,
    timestamp: Timestamp,
}

/// The newest push that left the branch at the commit, among its newest hundred changes. `None` if
/// the list is complete and contains no such push, for example because the commit was pushed
/// together with a later one.
pub(super) async fn push(
    http: &Http,
    branch: &BranchName,
    commit: &Sha,
) -> Result<Seen<Option<Push>>, PortError> {
    let name = super::wire::encode(&format!("refs/heads/{branch}"));
    let slug = &http.settings.repository;
    let target = format!("/repos/{slug}/activity?ref={name}&per_page=100");
    let ask = ApiRequest {
        what: "read the branch's pushes",
        endpoint: "GET /repos/{}/activity",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "contents: read",
    };
    let page = match get::<Vec<Activity>>(http, &ask).await {
        Ok(Some(page)) => page,
        Ok(None) => return Ok(Seen::unseen("GitHub does not report pushes")),
        Err(error) => return unless_limited(error),
    };
    Ok(newest(page, branch, commit))
}

/// The newest change on a page after which the branch pointed to the commit.
pub(super) fn newest(
    page: Page<Vec<Activity>>,
    branch: &BranchName,
    commit: &Sha,
) -> Seen<Option<Push>> {
    let here = page.value.into_iter().filter(|entry| entry.after == commit.as_str());
    match here.max_by_key(|entry| entry.timestamp) {
        Some(entry) => {
            // Zeros mean that the branch did not exist.
            let before = Sha::new(entry.before).ok();
            let before = before.filter(|sha| sha.as_str().bytes().any(|digit| digit != b'0'));
            Seen::Known(Some(Push { at: entry.timestamp, before }))
        }
        None if page.next.is_some() => {
            Seen::unseen(format!("it is not among the newest 100 changes of `{branch}`"))
        }
        None => Seen::Known(None),
    }
}
