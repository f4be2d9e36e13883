//! `/deployments`. What the API does where nothing else is said is what surprises its users: it merges
//! the default branch, demands green checks, and sets older deployments to inactive.

use super::links;
use super::message::Answer;
use super::visit::{Visit, refused};
use super::wire::{time, user};
use super::{bare, checks::forbidden};
use serde_json::{Value, json};
use tminus::adapters::sim::{SimDeployment, State};
use tminus::base::names::{BranchName, Digest, EnvironmentName, Sha, StageName};
use tminus::facts::CheckState;
use tminus::facts::environment::{DeploymentMark, DeploymentState};
use tminus::ports::{NewDeployment, NewDeploymentStatus};

/// Characters of a description.
const MAX_DESCRIPTION: usize = 140;

/// `/deployments`, newest first.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Answer, Answer> {
    may_read(visit)?;
    let asked = |name: &str, value: &str| visit.ask.query(name).is_none_or(|text| text == value);
    let world = visit.shared.world()?;
    let counts = |one: &&SimDeployment| {
        let sha = one.deployment.commit.as_str();
        asked("environment", one.environment.as_str())
            && asked("sha", sha)
            && asked("ref", sha)
            && asked("task", "deploy")
    };
    let all = world.deployments.iter().rev().filter(counts);
    let all = all.map(|one| shown(visit, one)).collect();
    Ok(links::page(visit.ask, all, &visit.list("deployments")))
}

/// `/deployments/{id}`.
pub(crate) fn one(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    may_read(visit)?;
    let world = visit.shared.world()?;
    let held = find(&world, id).ok_or_else(Answer::missing)?;
    Ok(Answer::json(200, &shown(visit, held)))
}

fn may_read(visit: &Visit<'_>) -> Result<(), Answer> {
    if visit.scopes.deployments { Ok(()) } else { Err(Answer::forbidden("deployments=read")) }
}

fn may_write(visit: &Visit<'_>) -> Result<(), Answer> {
    if visit.scopes.deploy { Ok(()) } else { Err(Answer::forbidden("deployments=write")) }
}

fn find(world: &State, id: u64) -> Option<&SimDeployment> {
    world.deployments.iter().find(|one| one.deployment.id == id)
}

/// Makes a deployment.
pub(crate) fn create(visit: &Visit<'_>) -> Result<Answer, Answer> {
    may_write(visit)?;
    let wish = visit.ask.json()?;
    let text = |field: &str| wish.get(field).and_then(Value::as_str);
    let Some(name) = text("ref") else {
        return Err(Answer::invalid("Deployment", "missing_field", "ref", ""));
    };
    let description = text("description").unwrap_or_default();
    describes(description)?;
    let environment = EnvironmentName::new(text("environment").unwrap_or("production"));
    let environment =
        environment.map_err(|_| Answer::invalid("Deployment", "invalid", "environment", ""))?;
    let mut world = visit.shared.world()?;
    let branch = &visit.shared.options.branch;
    let head = BranchName::new(branch).ok().and_then(|name| world.heads.get(&name).cloned());
    let commit = match &visit.shared.options.bare {
        Some(path) => bare::commit(path, name),
        None if name == branch => head.clone(),
        None => Sha::new(name).ok(),
    };
    let commit = commit.ok_or_else(|| Answer::error(422, &format!("No ref found for: {name}")))?;
    if wish.get("auto_merge").and_then(Value::as_bool).unwrap_or(true)
        && head.is_some_and(|head| head != commit)
    {
        let text = format!("Auto-merged {branch} into {name} on deployment.");
        return Ok(Answer::json(202, &json!({ "message": text })));
    }
    refuse_unless_green(&wish, &world, &commit, name)?;
    let ours = ours(&wish);
    let mark = ours.clone().unwrap_or_else(nobodys);
    let new = NewDeployment { environment, commit, mark, description: description.into() };
    let made = world.create_deployment(&new);
    let held = world.deployments.iter_mut().find(|one| one.deployment.id == made.id);
    let held = held.ok_or_else(Answer::missing)?;
    held.deployment.mark = ours;
    let place = format!("{}/deployments/{}", visit.places.repo(), made.id);
    Ok(Answer::json(201, &shown(visit, held)).with("location", place))
}

