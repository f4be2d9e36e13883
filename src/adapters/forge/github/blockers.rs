//! Reads the open issues and pull requests that block a release, in one request.
//!
//! GitHub joins several labels with "or" in one place and with "and" in another, so each label is
//! queried by itself. A milestone is searched by its title, and only the exact title counts.

use super::client::Http;
use super::graphql::{Answer, ask};
use crate::facts::{Blocker, BlockerKind, BlockerQuery, Blockers, Seen};
use crate::ports::PortError;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const WHAT: &str = "read the open issues and pull requests";
/// The most labels of one query.
const LABELS: usize = 20;

const ITEM: &str = "number title url assignees(first: 5) { nodes { login } }";
const OPEN: &str = "states: [OPEN], first: 20, orderBy: { field: CREATED_AT, direction: ASC }";
/// How many milestones a search can find, and how many items of each are read.
const MILESTONES: &str = "first: 10";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_count: usize,
    nodes: Vec<Option<Item>>,
}

#[derive(Deserialize)]
struct Item {
    number: u64,
    title: String,
    url: String,
    assignees: Assignees,
}

#[derive(Deserialize)]
struct Assignees {
    nodes: Vec<Option<Assignee>>,
}

#[derive(Deserialize)]
struct Assignee {
    login: String,
}

#[derive(Deserialize)]
struct Milestones {
    nodes: Vec<Option<Milestone>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Milestone {
    title: String,
    issues: Page,
    pull_requests: Page,
}

#[derive(Deserialize)]
struct Label {}

/// Sends the query and converts the response.
pub(super) async fn blockers(
    http: &Http,
    query: &BlockerQuery,
) -> Result<Seen<Blockers>, PortError> {
    if query.labels.len() > LABELS {
        let why = format!("at most {LABELS} labels are supported");
        return Ok(Seen::unseen_help(why, "list fewer labels under `labels`"));
    }
    if query.labels.is_empty() && query.milestones.is_empty() {
        return Ok(Seen::Known(Blockers { query: query.clone(), ..Blockers::default() }));
    }
    let answer = ask(http, WHAT, &text(query), variables(query)).await?;
    Ok(parse(&answer, query))
}

/// The query: some fields for each label, and one for each title.
fn text(query: &BlockerQuery) -> String {
    let (mut head, mut body) = (String::new(), String::new());
    for n in 0..query.labels.len() {
        let _ = write!(head, ", $label{n}: String!, $labels{n}: [String!]");
        let _ = write!(
            body,
            "    label{n}: label(name: $label{n}) {{ name }}\n    \
             issues{n}: issues(labels: $labels{n}, {OPEN}) {{ totalCount nodes {{ {ITEM} }} }}\n    \
             pulls{n}: pullRequests(labels: $labels{n}, {OPEN}) {{ totalCount nodes {{ {ITEM} }} }}\n"
        );
    }
    for n in 0..query.milestones.len() {
        let _ = write!(head, ", $milestone{n}: String");
        let _ = write!(
            body,
            "    milestones{n}: milestones(query: $milestone{n}, {MILESTONES}) {{ nodes {{ title\n      \
             issues({OPEN}) {{ totalCount nodes {{ {ITEM} }} }}\n      \
             pullRequests({OPEN}) {{ totalCount nodes {{ {ITEM} }} }}\n    }} }}\n"
        );
    }
    format!(
        "query Blockers($owner: String!, $name: String!{head}) {{\n  \
         repository(owner: $owner, name: $name) {{\n{body}  }}\n}}\n"
    )
}

fn variables(query: &BlockerQuery) -> Value {
    let mut all = Map::new();
    for (n, label) in query.labels.iter().enumerate() {
        all.insert(format!("label{n}"), label.as_str().into());
        all.insert(format!("labels{n}"), vec![label.as_str()].into());
    }
    for (n, title) in query.milestones.iter().enumerate() {
        all.insert(format!("milestone{n}"), title.as_str().into());
    }
    Value::Object(all)
}

/// Adds open items, each once.
#[derive(Default)]
struct Gathered {
    open: BTreeMap<u64, Blocker>,
    more: usize,
}

/// Converts a response: all of it, or the first part that could not be read.
pub(super) fn parse(answer: &Answer, query: &BlockerQuery) -> Seen<Blockers> {
    let (mut all, mut missing) = (Gathered::default(), Vec::new());
    for (n, label) in query.labels.iter().enumerate() {
        match answer.part::<Label>(&format!("label{n}")) {
            Seen::Known(Some(Label {})) => {}
            Seen::Known(None) => missing.push(label.clone()),
            Seen::Unseen(unseen) => return Seen::Unseen(unseen),
        }
        for (part, kind) in [("issues", BlockerKind::Issue), ("pulls", BlockerKind::PullRequest)] {
            match answer.part::<Page>(&format!("{part}{n}")) {
                Seen::Known(Some(page)) => all.page(page, kind, |one| {
                    one.labels.push(label.clone());
                }),
                Seen::Known(None) => return Seen::unseen("it is missing from GitHub's response"),
                Seen::Unseen(unseen) => return Seen::Unseen(unseen),
            }
        }
    }
    for (n, title) in query.milestones.iter().enumerate() {
        let found = match answer.part::<Milestones>(&format!("milestones{n}")) {
            Seen::Known(found) => found.map_or_else(Vec::new, |found| found.nodes),
            Seen::Unseen(unseen) => return Seen::Unseen(unseen),
        };
        for milestone in found.into_iter().flatten().filter(|one| one.title == *title) {
            let mark = |one: &mut Blocker| one.milestone = Some(title.clone());
            all.page(milestone.issues, BlockerKind::Issue, mark);
            all.page(milestone.pull_requests, BlockerKind::PullRequest, mark);
        }
    }
    let open: Vec<Blocker> = all.open.into_values().collect();
    let total = open.len().saturating_add(all.more);
    Seen::Known(Blockers { query: query.clone(), missing_labels: missing, open, total })
}

impl Gathered {
    fn page(&mut self, page: Page, kind: BlockerKind, mark: impl Fn(&mut Blocker)) {
        let unread = page.total_count.saturating_sub(page.nodes.len());
        self.more = self.more.saturating_add(unread);
        for item in page.nodes.into_iter().flatten() {
            let Item { number, title, url, assignees } = item;
            let assignees = assignees.nodes.into_iter().flatten().map(|one| one.login).collect();
            let (labels, milestone) = (Vec::new(), None);
            let new = Blocker { number, kind, title, url, assignees, labels, milestone };
            mark(self.open.entry(number).or_insert(new));
        }
    }
}
