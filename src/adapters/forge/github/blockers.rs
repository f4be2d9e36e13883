//! Reads the open issues and pull requests that block a release, and those that testers reported, in
//! one request.
//!
//! GitHub joins several labels with "or" in one place and with "and" in another, so each label is
//! queried by itself. A milestone is searched by its title, and only the exact title counts.

use super::client::Http;
use super::graphql::{Answer, ask};
use crate::facts::{Blocker, BlockerKind, BlockerQuery, Blockers, Seen, Unseen};
use crate::ports::PortError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
/// What is listed for a label: the kind, and the names of its parts in the response and in GitHub's schema.
const LISTS: [(BlockerKind, &str, &str); 2] =
    [(BlockerKind::Issue, "issues", "issues"), (BlockerKind::PullRequest, "pulls", "pullRequests")];

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

/// Sends the queries as one request, and converts the response.
pub(super) async fn blockers(
    http: &Http,
    queries: &[BlockerQuery],
) -> Result<Vec<Seen<Blockers>>, PortError> {
    let sent: Vec<&BlockerQuery> = queries.iter().filter(|one| settled(one).is_none()).collect();
    let found = match sent.as_slice() {
        [] => Vec::new(),
        sent => parse(&ask(http, WHAT, &text(sent), variables(sent)).await?, sent),
    };
    let mut found = found.into_iter();
    let missing = || Seen::Unseen(absent());
    let result = |query| settled(query).or_else(|| found.next()).unwrap_or_else(missing);
    Ok(queries.iter().map(result).collect())
}

/// The result of a query that needs no request.
fn settled(query: &BlockerQuery) -> Option<Seen<Blockers>> {
    if query.labels.len() > LABELS {
        let why = format!("at most {LABELS} labels are supported");
        return Some(Seen::unseen_help(why, "list fewer labels"));
    }
    let nothing = query.labels.is_empty() && query.milestones.is_empty();
    nothing.then(|| Seen::Known(Blockers { query: query.clone(), ..Blockers::default() }))
}

/// Each query, with the numbers of its first label and of its first milestone in the request.
fn numbered<'q>(
    queries: &'q [&BlockerQuery],
) -> impl Iterator<Item = (&'q BlockerQuery, usize, usize)> {
    let (mut labels, mut milestones) = (0, 0);
    queries.iter().map(move |query| {
        let first = (*query, labels, milestones);
        labels += query.labels.len();
        milestones += query.milestones.len();
        first
    })
}

/// The request: some fields for each label, and one for each title.
fn text(queries: &[&BlockerQuery]) -> String {
    let (mut head, mut body) = (String::new(), String::new());
    for (query, label, milestone) in numbered(queries) {
        for n in (label..).take(query.labels.len()) {
            let _ = write!(head, ", $label{n}: String!, $labels{n}: [String!]");
            let _ = writeln!(body, "    label{n}: label(name: $label{n}) {{ name }}");
            for (_, part, field) in LISTS.into_iter().filter(|one| query.includes(one.0)) {
                let _ = writeln!(
                    body,
                    "    {part}{n}: {field}(labels: $labels{n}, {OPEN}) {{ totalCount nodes {{ {ITEM} }} }}"
                );
            }
        }
        for n in (milestone..).take(query.milestones.len()) {
            let _ = write!(head, ", $milestone{n}: String");
            let _ = write!(
                body,
                "    milestones{n}: milestones(query: $milestone{n}, {MILESTONES}) {{ nodes {{ title\n      \
                 issues({OPEN}) {{ totalCount nodes {{ {ITEM} }} }}\n      \
                 pullRequests({OPEN}) {{ totalCount nodes {{ {ITEM} }} }}\n    }} }}\n"
            );
        }
    }
    format!(
        "query Blockers($owner: String!, $name: String!{head}) {{\n  \
         repository(owner: $owner, name: $name) {{\n{body}  }}\n}}\n"
    )
}

fn variables(queries: &[&BlockerQuery]) -> Value {
    let mut all = Map::new();
    for (query, first_label, first_milestone) in numbered(queries) {
        for (n, label) in (first_label..).zip(&query.labels) {
            all.insert(format!("label{n}"), label.as_str().into());
            all.insert(format!("labels{n}"), vec![label.as_str()].into());
        }
        for (n, title) in (first_milestone..).zip(&query.milestones) {
            all.insert(format!("milestone{n}"), title.as_str().into());
        }
    }
    Value::Object(all)
}

/// Adds open items, each once.
#[derive(Default)]
struct Gathered {
    open: BTreeMap<u64, Blocker>,
    more: usize,
}

/// Converts a response: for each query, all of it, or the first part that could not be read.
pub(super) fn parse(answer: &Answer, queries: &[&BlockerQuery]) -> Vec<Seen<Blockers>> {
    let found = |(query, label, milestone)| match found(answer, query, label, milestone) {
        Ok(found) => Seen::Known(found),
        Err(unseen) => Seen::Unseen(unseen),
    };
    numbered(queries).map(found).collect()
}

fn found(
    answer: &Answer,
    query: &BlockerQuery,
    first_label: usize,
    first_milestone: usize,
) -> Result<Blockers, Unseen> {
    let (mut all, mut missing) = (Gathered::default(), Vec::new());
    for (n, label) in (first_label..).zip(&query.labels) {
        if read::<Label>(answer, &format!("label{n}"))?.is_none() {
            missing.push(label.clone());
        }
        for (kind, part, _) in LISTS.into_iter().filter(|one| query.includes(one.0)) {
            let page = read::<Page>(answer, &format!("{part}{n}"))?.ok_or_else(absent)?;
            all.page(page, kind, |one| one.labels.push(label.clone()));
        }
    }
    for (n, title) in (first_milestone..).zip(&query.milestones) {
        let found = read::<Milestones>(answer, &format!("milestones{n}"))?;
        let found = found.map_or_else(Vec::new, |found| found.nodes);
        for milestone in found.into_iter().flatten().filter(|one| one.title == *title) {
            let pages = [
                (BlockerKind::Issue, milestone.issues),
                (BlockerKind::PullRequest, milestone.pull_requests),
            ];
            for (kind, page) in pages.into_iter().filter(|one| query.includes(one.0)) {
                all.page(page, kind, |one| one.milestone = Some(title.clone()));
            }
        }
    }
    let open: Vec<Blocker> = all.open.into_values().collect();
    let total = open.len().saturating_add(all.more);
    Ok(Blockers { query: query.clone(), missing_labels: missing, open, total })
}

/// A part of the response; `None` if it is null.
fn read<T: DeserializeOwned>(answer: &Answer, name: &str) -> Result<Option<T>, Unseen> {
    match answer.part::<T>(name) {
        Seen::Known(part) => Ok(part),
        Seen::Unseen(unseen) => Err(unseen),
    }
}

fn absent() -> Unseen {
    Unseen { why: "it is missing from GitHub's response".into(), help: None, who: None }
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