fn describes(text: &str) -> Result<(), Answer> {
    if text.chars().count() <= MAX_DESCRIPTION {
        return Ok(());
    }
    let why = "description is too long (maximum is 140 characters)";
    Err(Answer::invalid("DeploymentStatus", "custom", "description", why))
}

/// All contexts count where none are named, the job's own among them.
fn refuse_unless_green(
    wish: &Value,
    world: &State,
    commit: &Sha,
    name: &str,
) -> Result<(), Answer> {
    let required = wish.get("required_contexts").and_then(Value::as_array);
    let checks = world.checks_of(commit).runs;
    let green = |name: &str| {
        let newest = checks.iter().rev().find(|check| check.name == name);
        newest.is_some_and(|check| match &check.state {
            CheckState::Pending(_) => false,
            CheckState::Finished(word) => word.word() == "success",
        })
    };
    let all: Vec<&str> = match required {
        Some(required) => required.iter().filter_map(Value::as_str).collect(),
        None => checks.iter().map(|check| check.name.as_str()).collect(),
    };
    if all.into_iter().all(green) {
        return Ok(());
    }
    let text = format!("Conflict: Commit status checks failed for {name}.");
    let errors = [json!({
        "contexts": [], "resource": "Deployment", "field": "required_contexts", "code": "invalid",
    })];
    Err(Answer::json(
        409,
        &json!({
            "message": text, "errors": errors,
            "documentation_url": "https://docs.github.com/rest/deployments/deployments",
            "status": "409",
        }),
    ))
}

fn ours(wish: &Value) -> Option<DeploymentMark> {
    serde_json::from_value(wish.pointer("/payload/tminus")?.clone()).ok()
}

