//! Which request means what.

use super::books::Shared;
use super::manners::{self, REPOSITORY_ID};
use super::message::{Answer, Ask, decoded};
use super::visit::Visit;
use super::wire::{self, Places};
use super::{
    assets, deployments, environments, graphql, identity, pulls, releases, rights, signed, tell,
    tracking,
};
use serde_json::{Value, json};
use tminus::base::names::{BranchName, TagName};

/// Answers one request; the error is an answer too.
pub(crate) fn answer(shared: &Shared, ask: &Ask) -> Result<Answer, Answer> {
    if ask.path == identity::PATH {
        return identity::answer(shared, ask);
    }
    if let Some(id) = ask.path.strip_prefix(assets::STORAGE) {
        return assets::stored(shared, ask, id);
    }
    let scopes = manners::admit(&shared.options, ask)?;
    let (door, path) = door(&ask.path);
    if door == Door::GraphQl {
        manners::charge(shared, true)?;
        let visit = Visit { shared, ask, scopes, places: places(shared, ask) };
        return graphql::answer(&visit);
    }
    if path == "/rate_limit" {
        return Ok(Answer::json(200, &manners::limits(shared)));
    }
    manners::charge(shared, false)?;
    let visit = Visit { shared, ask, scopes, places: places(shared, ask) };
    let segments: Vec<_> = path.trim_matches('/').split('/').map(decoded).collect();
    let words: Vec<_> = segments.iter().map(String::as_str).collect();
    let tail = match words.as_slice() {
        ["repos", owner, name, tail @ ..] => {
            let asked = format!("{owner}/{name}");
            if shared.options.renamed_from.as_deref() == Some(asked.as_str()) {
                return Ok(moved(&visit, tail));
            }
            if !asked.eq_ignore_ascii_case(&shared.options.repository) {
                return elsewhere(&visit, &asked, tail);
            }
            tail
        }
        ["repositories", id, tail @ ..] if *id == REPOSITORY_ID.to_string() => tail,
        _ => return Err(Answer::missing()),
    };
    if shared.options.private && !scopes.read {
        return Err(Answer::missing());
    }
    match door {
        Door::Uploads => upload(&visit, tail),
        Door::Rest | Door::GraphQl => route(&visit, tail),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Rest,
    GraphQl,
    Uploads,
}

/// Which API is meant, and the path in it.
fn door(path: &str) -> (Door, &str) {
    if path == "/graphql" || path == "/api/graphql" {
        return (Door::GraphQl, "");
    }
    for (prefix, door) in
        [("/api/v3", Door::Rest), ("/api/uploads", Door::Uploads), ("/uploads", Door::Uploads)]
    {
        if let Some(rest) = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')) {
            return (door, rest);
        }
    }
    (Door::Rest, path)
}

fn places(shared: &Shared, ask: &Ask) -> Places {
    let base = &shared.base;
    let enterprise = ask.path.starts_with("/api/");
    let at = |ours: &str, theirs: &str| format!("{base}{}", if enterprise { theirs } else { ours });
    Places {
        api: at("", "/api/v3"),
        uploads: at("/uploads", "/api/uploads"),
        web: base.clone(),
        repository: shared.options.repository.clone(),
    }
}

fn moved(visit: &Visit<'_>, tail: &[&str]) -> Answer {
    let (status, message) = match visit.ask.method.as_str() {
        "GET" | "HEAD" => (301, "Moved Permanently"),
        _ => (307, "Temporary Redirect"),
    };
    let slash = if tail.is_empty() { "" } else { "/" };
    let base = if door(&visit.ask.path).0 == Door::Uploads {
        &visit.places.uploads
    } else {
        &visit.places.api
    };
    let mut to = format!("{base}/repositories/{REPOSITORY_ID}{slash}{}", tail.join("/"));
    if !visit.ask.query.is_empty() {
        to = format!("{to}?{}", visit.ask.query);
    }
    let page = "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api";
    let body = json!({ "message": message, "url": to, "documentation_url": page });
    Answer::json(status, &body).with("location", to)
}

fn upload(visit: &Visit<'_>, tail: &[&str]) -> Result<Answer, Answer> {
    match (visit.ask.method.as_str(), tail) {
        ("POST", ["releases", id, "assets"]) => assets::upload(visit, number(id)?),
        _ => Err(Answer::missing()),
    }
}

