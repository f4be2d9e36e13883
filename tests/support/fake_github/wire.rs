//! REST's JSON, whole as GitHub's OpenAPI demands it.

use super::manners::REPOSITORY_ID;
use super::options::Options;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tminus::adapters::sim::{Pull, SimRelease};
use tminus::base::names::Sha;
use tminus::facts::RemoteAsset;

/// Where things are.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// Base of the REST API that was asked.
    pub(crate) api: String,
    /// Base of uploads.
    pub(crate) uploads: String,
    /// Base of web pages.
    pub(crate) web: String,
    /// `owner/name`.
    pub(crate) repository: String,
}

impl Places {
    pub(crate) fn repo(&self) -> String {
        format!("{}/repos/{}", self.api, self.repository)
    }
}

/// Seconds are as fine as GitHub tells.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An account.
pub(crate) fn user(places: &Places, login: &str, kind: &str) -> Value {
    let mut user = Map::new();
    let api = format!("{}/users/{}", places.api, login.replace("[bot]", "%5Bbot%5D"));
    user.insert("login".into(), login.into());
    user.insert("id".into(), 41_898_282.into());
    user.insert("node_id".into(), "MDM6Qm90NDE4OTgyODI=".into());
    user.insert("avatar_url".into(), format!("{}/avatars/in/15368", places.web).into());
    user.insert("gravatar_id".into(), "".into());
    user.insert("url".into(), api.clone().into());
    user.insert("html_url".into(), format!("{}/{}", places.web, login.replace("[bot]", "")).into());
    for name in [
        "followers",
        "following",
        "gists",
        "starred",
        "subscriptions",
        "organizations",
        "repos",
        "events",
        "received_events",
    ] {
        user.insert(format!("{name}_url"), format!("{api}/{name}").into());
    }
    user.insert("type".into(), kind.into());
    user.insert("site_admin".into(), false.into());
    Value::Object(user)
}

/// A release.
pub(crate) fn release(places: &Places, held: &SimRelease) -> Value {
    let one = &held.release;
    let (repo, id) = (places.repo(), one.id);
    let page = if one.draft { format!("untagged-{id:020x}") } else { one.tag.clone() };
    let web = format!("{}/{}", places.web, places.repository);
    let assets: Vec<_> = one.assets.iter().map(|it| asset(places, held, it)).collect();
    let upload = format!("{}/repos/{}/releases/{id}/assets", places.uploads, places.repository);
    json!({
        "url": format!("{repo}/releases/{id}"),
        "assets_url": format!("{repo}/releases/{id}/assets"),
        "upload_url": format!("{upload}{{?name,label}}"),
        "html_url": format!("{web}/releases/tag/{page}"),
        "id": id,
        "author": user(places, "github-actions[bot]", "Bot"),
        "node_id": format!("RE_{id}"),
        "tag_name": one.tag,
        "target_commitish": one.target,
        "name": one.name,
        "draft": one.draft,
        "immutable": held.immutable,
        "prerelease": one.prerelease,
        "created_at": time(held.created),
        "updated_at": time(held.published.unwrap_or(held.created)),
        "published_at": held.published.filter(|_| !one.draft).map(time),
        "assets": assets,
        "tarball_url": (!one.draft).then(|| format!("{repo}/tarball/{}", one.tag)),
        "zipball_url": (!one.draft).then(|| format!("{repo}/zipball/{}", one.tag)),
        "body": one.body,
    })
}

/// An asset.
pub(crate) fn asset(places: &Places, held: &SimRelease, asset: &RemoteAsset) -> Value {
    let web = format!("{}/{}", places.web, places.repository);
    let state = if asset.uploaded { "uploaded" } else { "starter" };
    json!({
        "url": format!("{}/releases/assets/{}", places.repo(), asset.id),
        "id": asset.id,
        "node_id": format!("RA_{}", asset.id),
        "name": asset.name,
        "label": "",
        "uploader": user(places, "github-actions[bot]", "Bot"),
        "content_type": "application/octet-stream",
        "state": state,
        "size": asset.size,
        "digest": asset.digest.as_ref().map(|digest| format!("sha256:{digest}")),
        "download_count": 0,
        "created_at": time(held.created),
        "updated_at": time(held.created),
        "browser_download_url":
            format!("{web}/releases/download/{}/{}", held.release.tag, asset.name),
    })
}

/// A file of another repository at a commit, with its content up to 1 MiB; without, as in a list.
pub(crate) fn content(
    places: &Places,
    repository: &str,
    (path, commit): (&str, &str),
    bytes: Option<&[u8]>,
) -> Value {
    let (at, id) = (path.replace(' ', "%20"), "2".repeat(40));
    let url = format!("{}/repos/{repository}/contents/{at}?ref={commit}", places.api);
    let web = format!("{}/{repository}/blob/{commit}/{at}", places.web);
    let git = format!("{}/repos/{repository}/git/blobs/{id}", places.api);
    let mut content = json!({
        "type": "file", "size": bytes.map_or(0, <[u8]>::len),
        "name": path.rsplit('/').next(), "path": path, "sha": id, "url": url,
        "git_url": git, "html_url": web, "download_url": web.replace("/blob/", "/raw/"),
        "_links": { "git": git, "self": url, "html": web },
    });
    if let (Some(bytes), Some(content)) = (bytes, content.as_object_mut()) {
        let small = bytes.len() <= 1 << 20;
        let mut text = if small { STANDARD.encode(bytes) } else { String::new() };
        // GitHub breaks the lines.
        if text.len() > 60 {
            text.insert(60, '\n');
        }
        content.insert("encoding".into(), if small { "base64" } else { "none" }.into());
        content.insert("content".into(), text.into());
    }
    content
}