/// Taken off again at once.
fn nobodys() -> DeploymentMark {
    DeploymentMark {
        plan: Digest::new(format!("sha256:{}", "0".repeat(64))).unwrap_or_else(|_| unreachable!()),
        stage: StageName::new("none").unwrap_or_else(|_| unreachable!()),
        entered: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn shown(visit: &Visit<'_>, held: &SimDeployment) -> Value {
    let (one, repo) = (&held.deployment, visit.places.repo());
    let (url, at) = (format!("{repo}/deployments/{}", one.id), time(one.at));
    let creator = one.by.as_deref().unwrap_or("ghost");
    let payload = one.mark.as_ref().map_or(json!(""), |mark| json!({ "tminus": mark }));
    json!({
        "url": url, "id": one.id, "node_id": node_id(one.id), "task": "deploy",
        "original_environment": held.environment, "environment": held.environment,
        "description": "", "created_at": at, "updated_at": at,
        "statuses_url": format!("{url}/statuses"), "repository_url": repo,
        "creator": user(&visit.places, creator, if creator.ends_with("[bot]") { "Bot" } else { "User" }),
        "sha": one.commit, "ref": one.commit, "payload": payload, "transient_environment": false,
        "production_environment": is_production(&held.environment),
        "performed_via_github_app": null,
    })
}

fn node_id(id: u64) -> String {
    format!("DE_{id}")
}

/// As GitHub has it where nothing else is said.
fn is_production(environment: &EnvironmentName) -> bool {
    environment.as_str() == "production"
}

/// `/deployments/{id}/statuses`: the newest alone is kept.
pub(crate) fn statuses(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    may_read(visit)?;
    let world = visit.shared.world()?;
    let held = find(&world, id).ok_or_else(Answer::missing)?;
    let all = status_of(held).map(|state| status(visit, held, state, "")).into_iter().collect();
    Ok(links::page(visit.ask, all, &visit.list(&format!("deployments/{id}/statuses"))))
}

/// A deployment that nobody gave a state has none.
fn status_of(held: &SimDeployment) -> Option<&'static str> {
    match &held.deployment.state {
        DeploymentState::Queued if held.deployment.url.is_none() => None,
        DeploymentState::Queued => Some("queued"),
        DeploymentState::InProgress => Some("in_progress"),
        DeploymentState::Success => Some("success"),
        DeploymentState::Failure => Some("failure"),
        DeploymentState::Inactive => Some("inactive"),
        DeploymentState::Waiting => Some("waiting"),
        DeploymentState::Abandoned | DeploymentState::Other(_) => None,
    }
}

fn status(visit: &Visit<'_>, held: &SimDeployment, state: &str, description: &str) -> Value {
    let (repo, id) = (visit.places.repo(), held.deployment.id);
    let at = time(held.deployment.at);
    let creator = held.deployment.by.as_deref().unwrap_or("ghost");
    let log = held.deployment.url.clone().unwrap_or_default();
    let mut body = json!({
        "url": format!("{repo}/deployments/{id}/statuses/1"), "id": 1, "node_id": "DES_1",
        "state": state, "creator": user(&visit.places, creator, "User"),
        "description": description, "environment": held.environment, "created_at": at,
        "updated_at": at, "deployment_url": format!("{repo}/deployments/{id}"),
        "repository_url": repo, "target_url": log, "log_url": log,
        "performed_via_github_app": null,
    });
    if let (true, Some(body)) = (log.is_empty(), body.as_object_mut()) {
        // Empty addresses are no addresses to the schema.
        body.insert("target_url".into(), repo.clone().into());
        body.remove("log_url");
    }
    body
}

/// Gives a deployment a state.
pub(crate) fn set(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    may_write(visit)?;
    let mut world = visit.shared.world()?;
    let environment = find(&world, id).ok_or_else(Answer::missing)?.environment.clone();
    let wish = visit.ask.json()?;
    let text = |field: &str| wish.get(field).and_then(Value::as_str).map(str::to_owned);
    let word = text("state").unwrap_or_default();
    let state = match word.as_str() {
        "queued" | "pending" => DeploymentState::Queued,
        "in_progress" => DeploymentState::InProgress,
        "success" => DeploymentState::Success,
        "failure" | "error" => DeploymentState::Failure,
        "inactive" => DeploymentState::Inactive,
        _ => return Err(Answer::invalid("DeploymentStatus", "custom", "state", "")),
    };
    let description = text("description").unwrap_or_default();
    describes(&description)?;
    let status = NewDeploymentStatus {
        deployment: id,
        environment: environment.clone(),
        state: state.clone(),
        description: description.clone(),
        log_url: text("log_url").or_else(|| text("target_url")),
        environment_url: text("environment_url"),
    };
    world.set_deployment(&status).map_err(refused)?;
    let auto = wish.get("auto_inactive").and_then(Value::as_bool).unwrap_or(true);
    if auto && state == DeploymentState::Success && !is_production(&environment) {
        let others = world.deployments.iter_mut().filter(|one| {
            one.environment == environment
                && one.deployment.id < id
                && one.deployment.state == DeploymentState::Success
        });
        for other in others {
            other.deployment.state = DeploymentState::Inactive;
        }
    }
    let held = find(&world, id).ok_or_else(Answer::missing)?;
    Ok(Answer::json(201, &self::status(visit, held, &word, &description)))
}

/// A deployment by GraphQL; null where there is none with this id.
pub(crate) fn node(visit: &Visit<'_>, world: &State, id: &str) -> Value {
    if !visit.scopes.deployments {
        return forbidden();
    }
    let Some(held) = world.deployments.iter().find(|one| node_id(one.deployment.id) == id) else {
        let text = format!("Could not resolve to a node with the global id of '{id}'");
        return json!({ "__missing": text });
    };
    let newest = status_of(held).map(str::to_ascii_uppercase);
    let state = match &held.deployment.state {
        DeploymentState::Success => "ACTIVE".into(),
        DeploymentState::Abandoned => "ABANDONED".into(),
        DeploymentState::Other(word) => word.to_ascii_uppercase(),
        DeploymentState::Queued
        | DeploymentState::InProgress
        | DeploymentState::Failure
        | DeploymentState::Inactive
        | DeploymentState::Waiting => newest.clone().unwrap_or_else(|| "PENDING".into()),
    };
    json!({
        "__typename": "Deployment", "id": id, "state": state,
        "latestStatus": newest.map(|newest| json!({
            "__typename": "DeploymentStatus", "id": "DES_1", "state": newest,
            "logUrl": held.deployment.url,
        })),
    })
}
