//! Commit statuses, check runs and comments.

use super::links;
use super::message::Answer;
use super::options::Kind;
use super::visit::{Visit, refused};
use super::wire::{time, user};
use serde_json::{Map, Value, json};
use tminus::adapters::sim::ME;
use tminus::base::names::Sha;
use tminus::ports::{Annotation, Comment, NewCheckRun, NewStatus, StatusState};
use tminus::report::annotations::Kind as Level;

/// Annotations that one request takes.
const AT_ONCE: usize = 50;
/// Bytes of a check run's summary.
const MAX_SUMMARY: usize = 65_535;

pub(crate) fn status(visit: &Visit<'_>, sha: &str) -> Result<Answer, Answer> {
    writer(visit, "statuses=write")?;
    let wish = visit.ask.json()?;
    let said = |field: &str| wish.get(field).and_then(Value::as_str).map(str::to_owned);
    let state = match wish.get("state").and_then(Value::as_str) {
        Some("success") => StatusState::Success,
        Some("failure") => StatusState::Failure,
        Some("pending") => StatusState::Pending,
        Some("error") => StatusState::Error,
        _ => return Err(Answer::invalid("Status", "custom", "state", "state is not included")),
    };
    let none = || Answer::error(422, &format!("No commit found for SHA: {sha}"));
    let status = NewStatus {
        commit: Sha::new(sha).map_err(|_| none())?,
        state,
        context: said("context").unwrap_or_else(|| "default".into()),
        description: said("description").unwrap_or_default(),
        page: said("target_url"),
    };
    let mut world = visit.shared.world()?;
    world.set_status(&status).map_err(refused)?;
    let (repo, at) = (visit.places.repo(), time(world.now));
    Ok(Answer::json(
        201,
        &json!({
            "url": format!("{repo}/statuses/{sha}"), "avatar_url": null, "id": 1,
            "node_id": "SC_1", "state": wish.get("state"), "description": status.description,
            "target_url": status.page, "context": status.context, "created_at": at,
            "updated_at": at, "creator": user(&visit.places, ME, "Bot"),
        }),
    ))
}

pub(crate) fn make_check_run(visit: &Visit<'_>) -> Result<Answer, Answer> {
    match visit.scopes.kind {
        Kind::Job | Kind::App => writer(visit, "checks=write")?,
        Kind::Classic(_) | Kind::FineGrained => {
            return Err(Answer::error(403, "You must authenticate via a GitHub App."));
        }
    }
    let wish = visit.ask.json()?;
    let said = |field: &str| wish.get(field).and_then(Value::as_str);
    let (Some(name), Some(sha)) = (said("name"), said("head_sha")) else {
        return Err(Answer::invalid("CheckRun", "missing_field", "head_sha", ""));
    };
    let none = || Answer::error(422, &format!("No commit found for SHA: {sha}"));
    let passed = match (said("status"), said("conclusion")) {
        (_, Some("success")) => Some(true),
        (_, Some("failure")) => Some(false),
        (Some("completed"), _) => {
            return Err(Answer::invalid("CheckRun", "missing_field", "conclusion", ""));
        }
        _ => None,
    };
    let output = wish.get("output");
    let run = NewCheckRun {
        commit: Sha::new(sha).map_err(|_| none())?,
        name: name.into(),
        passed,
        title: text(output, "title"),
        summary: text(output, "summary"),
        page: said("details_url").map(str::to_owned),
        annotations: annotations(output)?,
    };
    let mut world = visit.shared.world()?;
    world.make_check_run(&run).map_err(refused)?;
    let id = world.board.check_runs.len() as u64;
    Ok(Answer::json(201, &shown(visit, id, &run, &time(world.now))))
}

pub(crate) fn edit_check_run(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    writer(visit, "checks=write")?;
    let wish = visit.ask.json()?;
    let more = annotations(wish.get("output"))?;
    let mut world = visit.shared.world()?;
    let at = time(world.now);
    let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    let run = index.and_then(|index| world.board.check_runs.get_mut(index));
    let run = run.ok_or_else(Answer::missing)?;
    // Annotations are added to, everything else is replaced.
    run.annotations.extend(more);
    Ok(Answer::json(200, &shown(visit, id, run, &at)))
}

