//! Converts GitHub's check runs, commit statuses and check suites to [`Check`]s.
//!
//! An unknown word is kept as it is. A node of an unknown type is omitted, and shows as a
//! difference between [`Checks::total`] and the number of checks.
//!
//! For GitHub Actions, [`Check::id`] is the number of the check run, because a job knows its own
//! number (`job.check_run_id`). Otherwise it is GitHub's opaque node id: GraphQL cannot represent
//! the numbers, which no longer fit 32 bits.
//!
//! [`Checks::total`]: crate::facts::Checks::total

use super::origin::{conclusion, of_run, origin};
use crate::base::names::Sha;
use crate::facts::Conclusion;
use crate::facts::{Check, CheckKind, CheckState, Checks};
use crate::project::workflow::APP;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A page of contexts.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contexts {
    total_count: usize,
    pub(super) page_info: PageInfo,
    nodes: Option<Vec<Option<Context>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl PageInfo {
    /// The start of the next page, if there is one.
    pub(super) fn next(&self) -> Option<String> {
        self.end_cursor.clone().filter(|_| self.has_next_page)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    #[serde(rename = "__typename")]
    kind: String,
    id: Option<String>,
    name: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    details_url: Option<String>,
    check_suite: Option<Suite>,
    pending_deployment_request: Option<DeploymentRequest>,
    context: Option<String>,
    state: Option<String>,
    created_at: Option<String>,
    target_url: Option<String>,
    avatar_url: Option<String>,
    creator: Option<Creator>,
}

#[derive(Debug, Deserialize)]
struct DeploymentRequest {
    environment: Option<Environment>,
}

#[derive(Debug, Deserialize)]
struct Environment {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Creator {
    #[serde(rename = "__typename", default)]
    kind: String,
    #[serde(default)]
    login: String,
}

/// The suites of a commit.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Suites {
    total_count: usize,
    pub(super) page_info: PageInfo,
    nodes: Option<Vec<Option<Suite>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Suite {
    id: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    app: Option<App>,
    workflow_run: Option<WorkflowRun>,
    status: Option<String>,
    conclusion: Option<String>,
    url: Option<String>,
    check_runs: Option<Count>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    database_id: Option<i64>,
    slug: Option<String>,
}

#[derive(Debug, Deserialize)]
struct WorkflowRun {
    url: Option<String>,
    event: Option<String>,
    workflow: Option<Workflow>,
}

#[derive(Debug, Deserialize)]
struct Workflow {
    name: Option<String>,
}

/// The data from all pages.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) runs: Vec<Check>,
    seen: BTreeSet<String>,
    suites: Vec<Suite>,
    since: Option<Timestamp>,
    /// Suites that have reported check runs.
    busy: BTreeSet<String>,
    /// The largest total that the forge reported: a smaller number would hide missing checks.
    contexts_told: usize,
    suites_told: usize,
}

impl Gathered {
    /// Adds a page of contexts, except entries that an earlier page contained.
    pub(super) fn contexts(&mut self, page: Contexts) {
        self.contexts_told = self.contexts_told.max(page.total_count);
        for context in page.nodes.into_iter().flatten().flatten() {
            if let Some(suite) = &context.check_suite {
                self.since = self.since.max(time(suite.created_at.as_deref()));
                self.busy.extend(suite.id.clone());
            }
            let node = context.id.clone().unwrap_or_default();
            let check = match context.kind.as_str() {
                "CheckRun" => check_run(context),
                "StatusContext" => status(context),
                _ => None,
            };
            // Without an ID, checks cannot be distinguished.
            if let Some(check) = check
                && (node.is_empty() || self.seen.insert(node))
            {
                self.runs.push(check);
            }
        }
    }

    /// Adds a page of suites, except entries that an earlier page contained.
    pub(super) fn suites(&mut self, page: Suites) {
        self.suites_told = self.suites_told.max(page.total_count);
        for suite in page.nodes.into_iter().flatten().flatten() {
            self.since = self.since.max(time(suite.created_at.as_deref()));
            let node = suite.id.clone().unwrap_or_default();
            if node.is_empty() || self.seen.insert(node) {
                self.suites.push(suite);
            }
        }
    }

    /// All checks, including those that only suites show. The newest suite of a workflow becomes a
    /// check with the workflow's name if it has no check runs and either failed or has not
    /// finished. A suite that ended without a job, because it was skipped or cancelled, is ignored.
    pub(super) fn finish(self, commit: &Sha) -> Checks {
        let Self { mut runs, suites, since, busy, contexts_told, suites_told, seen: _ } = self;
        let hidden = suites_told.saturating_sub(suites.len());
        let mut newest: BTreeMap<(Option<String>, String), (Option<Check>, Suite)> =
            BTreeMap::new();
        for suite in suites {
            let Some(name) = suite.workflow_run.as_ref().and_then(workflow) else { continue };
            let reported = suite.id.as_ref().is_some_and(|id| busy.contains(id))
                || suite.check_runs.as_ref().is_some_and(|runs| runs.total_count > 0);
            let lone = if reported { None } else { lone_suite(&name, &suite) };
            if !reported && lone.is_none() {
                continue;
            }
            let app = suite.app.as_ref().and_then(|app| app.slug.clone());
            let age = |suite: &Suite| time(suite.created_at.as_deref());
            let known = newest.get(&(app.clone(), name.clone())).map(|(_, suite)| age(suite));
            if known.is_none_or(|known| known <= age(&suite)) {
                newest.insert((app, name), (lone, suite));
            }
        }
        let lone: Vec<Check> = newest.into_values().filter_map(|(lone, _)| lone).collect();
        let total = contexts_told.saturating_add(hidden).saturating_add(lone.len());
        runs.extend(lone);
        Checks { commit: commit.clone(), total, runs, since }
    }
}

fn check_run(context: Context) -> Option<Check> {
    let suite = context.check_suite.unwrap_or_default();
    let app = suite.app.as_ref().and_then(|app| app.slug.clone());
    let state = run_state(context.status?, context.conclusion);
    let url = context.details_url;
    let job = url.as_deref().filter(|_| app.as_deref() == Some(APP)).and_then(job_number);
    // A queued rerun has not started, and its suite is as old as the first run: the time of the
    // suite's last change shows how new it is.
    let queued = || match &state {
        CheckState::Pending(_) => time(suite.updated_at.as_deref().or(suite.created_at.as_deref())),
        CheckState::Finished(_) => None,
    };
    let started_at = time(context.started_at.as_deref()).or_else(queued);
    let id = job.map_or_else(|| context.id.unwrap_or_default(), |job| job.to_string());
    let origin = origin(CheckKind::Run, app.as_deref(), &id, url.as_deref());
    Some(Check {
        kind: CheckKind::Run,
        id,
        name: context.name?,
        app,
        app_id: suite.app.as_ref().and_then(|app| app.database_id),
        workflow: suite.workflow_run.as_ref().and_then(workflow),
        event: suite.workflow_run.as_ref().and_then(|run| run.event.clone()),
        run: suite.workflow_run.as_ref().and_then(run_number),
        state,
        started_at,
        completed_at: time(context.completed_at.as_deref()),
        url,
        environment: context
            .pending_deployment_request
            .and_then(|request| request.environment)
            .map(|environment| environment.name),
        origin: Some(origin),
    })
}

/// Only the avatar of an app's own account has `/in/` in its path, followed by the app's number.
fn status(context: Context) -> Option<Check> {
    let state = context.state?.to_ascii_lowercase();
    let bot = context.creator.filter(|creator| creator.kind == "Bot");
    let avatar = context.avatar_url.as_deref().filter(|_| bot.is_some());
    let state = match state.as_str() {
        "pending" | "expected" => CheckState::Pending(state.into()),
        _ => CheckState::Finished(conclusion(&state)),
    };
    let at = time(context.created_at.as_deref());
    let ended = matches!(state, CheckState::Finished(_));
    let id = context.id.unwrap_or_default();
    Some(Check {
        kind: CheckKind::Status,
        origin: Some(origin(CheckKind::Status, None, &id, None)),
        id,
        name: context.context?,
        app: bot.map(|bot| bot.login.trim_end_matches("[bot]").to_owned()),
        app_id: avatar.and_then(|url| number_after(url, "/in/")),
        workflow: None,
        event: None,
        run: None,
        state,
        started_at: at,
        completed_at: at.filter(|_| ended),
        url: context.target_url,
        environment: None,
    })
}

fn lone_suite(name: &str, suite: &Suite) -> Option<Check> {
    let state = run_state(suite.status.clone().unwrap_or_default(), suite.conclusion.clone());
    if let CheckState::Finished(ended) = &state
        && (ended.is_not_failure() || *ended == Conclusion::Cancelled)
    {
        return None;
    }
    let run = suite.workflow_run.as_ref();
    let app = suite.app.as_ref().and_then(|app| app.slug.clone());
    Some(Check {
        kind: CheckKind::Run,
        id: suite.id.clone().unwrap_or_default(),
        workflow: Some(name.into()),
        name: name.into(),
        origin: Some(of_run(app.as_deref())),
        app,
        app_id: suite.app.as_ref().and_then(|app| app.database_id),
        event: run.and_then(|run| run.event.clone()),
        run: run.and_then(run_number),
        state,
        started_at: time(suite.created_at.as_deref()),
        completed_at: None,
        url: suite.url.clone(),
        environment: None,
    })
}

fn run_state(status: String, word: Option<String>) -> CheckState {
    if status.eq_ignore_ascii_case("completed") {
        return CheckState::Finished(conclusion(word.as_deref().unwrap_or("no conclusion")));
    }
    CheckState::Pending(status.to_ascii_lowercase().into())
}

fn workflow(run: &WorkflowRun) -> Option<String> {
    run.workflow.as_ref()?.name.clone()
}

fn run_number(run: &WorkflowRun) -> Option<u64> {
    number_after(run.url.as_deref()?, "/runs/")
}

fn job_number(url: &str) -> Option<u64> {
    number_after(url, "/job/")
}

fn number_after<N: std::str::FromStr>(url: &str, marker: &str) -> Option<N> {
    let rest = url.split_once(marker)?.1;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
