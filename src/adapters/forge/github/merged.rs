//! When a commit was merged.

use super::client::{ApiRequest, Http};
use super::retry::get;
use crate::base::names::Sha;
use crate::ports::PortError;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

/// A pull request that contains a commit.
#[derive(Deserialize)]
pub(super) struct Containing {
    merged_at: Option<Timestamp>,
    merge_commit_sha: Option<Sha>,
}

/// The pull requests of a commit
/// (<https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit>).
pub(super) async fn merged(http: &Http, commit: &Sha) -> Result<Option<Timestamp>, PortError> {
    let slug = &http.settings.repository;
    let target = format!("/repos/{slug}/commits/{commit}/pulls?per_page=100");
    let ask = ApiRequest {
        what: "read the pull requests of the commit",
        endpoint: "GET /repos/{}/commits/{}/pulls",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "pull-requests: read",
    };
    let page = get::<Vec<Containing>>(http, &ask).await?;
    Ok(page.and_then(|page| latest(page.value, commit)))
}

/// The merge as this commit; else, as for the commits of a merge commit, the last one.
pub(super) fn latest(all: Vec<Containing>, commit: &Sha) -> Option<Timestamp> {
    let merged = all.into_iter().filter_map(|one| Some((one.merged_at?, one.merge_commit_sha)));
    let best = merged.max_by_key(|(at, sha)| (sha.as_ref() == Some(commit), *at));
    best.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pull_request_merged_as_this_commit_takes_precedence() {
        let sha = "1".repeat(40);
        let read = |text: &str| {
            let all: Vec<Containing> = serde_json::from_str(text).unwrap();
            latest(all, &Sha::new(sha.clone()).unwrap()).map(|at| at.to_string())
        };
        let (here, other) = (&sha, "2".repeat(40));
        let both = format!(
            r#"[{{"merged_at":"2026-01-02T00:00:00Z","merge_commit_sha":"{other}"}},
                {{"merged_at":"2026-01-01T00:00:00Z","merge_commit_sha":"{here}"}},
                {{"merged_at":null,"merge_commit_sha":"{here}"}}]"#
        );
        assert_eq!(read(&both).unwrap(), "2026-01-01T00:00:00Z");
        let open = r#"[{"merged_at":null,"merge_commit_sha":null}]"#;
        assert_eq!(read(open), None);
    }
}
