//! `/environments`, and runs with the reviews that let them in.

use super::links;
use super::message::Answer;
use super::visit::Visit;
use super::wire::{self, time, user};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tminus::adapters::sim::{SimApproval, State};
use tminus::base::names::EnvironmentName;
use tminus::facts::environment::{AllowedRefs, Protection, Reviewer};

/// `/environments/{name}`.
pub(crate) fn one(visit: &Visit<'_>, name: &str) -> Result<Answer, Answer> {
    let (name, protection) = find(visit, name)?;
    let at = time(visit.shared.world()?.now);
    let policy = match &protection.refs {
        AllowedRefs::Any => Value::Null,
        AllowedRefs::Protected => {
            json!({ "protected_branches": true, "custom_branch_policies": false })
        }
        AllowedRefs::Patterns(_) => {
            json!({ "protected_branches": false, "custom_branch_policies": true })
        }
    };
    let mut body = place(visit, &name, &at);
    if let Some(body) = body.as_object_mut() {
        body.insert("protection_rules".into(), rules(visit, &protection).into());
        body.insert("deployment_branch_policy".into(), policy);
    }
    Ok(Answer::json(200, &body))
}

fn find(visit: &Visit<'_>, name: &str) -> Result<(EnvironmentName, Protection), Answer> {
    may_read(visit)?;
    let world = visit.shared.world()?;
    let found = world.environments.iter().find(|(held, _)| held.is_called(name));
    found.map(|(name, held)| (name.clone(), held.clone())).ok_or_else(Answer::missing)
}

fn may_read(visit: &Visit<'_>) -> Result<(), Answer> {
    if visit.scopes.actions { Ok(()) } else { Err(Answer::forbidden("actions=read")) }
}

fn place(visit: &Visit<'_>, name: &EnvironmentName, at: &str) -> Value {
    let (repo, web) = (visit.places.repo(), &visit.places.web);
    json!({
        "id": 161_088_068, "node_id": format!("EN_{name}"), "name": name,
        "url": format!("{repo}/environments/{name}"),
        "html_url": format!("{web}/{}/deployments/activity_log", visit.places.repository),
        "created_at": at, "updated_at": at,
    })
}

fn rules(visit: &Visit<'_>, protection: &Protection) -> Vec<Value> {
    let mut rules = Vec::new();
    if protection.wait_minutes > 0 {
        let minutes = protection.wait_minutes;
        rules.push(json!({
            "id": 1, "node_id": "GA_1", "type": "wait_timer", "wait_timer": minutes,
        }));
    }
    if !protection.reviewers.is_empty() {
        let all: Vec<_> = protection.reviewers.iter().map(|one| reviewer(visit, one)).collect();
        rules.push(json!({
            "id": 2, "node_id": "GA_2", "type": "required_reviewers",
            "prevent_self_review": protection.prevents_self_review, "reviewers": all,
        }));
    }
    if protection.refs != AllowedRefs::Any {
        rules.push(json!({ "id": 3, "node_id": "GA_3", "type": "branch_policy" }));
    }
    rules
}

fn reviewer(visit: &Visit<'_>, reviewer: &Reviewer) -> Value {
    match reviewer {
        Reviewer::User(login) => {
            json!({ "type": "User", "reviewer": user(&visit.places, login, "User") })
        }
        Reviewer::Team(slug) => {
            let url = format!("{}/teams/1", visit.places.api);
            json!({
                "type": "Team",
                "reviewer": {
                    "id": 1, "node_id": "T_1", "url": url, "name": slug, "slug": slug,
                    "html_url": format!("{}/orgs/acme/teams/{slug}", visit.places.web),
                    "members_url": format!("{url}/members{{/member}}"), "description": "",
                    "permission": "pull", "privacy": "closed",
                    "repositories_url": format!("{url}/repos"), "parent": null,
                    "type": "organization",
                },
            })
        }
    }
}

/// `/environments/{name}/deployment-branch-policies`.
pub(crate) fn patterns(visit: &Visit<'_>, name: &str) -> Result<Answer, Answer> {
    let (name, protection) = find(visit, name)?;
    let AllowedRefs::Patterns(patterns) = protection.refs else { return Err(Answer::missing()) };
    let one = |(n, pattern): (usize, &tminus::facts::environment::RefPattern)| {
        let kind = if pattern.tag { "tag" } else { "branch" };
        json!({
            "id": 361_471 + n, "node_id": format!("BP_{n}"), "name": pattern.name, "type": kind,
        })
    };
    let all: Vec<_> = patterns.iter().enumerate().map(one).collect();
    let name = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC);
    let tail = format!("environments/{name}/deployment-branch-policies");
    Ok(links::page_of(visit.ask, "branch_policies", all, &visit.list(&tail)))
}