/// A pull request.
pub(crate) fn pull(places: &Places, options: &Options, number: usize, pull: &Pull) -> Value {
    let (repo, branch) = (places.repo(), options.branch.as_str());
    let web = format!("{}/{}/pull/{number}", places.web, places.repository);
    let (url, issue) = (format!("{repo}/pulls/{number}"), format!("{repo}/issues/{number}"));
    let statuses = format!("{repo}/statuses/{}", pull.head);
    let repository = repository(places, REPOSITORY_ID, branch, options.private);
    let owner = places.repository.split_once('/').unwrap_or_default().0;
    let base = pull.merge.as_ref().unwrap_or(&pull.head);
    let end = |label: &str, sha: &Sha, repo: Value| {
        json!({
            "label": format!("{owner}:{label}"), "ref": label, "sha": sha.as_str(),
            "repo": repo, "user": user(places, owner, "Organization"),
        })
    };
    let at = pull.merged_at.map(time);
    let link = |address: String| json!({ "href": address });
    json!({
        "url": url, "id": number, "node_id": format!("PR_{number}"), "html_url": web,
        "diff_url": format!("{web}.diff"), "patch_url": format!("{web}.patch"),
        "issue_url": issue, "commits_url": format!("{url}/commits"),
        "review_comments_url": format!("{url}/comments"),
        "review_comment_url": format!("{repo}/pulls/comments{{/number}}"),
        "comments_url": format!("{issue}/comments"), "statuses_url": statuses,
        "number": number, "state": if pull.merge.is_some() { "closed" } else { "open" },
        "locked": false, "title": "A change", "user": user(places, "octocat", "User"),
        "body": null, "labels": [], "milestone": null, "active_lock_reason": null,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": at.clone().unwrap_or("2026-01-01T00:00:00Z".into()),
        "closed_at": at, "merged_at": at,
        "merge_commit_sha": pull.merge.as_ref().map(Sha::as_str),
        "assignee": null, "assignees": [], "requested_reviewers": [], "requested_teams": [],
        // The repository of a fork can be gone.
        "head": end("change", &pull.head, if pull.fork { Value::Null } else { repository.clone() }),
        "base": end(branch, base, repository),
        "_links": {
            "self": link(url.clone()), "html": link(web), "issue": link(issue.clone()),
            "comments": link(format!("{issue}/comments")),
            "review_comments": link(format!("{url}/comments")),
            "review_comment": link(format!("{repo}/pulls/comments{{/number}}")),
            "commits": link(format!("{url}/commits")), "statuses": link(statuses.clone()),
        },
        "author_association": "CONTRIBUTOR", "auto_merge": null, "draft": false,
    })
}

/// The repository.
pub(crate) fn repository(places: &Places, id: u64, branch: &str, private: bool) -> Value {
    let (owner, name) = places.repository.split_once('/').unwrap_or_default();
    let (repo, web) = (places.repo(), format!("{}/{}", places.web, places.repository));
    let mut all = plain(&repo);
    let rest = json!({
        "id": id, "node_id": format!("R_{id}"), "name": name, "full_name": places.repository,
        "owner": user(places, owner, "Organization"), "private": private, "html_url": web,
        "description": null, "url": repo, "clone_url": format!("{web}.git"),
        "git_url": format!("{web}.git").replace("http", "git"),
        "ssh_url": format!("git@localhost:{}.git", places.repository), "svn_url": web,
        "mirror_url": null, "homepage": null, "language": null, "license": null,
        "default_branch": branch, "has_issues": true, "has_projects": true,
        "pushed_at": "2026-01-01T00:00:00Z", "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "visibility": if private { "private" } else { "public" },
    });
    all.extend(rest.as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

/// What every repository has in common: addresses below it, and nothing in it.
fn plain(repo: &str) -> Map<String, Value> {
    let mut all = Map::new();
    for key in [
        "archive",
        "assignees",
        "blobs",
        "branches",
        "collaborators",
        "comments",
        "commits",
        "compare",
        "contents",
        "contributors",
        "deployments",
        "downloads",
        "events",
        "forks",
        "git_commits",
        "git_refs",
        "git_tags",
        "hooks",
        "issue_comment",
        "issue_events",
        "issues",
        "keys",
        "labels",
        "languages",
        "merges",
        "milestones",
        "notifications",
        "pulls",
        "releases",
        "stargazers",
        "statuses",
        "subscribers",
        "subscription",
        "tags",
        "teams",
        "trees",
    ] {
        all.insert(format!("{key}_url"), format!("{repo}/{}", key.replace('_', "/")).into());
    }
    for key in [
        "forks",
        "forks_count",
        "open_issues",
        "open_issues_count",
        "size",
        "stargazers_count",
        "watchers",
        "watchers_count",
        "network_count",
        "subscribers_count",
    ] {
        all.insert(key.into(), 0.into());
    }
    for key in [
        "has_wiki",
        "has_pages",
        "has_downloads",
        "has_discussions",
        "archived",
        "disabled",
        "fork",
    ] {
        all.insert(key.into(), false.into());
    }
    all
}