fn route(visit: &Visit<'_>, tail: &[&str]) -> Result<Answer, Answer> {
    match (visit.ask.method.as_str(), tail) {
        ("GET", []) => Ok(repository(visit)),
        ("GET", ["releases"]) => releases::list(visit),
        ("POST", ["releases"]) => releases::create(visit),
        ("POST", ["releases", "generate-notes"]) => rights::notes(visit),
        ("GET", ["immutable-releases"]) => rights::immutable(visit),
        ("GET", ["rulesets", id]) => rights::ruleset(visit, number(id)?),
        ("GET", ["releases", "latest"]) => releases::latest(visit),
        ("GET", ["releases", "tags", tag @ ..]) => releases::by_tag(visit, &tag.join("/")),
        ("GET", ["releases", "assets", id]) => assets::one(visit, number(id)?),
        ("DELETE", ["releases", "assets", id]) => assets::delete(visit, number(id)?),
        ("GET", ["releases", id]) => releases::one(visit, number(id)?),
        ("PATCH", ["releases", id]) => releases::edit(visit, number(id)?),
        ("DELETE", ["releases", id]) => releases::delete(visit, number(id)?),
        ("GET", ["releases", id, "assets"]) => assets::list(visit, number(id)?),
        ("POST", ["statuses", sha]) => tell::status(visit, sha),
        ("POST", ["check-runs"]) => tell::make_check_run(visit),
        ("PATCH", ["check-runs", id]) => tell::edit_check_run(visit, number(id)?),
        ("GET", ["issues", pull, "comments"]) => tell::comments(visit, number(pull)?),
        ("POST", ["issues"]) => tracking::create(visit),
        ("PATCH", ["issues", issue]) => tracking::edit(visit, number(issue)?),
        ("POST", ["issues", "comments", id, "reactions"]) => tracking::react(visit, number(id)?),
        ("GET", ["collaborators", login, "permission"]) => tracking::permission(visit, login),
        ("POST", ["issues", pull, "comments"]) => match tracking::reply(visit, number(pull)?)? {
            Some(answer) => Ok(answer),
            None => tell::comment(visit, number(pull)?),
        },
        ("PATCH", ["issues", "comments", id]) => tell::edit_comment(visit, number(id)?),
        ("DELETE", ["issues", "comments", id]) => tell::delete_comment(visit, number(id)?),
        ("GET", ["git", "ref", "tags", tag @ ..]) => tag_ref(visit, &tag.join("/")),
        ("GET", ["environments", name]) => environments::one(visit, name),
        ("GET", ["environments", name, "deployment-branch-policies"]) => {
            environments::patterns(visit, name)
        }
        ("GET", ["environments", name, "deployment_protection_rules"]) => {
            environments::custom_rules(visit, name)
        }
        ("GET", ["commits", sha]) => signed::commit(visit, sha),
        ("GET", ["actions", "runs"]) => environments::runs(visit),
        ("GET", ["actions", "runs", id, "approvals"]) => {
            environments::approvals(visit, number(id)?)
        }
        ("GET", ["deployments"]) => deployments::list(visit),
        ("POST", ["deployments"]) => deployments::create(visit),
        ("GET", ["deployments", id]) => deployments::one(visit, number(id)?),
        ("GET", ["deployments", id, "statuses"]) => deployments::statuses(visit, number(id)?),
        ("POST", ["deployments", id, "statuses"]) => deployments::set(visit, number(id)?),
        ("GET", ["commits", sha, "pulls"]) => pulls::of_commit(visit, sha),
        ("GET", ["activity"]) => pulls::activity(visit),
        ("GET", ["rules", "branches", branch @ ..]) => rules(visit, &branch.join("/")),
        _ => Err(Answer::missing()),
    }
}

/// A file of another repository. What the token cannot see does not exist.
fn elsewhere(visit: &Visit<'_>, repository: &str, tail: &[&str]) -> Result<Answer, Answer> {
    let ("GET", ["contents", path @ ..]) = (visit.ask.method.as_str(), tail) else {
        return Err(Answer::missing());
    };
    let (path, commit) = (path.join("/"), visit.ask.query("ref").unwrap_or_default());
    let world = visit.shared.world()?;
    let root = format!("{repository}@{commit}:");
    if let Some(bytes) = world.elsewhere.get(&format!("{root}{path}")) {
        return Ok(Answer::json(
            200,
            &wire::content(&visit.places, repository, (&path, &commit), Some(bytes)),
        ));
    }
    let within = |name: &&String| name.starts_with(&format!("{root}{path}/"));
    let folder: Vec<Value> = world
        .elsewhere
        .keys()
        .filter(within)
        .filter_map(|name| name.strip_prefix(root.as_str()))
        .map(|path| wire::content(&visit.places, repository, (path, &commit), None))
        .collect();
    match folder.is_empty() {
        true => Err(Answer::missing()),
        false => Ok(Answer::json(200, &Value::Array(folder))),
    }
}

fn number(text: &str) -> Result<u64, Answer> {
    text.parse().map_err(|_| Answer::missing())
}

fn repository(visit: &Visit<'_>) -> Answer {
    let options = &visit.shared.options;
    let mut body = wire::repository(&visit.places, REPOSITORY_ID, &options.branch, options.private);
    let may = json!({
        "admin": visit.scopes.admin, "maintain": false, "push": visit.scopes.write, "triage": false,
        "pull": true,
    });
    if let Some(body) = body.as_object_mut() {
        body.insert("permissions".into(), may);
    }
    Answer::json(200, &body)
}

fn tag_ref(visit: &Visit<'_>, name: &str) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let at = TagName::new(name).ok().and_then(|tag| world.tags.get(&tag).cloned());
    let Some(at) = at else { return Err(Answer::missing()) };
    let kind = if at.object == at.commit { "commit" } else { "tag" };
    let repo = visit.places.repo();
    Ok(Answer::json(
        200,
        &json!({
            "ref": format!("refs/tags/{name}"),
            "node_id": format!("REF_{}", at.object.short()),
            "url": format!("{repo}/git/refs/tags/{name}"),
            "object": {
                "type": kind, "sha": at.object.as_str(),
                "url": format!("{repo}/git/{kind}s/{}", at.object),
            },
        }),
    ))
}

fn rules(visit: &Visit<'_>, branch: &str) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let required =
        BranchName::new(branch).ok().and_then(|branch| world.rules.get(&branch).cloned());
    let checks: Vec<Value> = required
        .into_iter()
        .flatten()
        .map(|check| match check.app_id {
            Some(app) => json!({ "context": check.name, "integration_id": app }),
            None => json!({ "context": check.name }),
        })
        .collect();
    if checks.is_empty() {
        return Ok(Answer::json(200, &json!([])));
    }
    Ok(Answer::json(
        200,
        &json!([{
            "type": "required_status_checks",
            "ruleset_source_type": "Repository",
            "ruleset_source": visit.places.repository,
            "ruleset_id": 42,
            "parameters": {
                "strict_required_status_checks_policy": false,
                "do_not_enforce_on_create": false,
                "required_status_checks": checks,
            },
        }]),
    ))
}
