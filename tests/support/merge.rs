//! A branch that may be merged, and the events that GitHub tells of it.
#![allow(dead_code, clippy::unwrap_used, reason = "each suite uses another part")]

use super::story::Story;
use serde_json::{Value, json};
use tminus::base::names::BranchName;
use tminus::ports::PullRequest;

/// A workflow whose job reports the check that `story::MANIFEST` requires.
pub(crate) const WORKFLOW: &str =
    "on: [push, pull_request]\njobs:\n  build: { runs-on: ubuntu-latest }\n";

/// Gives `main` that workflow, and checks a branch `topic` out.
pub(crate) fn branch(story: &Story) {
    story.write("work/.github/workflows/ci.yml", WORKFLOW);
    story.push("ci: build");
    story.git("work", &["checkout", "-q", "-b", "topic"]);
}

/// Commits what was written on `topic`; GitHub tries the merge as that of pull request 7, and the
/// clone is left there, as a workflow's checkout leaves it.
pub(crate) fn propose(story: &Story, subject: &str, title: &str) {
    story.git("work", &["add", "-A"]);
    story.git("work", &["commit", "-q", "--allow-empty", "-m", subject]);
    story.git("work", &["checkout", "-q", "--detach", "main"]);
    story.git("work", &["merge", "-q", "--no-ff", "-m", "Merge topic into main", "topic"]);
    story.git("work", &["push", "-q", "origin", "HEAD:refs/pull/7/merge", "topic"]);
    let base = BranchName::new("main").unwrap();
    let head = story.sha("work", "topic");
    let pull = PullRequest { title: title.into(), base, head, fork: false };
    story.fake_github.with(|state| state.open_pulls.insert(7, pull.clone()));
}

/// The event of pull request 7, whose branch is in this repository.
pub(crate) fn pull(story: &Story, from: &str) -> Value {
    let [base, head] = ["main", "topic"].map(|name| story.sha("work", name));
    let title =
        story.fake_github.with(|state| state.open_pulls.get(&7).map(|pull| pull.title.clone()));
    json!({
        "action": "synchronize", "number": 7,
        "pull_request": {
            "number": 7, "title": title,
            "base": { "ref": "main", "sha": base, "repo": { "full_name": "acme/widget" } },
            "head": {
                "ref": "evil`id`", "sha": head,
                "repo": { "full_name": from, "fork": from != "acme/widget" },
            },
        },
        "repository": { "full_name": "acme/widget", "default_branch": "main" },
    })
}

/// The event of the group that the merge queue made of pull request 7.
pub(crate) fn group(story: &Story) -> Value {
    let [base, head] = ["main", "HEAD"].map(|name| story.sha("work", name));
    json!({
        "action": "checks_requested",
        "merge_group": {
            "head_sha": head, "base_sha": base, "base_ref": "refs/heads/main",
            "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-7-{base}"),
        },
        "repository": { "full_name": "acme/widget", "default_branch": "main" },
    })
}
