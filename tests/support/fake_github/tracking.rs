//! Issues, reactions, collaborators and teams.

use super::checks::{connection, forbidden};
use super::message::Answer;
use super::options::Scopes;
use super::rights::viewer;
use super::view::View;
use super::visit::{Visit, refused};
use super::wire::{time, user};
use serde_json::{Map, Value, json};
use tminus::adapters::sim::{ME, SimAccount, SimComment, SimTracking};
use tminus::base::names::Person;
use tminus::ports::{CloseReason, IssueText, Reaction};

fn writer(visit: &Visit<'_>) -> Result<(), Answer> {
    if visit.scopes.write_issues { Ok(()) } else { Err(Answer::forbidden("issues=write")) }
}

fn me(visit: &Visit<'_>) -> SimAccount {
    match viewer(visit.scopes).get("login").and_then(Value::as_str) {
        Some(bot) if bot.ends_with("[bot]") => SimAccount::Bot(bot.into()),
        Some(login) => SimAccount::User(login.into()),
        None => SimAccount::Deleted,
    }
}

/// `POST /issues`.
pub(crate) fn create(visit: &Visit<'_>) -> Result<Answer, Answer> {
    writer(visit)?;
    let wish = visit.ask.json()?;
    let said = |field: &str| wish.get(field).and_then(Value::as_str).map(str::to_owned);
    let missing = || Answer::invalid("Issue", "missing_field", "title", "");
    let text = IssueText {
        title: said("title").ok_or_else(missing)?,
        body: said("body").unwrap_or_default(),
    };
    let mut world = visit.shared.world()?;
    let number = world.create_issue(me(visit), &text).map_err(refused)?;
    let issue = world.issue(number).ok_or_else(Answer::missing)?;
    Ok(Answer::json(201, &shown(visit, issue, &time(world.now))))
}

/// `PATCH /issues/{number}`.
pub(crate) fn edit(visit: &Visit<'_>, number: u64) -> Result<Answer, Answer> {
    writer(visit)?;
    let wish = visit.ask.json()?;
    let said = |field: &str| wish.get(field).and_then(Value::as_str).map(str::to_owned);
    let mut world = visit.shared.world()?;
    let issue = world.issue(number).ok_or_else(Answer::missing)?.clone();
    if let (Some(title), Some(body)) = (said("title"), said("body")) {
        world.edit_issue(number, &IssueText { title, body }).map_err(refused)?;
    } else if said("state").as_deref() != Some("closed") {
        return Err(Answer::error(422, &format!("nothing to change in {}", issue.title)));
    }
    if said("state").as_deref() == Some("closed") {
        let because = match said("state_reason").as_deref() {
            Some("not_planned") => CloseReason::NotPlanned,
            Some("completed") | None => CloseReason::Completed,
            Some(_) => return Err(Answer::invalid("Issue", "invalid", "state_reason", "")),
        };
        world.close_issue(number, because).map_err(refused)?;
    }
    let issue = world.issue(number).ok_or_else(Answer::missing)?;
    Ok(Answer::json(200, &shown(visit, issue, &time(world.now))))
}

/// `POST /issues/comments/{id}/reactions`: 201 if it is new, 200 if it is there.
pub(crate) fn react(visit: &Visit<'_>, comment: u64) -> Result<Answer, Answer> {
    writer(visit)?;
    let wish = visit.ask.json()?;
    let content = wish.get("content").and_then(Value::as_str).unwrap_or_default();
    let reaction = match content {
        "+1" => Reaction::Counted,
        "confused" => Reaction::Refused,
        _ => return Err(Answer::invalid("Reaction", "invalid", "content", "")),
    };
    let mut world = visit.shared.world()?;
    let by = me(visit).login().unwrap_or_default().to_owned();
    let new = world.react(comment, &by, reaction).map_err(refused)?;
    let body = json!({
        "id": 1, "node_id": "REA_1", "user": user(&visit.places, ME, "Bot"), "content": content,
        "created_at": time(world.now),
    });
    Ok(Answer::json(if new { 201 } else { 200 }, &body))
}

