//! Pull requests, trees, pushes and classic protection.

use super::bare;
use super::checks::{connection, forbidden};
use super::manners::REPOSITORY_ID;
use super::message::Answer;
use super::options::Options;
use super::tracking;
use super::view::View;
use super::visit::Visit;
use super::wire::{self, time};
use serde_json::{Value, json};
use tminus::adapters::sim::{Pull, State};
use tminus::base::names::Sha;
use tminus::facts::RequiredCheck;
use tminus::project::manifest::Pattern;

/// Classic protection of the branches that fit a pattern.
#[derive(Debug, Clone)]
pub(crate) struct Classic {
    pub(crate) pattern: String,
    pub(crate) checks: Vec<RequiredCheck>,
}

impl Classic {
    fn names(&self) -> Vec<&str> {
        self.checks.iter().map(|check| check.name.as_str()).collect()
    }
}

/// The protection that holds for a branch.
fn classic_of<'o>(options: &'o Options, branch: &str) -> Option<&'o Classic> {
    let named = options.classic.iter().find(|classic| classic.pattern == branch);
    let fits = |classic: &&Classic| {
        Pattern::new(&classic.pattern).is_ok_and(|pattern| pattern.matches(branch))
    };
    named.or_else(|| options.classic.iter().find(fits))
}

/// Protection as everybody sees it.
pub(crate) fn update_rule(options: &Options, branch: &str) -> Value {
    classic_of(options, branch).map_or(Value::Null, |classic| {
        json!({
            "__typename": "RefUpdateRule", "pattern": classic.pattern,
            "requiredStatusCheckContexts": classic.names(), "requiresSignatures": false,
            "requiresLinearHistory": false, "requiredApprovingReviewCount": null,
            "viewerCanPush": true, "allowsForcePushes": false,
        })
    })
}

/// Protection as administrators see it.
pub(crate) fn protection_rule(visit: &Visit<'_>, branch: &str) -> Value {
    if !visit.scopes.admin {
        return forbidden();
    }
    classic_of(&visit.shared.options, branch).map_or(Value::Null, protection)
}

/// All patterns.
pub(crate) fn protections(visit: &Visit<'_>) -> Value {
    if !visit.scopes.admin {
        return forbidden();
    }
    let classic = &visit.shared.options.classic;
    connection("BranchProtectionRule", classic.iter().map(protection).collect())
}

fn protection(classic: &Classic) -> Value {
    let checks: Vec<_> = classic
        .checks
        .iter()
        .map(|check| {
            let app = check.app_id.map(
                |app| json!({ "__typename": "App", "id": "A_1", "databaseId": app, "slug": "app" }),
            );
            json!({
                "__typename": "RequiredStatusCheckDescription", "context": check.name, "app": app,
            })
        })
        .collect();
    json!({
        "__typename": "BranchProtectionRule", "id": "BPR_1", "pattern": classic.pattern,
        "requiresStatusChecks": !checks.is_empty(), "requiresStrictStatusChecks": false,
        "requiredStatusCheckContexts": classic.names(), "requiredStatusChecks": checks,
        "requiresDeployments": false, "requiredDeploymentEnvironments": [],
        "requiresCommitSignatures": false,
    })
}

/// The tree of a commit: the real one where there is a repository.
pub(crate) fn tree(options: &Options, world: &State, commit: &Sha) -> Value {
    let real = options.bare.as_ref().and_then(|path| bare::tree(path, commit));
    let id = real.or_else(|| world.tree_of(commit));
    id.map_or(
        Value::Null,
        |id| json!({ "__typename": "Tree", "id": format!("T_{id}"), "oid": id.as_str() }),
    )
}

/// The repository that a commit belongs to.
pub(crate) fn home(fork: bool) -> Value {
    let id = if fork { "R_fork".into() } else { format!("R_{REPOSITORY_ID}") };
    json!({ "__typename": "Repository", "id": id })
}

/// The pull requests that made a commit, and the open ones that it heads.
pub(crate) fn pulls(view: &View<'_>, commit: &str) -> Value {
    if !view.visit.scopes.pulls {
        return forbidden();
    }
    let ours = |(_, pull): &(usize, &Pull)| {
        let merge = pull.merge.as_ref();
        merge.is_some_and(|merge| merge.as_str() == commit) || pull.head.as_str() == commit
    };
    let pulls = view.world.pulls.iter().enumerate().filter(ours);
    connection("PullRequest", pulls.map(|(place, pull)| told(view, place + 1, pull)).collect())
}