/// `/environments/{name}/deployment_protection_rules`.
pub(crate) fn custom_rules(visit: &Visit<'_>, name: &str) -> Result<Answer, Answer> {
    let (_, protection) = find(visit, name)?;
    let rule = |app: &String| {
        json!({
            "id": 3, "node_id": "IEH37kRlcGxveW1lbnRTdGF0ddiv", "enabled": true,
            "app": {
                "id": 1, "node_id": "A_1", "slug": app,
                "integration_url": format!("{}/apps/{app}", visit.places.api),
            },
        })
    };
    let all: Vec<_> = protection.apps.iter().map(rule).collect();
    let body = json!({ "total_count": all.len(), "custom_deployment_protection_rules": all });
    Ok(Answer::json(200, &body))
}

/// `/actions/runs`: those that somebody reviewed, newest first.
pub(crate) fn runs(visit: &Visit<'_>) -> Result<Answer, Answer> {
    may_read(visit)?;
    let head = visit.ask.query("head_sha");
    let since = visit
        .ask
        .query("created")
        .and_then(|text| text.strip_prefix(">=").and_then(|text| text.parse::<Timestamp>().ok()));
    let counts = |one: &&SimApproval| {
        head.as_deref().is_none_or(|head| head == one.commit.as_str())
            && since.is_none_or(|since| one.at >= since)
    };
    let world = visit.shared.world()?;
    let mut all: Vec<&SimApproval> = world.approvals.iter().filter(counts).collect();
    all.sort_by_key(|one| std::cmp::Reverse((one.at, one.approval.run)));
    all.dedup_by_key(|one| one.approval.run);
    let all = all.into_iter().map(|one| run(visit, one)).collect();
    Ok(links::page_of(visit.ask, "workflow_runs", all, &visit.list("actions/runs")))
}

fn run(visit: &Visit<'_>, one: &SimApproval) -> Value {
    let (id, at) = (one.approval.run, time(one.at));
    let options = &visit.shared.options;
    let url = format!("{}/actions/runs/{id}", visit.places.repo());
    let page = format!("{}/{}/actions/runs/{id}", visit.places.web, visit.places.repository);
    let actor = one.approval.started_by.as_deref().unwrap_or("ghost");
    let repository =
        wire::repository(&visit.places, super::manners::REPOSITORY_ID, &options.branch, false);
    json!({
        "id": id, "name": "release", "node_id": format!("WFR_{id}"), "check_suite_id": id,
        "check_suite_node_id": format!("CS_{id}"), "head_branch": options.branch,
        "head_sha": one.commit, "path": ".github/workflows/release.yml", "run_number": 1,
        "run_attempt": 1, "event": "workflow_dispatch", "display_title": "release",
        "status": "in_progress", "conclusion": null, "workflow_id": 1, "url": url,
        "html_url": one.approval.url.as_deref().unwrap_or(&page), "pull_requests": [],
        "created_at": at, "updated_at": at, "run_started_at": at,
        "actor": user(&visit.places, actor, "User"),
        "triggering_actor": user(&visit.places, actor, "User"),
        "jobs_url": format!("{url}/jobs"), "logs_url": format!("{url}/logs"),
        "check_suite_url": format!("{}/check-suites/{id}", visit.places.repo()),
        "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"), "previous_attempt_url": null,
        "workflow_url": format!("{}/actions/workflows/1", visit.places.repo()),
        "head_commit": {
            "id": one.commit, "tree_id": one.commit, "message": "", "timestamp": at,
            "author": { "name": "Ada", "email": "ada@example.com" },
            "committer": { "name": "Ada", "email": "ada@example.com" },
        },
        "repository": repository, "head_repository": repository,
    })
}

/// `/actions/runs/{id}/approvals`.
pub(crate) fn approvals(visit: &Visit<'_>, run: u64) -> Result<Answer, Answer> {
    may_read(visit)?;
    let world = visit.shared.world()?;
    let of_run = |one: &&SimApproval| one.approval.run == run;
    let all = world.approvals.iter().filter(of_run).map(|one| review(visit, one, &world));
    let all: Vec<_> = all.collect();
    if all.is_empty() { Err(Answer::missing()) } else { Ok(Answer::json(200, &all.into())) }
}

fn review(visit: &Visit<'_>, one: &SimApproval, world: &State) -> Value {
    json!({
        "state": "approved", "comment": "", "user": user(&visit.places, &one.approval.by, "User"),
        "environments": [place(visit, &one.environment, &time(world.now))],
    })
}