/// `POST /issues/{number}/comments` for an issue; `None` if it is not one.
pub(crate) fn reply(visit: &Visit<'_>, number: u64) -> Result<Option<Answer>, Answer> {
    let mut world = visit.shared.world()?;
    if world.issue(number).is_none() {
        return Ok(None);
    }
    writer(visit)?;
    let wish = visit.ask.json()?;
    let text = wish.get("body").and_then(Value::as_str).unwrap_or_default();
    let id = world.comment_on(number, me(visit), text).map_err(refused)?;
    let (repo, web, at) = (visit.places.repo(), &visit.places.web, time(world.now));
    Ok(Some(Answer::json(
        201,
        &json!({
            "id": id, "node_id": format!("IC_{id}"), "url": format!("{repo}/issues/comments/{id}"),
            "html_url": format!("{web}/{}/issues/{number}#issuecomment-{id}", visit.places.repository),
            "issue_url": format!("{repo}/issues/{number}"),
            "user": user(&visit.places, ME, "Bot"), "body": text, "created_at": at,
            "updated_at": at, "author_association": "CONTRIBUTOR", "performed_via_github_app": null,
        }),
    )))
}

/// `GET /collaborators/{login}/permission`.
pub(crate) fn permission(visit: &Visit<'_>, login: &str) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let person = Person::new(login).map_err(|_| Answer::missing())?;
    let permission = world.society.permissions.get(&person);
    let role = permission.map_or("read", |permission| permission.word());
    // The older field knows fewer words.
    let older = match role {
        "maintain" => "write",
        "triage" => "read",
        other => other,
    };
    let mut user = user(&visit.places, login, "User");
    if let Some(user) = user.as_object_mut() {
        user.insert("role_name".into(), role.into());
    }
    let body = json!({ "permission": older, "role_name": role, "user": user });
    Ok(Answer::json(200, &body))
}

fn shown(visit: &Visit<'_>, issue: &SimTracking, at: &str) -> Value {
    let (repo, web, number) = (visit.places.repo(), &visit.places.web, issue.number);
    let url = format!("{repo}/issues/{number}");
    let login = issue.author.login().unwrap_or("ghost");
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    let reason = issue.closed.filter(|_| !issue.open).map(|reason| match reason {
        CloseReason::Completed => "completed",
        CloseReason::NotPlanned => "not_planned",
    });
    json!({
        "id": number, "node_id": format!("I_{number}"), "url": url, "repository_url": repo,
        "labels_url": format!("{url}/labels{{/name}}"), "comments_url": format!("{url}/comments"),
        "events_url": format!("{url}/events"),
        "html_url": format!("{web}/{}/issues/{number}", visit.places.repository),
        "number": number, "state": if issue.open { "open" } else { "closed" },
        "state_reason": reason, "title": issue.title, "body": issue.body,
        "user": user(&visit.places, login, kind), "labels": [], "assignee": null,
        "assignees": [], "milestone": null, "locked": false, "comments": issue.comments.len(),
        "closed_at": (!issue.open).then_some(at), "created_at": at, "updated_at": at,
        "author_association": "CONTRIBUTOR",
    })
}

/// An account by GraphQL, which leaves `[bot]` out.
pub(crate) fn actor(account: &SimAccount) -> Value {
    match account {
        SimAccount::User(login) => {
            json!({ "__typename": "User", "id": "U_1", "login": login, "name": null })
        }
        SimAccount::Bot(login) => {
            json!({ "__typename": "Bot", "id": "B_1", "login": login.trim_end_matches("[bot]") })
        }
        SimAccount::Deleted => Value::Null,
    }
}

