//! Issues, pull requests, labels and milestones, as far as they can block a release.

use super::checks::{connection, forbidden};
use super::view::View;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tminus::adapters::sim::SimIssue;
use tminus::facts::BlockerKind;

/// A label; null where the repository does not have it.
pub(crate) fn label(view: &View<'_>, name: &str) -> Value {
    if !view.visit.scopes.issues {
        return forbidden();
    }
    match view.world.missing_labels.contains(name) {
        true => Value::Null,
        false => json!({ "__typename": "Label", "id": format!("LA_{name}"), "name": name }),
    }
}

/// Those of the repository or of a milestone that are open and have one of the labels.
pub(crate) fn open(
    view: &View<'_>,
    parent: &Value,
    field: &str,
    arguments: &Map<String, Value>,
) -> Value {
    let (kind, name, may) = match field {
        "issues" => (BlockerKind::Issue, "Issue", view.visit.scopes.issues),
        _ => (BlockerKind::PullRequest, "PullRequest", view.visit.scopes.pulls),
    };
    if !may {
        return forbidden();
    }
    let labels = arguments.get("labels").and_then(Value::as_array);
    let labelled = |issue: &&SimIssue| {
        labels.is_none_or(|labels| {
            let mut names = labels.iter().filter_map(Value::as_str);
            names.any(|name| issue.blocker.labels.iter().any(|label| label == name))
        })
    };
    let title = (parent["__typename"] == "Milestone").then(|| parent["title"].as_str());
    let inside =
        |issue: &&SimIssue| title.is_none_or(|title| issue.blocker.milestone.as_deref() == title);
    let all = view.world.issues.iter().filter(|it| it.open && it.blocker.kind == kind);
    let nodes = all.filter(labelled).filter(inside).map(|issue| {
        let one = &issue.blocker;
        let people = one.assignees.iter().map(
            |login| json!({ "__typename": "User", "id": format!("U_{login}"), "login": login }),
        );
        json!({
            "__typename": name, "id": format!("{name}_{}", one.number), "number": one.number,
            "title": one.title, "url": one.url,
            "assignees": connection("User", people.collect()),
        })
    });
    connection(name, nodes.collect())
}

/// A search: every title that contains the words.
pub(crate) fn milestones(view: &View<'_>, query: &str) -> Value {
    if !view.visit.scopes.issues && !view.visit.scopes.pulls {
        return forbidden();
    }
    let titles = view.world.issues.iter().filter_map(|issue| issue.blocker.milestone.as_deref());
    let titles: BTreeSet<&str> = titles.filter(|title| title.contains(query)).collect();
    let node = |title: &&str| json!({ "__typename": "Milestone", "id": format!("MI_{title}"), "title": title });
    connection("Milestone", titles.iter().map(node).collect())
}