/// A pull request of the list by its number, with its reviews.
pub(crate) fn numbered(view: &View<'_>, number: u64) -> Option<Value> {
    let number = usize::try_from(number).ok()?;
    let pull = view.world.pulls.get(number.checked_sub(1)?)?;
    if !view.visit.scopes.pulls {
        return Some(forbidden());
    }
    let of_pull = view.world.society.reviews.iter().filter(|one| one.pull == number).enumerate();
    let reviews = of_pull.map(|(n, one)| {
        json!({
            "__typename": "PullRequestReview", "id": format!("PRR_{n}"), "state": one.state,
            "url": format!("{}#pullrequestreview-{n}", page(view, number)),
            "submittedAt": time(one.at), "author": tracking::actor(&one.author),
            "commit": { "__typename": "Commit", "oid": one.commit.as_str() },
        })
    });
    let mut told = told(view, number, pull);
    if let Some(told) = told.as_object_mut() {
        told.insert("reviews".into(), connection("PullRequestReview", reviews.collect()));
    }
    Some(told)
}

fn page(view: &View<'_>, number: usize) -> String {
    let shared = &view.visit.shared;
    format!("{}/{}/pull/{number}", shared.base, shared.options.repository)
}

fn told(view: &View<'_>, number: usize, pull: &Pull) -> Value {
    let mut head = view.commit(&pull.head);
    if let Some(head) = head.as_object_mut() {
        head.insert("repository".into(), home(pull.fork));
    }
    let merge = pull.merge.as_ref().map(|merge| json!({ "__typename": "Commit", "oid": merge }));
    let commits = vec![json!({ "__typename": "PullRequestCommit", "id": "PRC_1", "commit": head })];
    json!({
        "__typename": "PullRequest", "id": format!("PR_{number}"), "number": number,
        "url": page(view, number),
        "state": if pull.merge.is_some() { "MERGED" } else { "OPEN" },
        "merged": pull.merge.is_some(), "mergeCommit": merge, "headRefOid": pull.head.as_str(),
        "isCrossRepository": pull.fork, "baseRefName": view.visit.shared.options.branch,
        "commits": connection("PullRequestCommit", commits),
    })
}

/// The pull requests that contain a commit. They are never many here.
pub(crate) fn of_commit(visit: &Visit<'_>, sha: &str) -> Result<Answer, Answer> {
    if !visit.scopes.pulls {
        return Err(Answer::forbidden("pull_requests=read"));
    }
    let options = &visit.shared.options;
    let there = options.bare.as_ref().is_none_or(|path| bare::commit(path, sha).is_some());
    let Some(commit) = Sha::new(sha).ok().filter(|_| there) else {
        return Err(Answer::error(422, &format!("No commit found for SHA: {sha}")));
    };
    let world = visit.shared.world()?;
    let pulls = world.pulls_of(&commit).into_iter().enumerate();
    let shown = pulls.map(|(place, pull)| wire::pull(&visit.places, options, place + 1, pull));
    Ok(Answer::json(200, &Value::Array(shown.collect())))
}

/// A branch's activity, newest first; its pages are addressed by cursors.
pub(crate) fn activity(visit: &Visit<'_>) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let asked = visit.ask.query("ref").unwrap_or_default();
    let asked = asked.trim_start_matches("refs/heads/");
    let size = visit.ask.query("per_page").and_then(|text| text.parse::<usize>().ok());
    let size = size.unwrap_or(30).clamp(1, 100);
    let after = visit.ask.query("after").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let mut pushes: Vec<_> = world.pushes.iter().collect();
    pushes.retain(|push| asked.is_empty() || push.branch.as_str() == asked);
    pushes.sort_by_key(|push| std::cmp::Reverse(push.at));
    let shown = pushes.iter().enumerate().skip(after).take(size);
    let shown: Vec<_> = shown
        .map(|(place, push)| {
            let before = push.before.as_ref().map_or_else(|| "0".repeat(40), Sha::to_string);
            let kind = if push.before.is_some() { "push" } else { "branch_creation" };
            json!({
                "id": place + 1, "node_id": format!("PSH_{place}"), "before": before,
                "after": push.after.as_str(), "ref": format!("refs/heads/{}", push.branch),
                "timestamp": time(push.at), "activity_type": kind,
                "actor": wire::user(&visit.places, "octocat", "User"),
            })
        })
        .collect();
    let end = after + shown.len();
    let answer = Answer::json(200, &Value::Array(shown));
    if end >= pushes.len() {
        return Ok(answer);
    }
    let at = visit.list("activity");
    let link = format!("<{at}?ref={asked}&per_page={size}&after={end}>; rel=\"next\"");
    Ok(answer.with("link", link))
}