fn annotations(output: Option<&Value>) -> Result<Vec<Annotation>, Answer> {
    if text(output, "summary").len() > MAX_SUMMARY {
        let why = "summary exceeds a maximum bytesize of 65535";
        return Err(Answer::invalid("CheckRun", "custom", "summary", why));
    }
    let all = output.and_then(|output| output.get("annotations")).and_then(Value::as_array);
    let all = all.map_or(&[][..], Vec::as_slice);
    if all.len() > AT_ONCE {
        let why = "No more than 50 items are allowed; 51 were supplied.";
        return Err(Answer::invalid("CheckRun", "custom", "annotations", why));
    }
    let one = |one: &Value| {
        let number = |field: &str| {
            one.get(field).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let (line, end_line) = (number("start_line")?, number("end_line")?);
        let columns = number("start_column").zip(number("end_column"));
        // Columns of a mark over many lines are refused.
        if columns.is_some() && line != end_line {
            return None;
        }
        let kind = match one.get("annotation_level").and_then(Value::as_str)? {
            "failure" => Level::Error,
            "warning" => Level::Warning,
            "notice" => Level::Notice,
            _ => return None,
        };
        let said = |field: &str| one.get(field).and_then(Value::as_str).map(str::to_owned);
        let (file, message) = (said("path")?, said("message")?);
        let title = said("title").unwrap_or_default();
        Some(Annotation { file, line, end_line, columns, kind, title, message })
    };
    let wrong = || Answer::invalid("CheckRun", "invalid", "annotations", "");
    all.iter().map(|value| one(value).ok_or_else(wrong)).collect()
}

fn text(output: Option<&Value>, field: &str) -> String {
    let said = output.and_then(|output| output.get(field)).and_then(Value::as_str);
    said.unwrap_or_default().to_owned()
}

fn shown(visit: &Visit<'_>, id: u64, run: &NewCheckRun, at: &str) -> Value {
    let (repo, web) = (visit.places.repo(), &visit.places.web);
    let completed = run.passed.is_some();
    json!({
        "id": id, "node_id": format!("CR_{id}"), "name": run.name, "head_sha": run.commit,
        "external_id": "", "url": format!("{repo}/check-runs/{id}"),
        "html_url": format!("{web}/{}/runs/{id}", visit.places.repository),
        "details_url": run.page, "status": if completed { "completed" } else { "in_progress" },
        "conclusion": run.passed.map(|passed| if passed { "success" } else { "failure" }),
        "started_at": at, "completed_at": completed.then_some(at),
        "output": {
            "title": run.title, "summary": run.summary, "text": null,
            "annotations_count": run.annotations.len(),
            "annotations_url": format!("{repo}/check-runs/{id}/annotations"),
        },
        "check_suite": { "id": 5 }, "app": null, "pull_requests": [],
    })
}

pub(crate) fn comments(visit: &Visit<'_>, pull: u64) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let at = time(world.now);
    let all = world.comments_on(pull).iter().map(|one| written(visit, pull, one, &at)).collect();
    Ok(links::page(visit.ask, all, &visit.list(&format!("issues/{pull}/comments"))))
}

pub(crate) fn comment(visit: &Visit<'_>, pull: u64) -> Result<Answer, Answer> {
    writer(visit, "issues=write; pull_requests=write")?;
    let body = body(visit)?;
    let mut world = visit.shared.world()?;
    let made = world.comment(pull, ME, &body).map_err(refused)?;
    let at = time(world.now);
    Ok(Answer::json(201, &written(visit, pull, &made, &at)))
}

pub(crate) fn edit_comment(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    writer(visit, "issues=write; pull_requests=write")?;
    let body = body(visit)?;
    let mut world = visit.shared.world()?;
    let (pull, made) = world.edit_comment(id, &body).map_err(refused)?;
    let at = time(world.now);
    Ok(Answer::json(200, &written(visit, pull, &made, &at)))
}

pub(crate) fn delete_comment(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    writer(visit, "issues=write; pull_requests=write")?;
    visit.shared.world()?.delete_comment(id).map_err(refused)?;
    Ok(Answer::empty(204))
}

fn body(visit: &Visit<'_>) -> Result<String, Answer> {
    let wish: Map<String, Value> = serde_json::from_value(visit.ask.json()?)
        .map_err(|_| Answer::error(400, "Problems parsing JSON"))?;
    let body = wish.get("body").and_then(Value::as_str);
    let missing = || Answer::invalid("IssueComment", "missing_field", "body", "");
    body.map(str::to_owned).ok_or_else(missing)
}

fn written(visit: &Visit<'_>, pull: u64, comment: &Comment, at: &str) -> Value {
    let (repo, web, id) = (visit.places.repo(), &visit.places.web, comment.id);
    let author = comment.author.as_deref().unwrap_or_default();
    let kind = if author.ends_with("[bot]") { "Bot" } else { "User" };
    json!({
        "id": id, "node_id": format!("IC_{id}"), "url": format!("{repo}/issues/comments/{id}"),
        "html_url": format!("{web}/{}/pull/{pull}#issuecomment-{id}", visit.places.repository),
        "issue_url": format!("{repo}/issues/{pull}"), "user": user(&visit.places, author, kind),
        "body": comment.body, "created_at": at, "updated_at": at,
        "author_association": "CONTRIBUTOR", "performed_via_github_app": null,
    })
}

fn writer(visit: &Visit<'_>, needs: &str) -> Result<(), Answer> {
    if visit.scopes.tell { Ok(()) } else { Err(Answer::forbidden(needs)) }
}