/// An issue by its number.
pub(crate) fn issue(view: &View<'_>, number: u64) -> Value {
    let Some(issue) = view.world.issue(number) else {
        let text = format!("Could not resolve to an Issue with the number of {number}.");
        return json!({ "__missing": text });
    };
    let places = &view.visit.places;
    let url = format!("{}/{}/issues/{number}", places.web, places.repository);
    let by = me(view.visit).login().unwrap_or_default().to_owned();
    let comment = |comment: &SimComment| {
        let group = |content: &str, reaction: Reaction| {
            json!({
                "__typename": "ReactionGroup", "content": content,
                "viewerHasReacted": comment.reactions.contains(&(by.clone(), reaction)),
                "users": {
                    "__typename": "ReactingUserConnection",
                    "totalCount": comment.reactions.iter().filter(|(_, it)| *it == reaction).count(),
                },
            })
        };
        json!({
            "__typename": "IssueComment", "id": format!("IC_{}", comment.id),
            "fullDatabaseId": comment.id.to_string(),
            "url": format!("{url}#issuecomment-{}", comment.id), "body": comment.body,
            "createdAt": time(comment.at), "lastEditedAt": comment.edited.map(time),
            "author": actor(&comment.author), "authorAssociation": "NONE",
            "includesCreatedEdit": comment.edited.is_some(), "isMinimized": false,
            "minimizedReason": null,
            "viewerDidAuthor": comment.author.login() == Some(by.as_str()),
            "reactionGroups": [
                group("THUMBS_UP", Reaction::Counted), group("CONFUSED", Reaction::Refused),
            ],
        })
    };
    json!({
        "__typename": "Issue", "id": format!("I_{number}"), "number": number, "url": url,
        "state": if issue.open { "OPEN" } else { "CLOSED" }, "title": issue.title,
        "body": issue.body, "author": actor(&issue.author),
        "comments": connection("IssueComment", issue.comments.iter().map(comment).collect()),
    })
}

/// `collaborators(login:)`: for those who can push.
pub(crate) fn collaborators(view: &View<'_>, login: &str) -> Value {
    if !view.visit.scopes.write {
        return forbidden();
    }
    let found = Person::new(login).ok().and_then(|person| {
        let permission = view.world.society.permissions.get(&person)?;
        Some((person, permission))
    });
    let edges = found.iter().map(|(person, permission)| {
        json!({
            "__typename": "RepositoryCollaboratorEdge",
            "permission": permission.word().to_uppercase(),
            "node": { "__typename": "User", "id": "U_1", "login": person.as_str() },
        })
    });
    json!({
        "__typename": "RepositoryCollaboratorConnection", "edges": edges.collect::<Vec<_>>(),
        "totalCount": usize::from(found.is_some()),
    })
}

/// The authors of a commit; one of them has no account.
pub(crate) fn authors(view: &View<'_>, sha: &str) -> Vec<Value> {
    let known = view.world.society.authors.iter().find(|(commit, _)| commit.as_str() == sha);
    let known = known.into_iter().flat_map(|(_, authors)| authors);
    let user = |person: &Person| {
        let user = json!({ "__typename": "User", "id": "U_1", "login": person.as_str() });
        json!({ "__typename": "GitActor", "user": user })
    };
    let nobody = json!({ "__typename": "GitActor", "user": null });
    known.map(user).chain([nobody]).collect()
}

/// An organization, as far as its teams go.
pub(crate) fn organization(login: &str) -> Value {
    json!({ "__typename": "Organization", "id": "O_1", "login": login })
}

/// A team, for a token that can read the organization; nothing for others.
pub(crate) fn team(view: &View<'_>, organization: &Value, slug: &str, scopes: Scopes) -> Value {
    let login = organization.get("login").and_then(Value::as_str).unwrap_or_default();
    let team = view.world.society.teams.get(&format!("{login}/{slug}"));
    let Some(team) = team.filter(|_| scopes.organization) else { return Value::Null };
    let member =
        |person: &Person| json!({ "__typename": "User", "id": "U_1", "login": person.as_str() });
    json!({
        "__typename": "Team", "id": "T_1", "slug": slug,
        "members": connection("User", team.iter().map(member).collect()),
    })
}

/// Arguments of a field that are numbers.
pub(crate) fn number(arguments: &Map<String, Value>) -> u64 {
    arguments.get("number").and_then(Value::as_u64).unwrap_or_default()
}
