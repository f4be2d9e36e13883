//! Reports as JSON documents. `format` increases if a field changes its meaning or is removed;
//! fields may be added at any time.

use super::accounting;
use super::environments;
use super::finding::Sources;
use super::model::{Kind, NothingToDo, Report};
use super::plan::final_digest;
use crate::base::names::TagName;
use crate::facts::TagAt;
use crate::judge::ruling::{Poll, Verdict};
use crate::judge::target::Target;
use crate::planner::forecast::forecast;
use crate::planner::{later_files, steps};
use crate::release::ledger::Ledger;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// The version of these documents.
pub const FORMAT: u32 = 1;

/// The document of a report.
#[must_use]
pub fn document(report: &Report<'_>) -> Value {
    let mut document = plain(report);
    if let (Some(all), Some(fields)) = (&report.accounting, document.as_object_mut()) {
        fields.insert("accounting".into(), accounting::document(all));
    }
    document
}

fn plain(report: &Report<'_>) -> Value {
    match (report.kind, &report.idle) {
        (Kind::Verdict, _) => check(report),
        (Kind::Run | Kind::Abort, _) => run(report),
        (Kind::Plan | Kind::Status, Some(idle)) => nothing(idle, report),
        (Kind::Plan | Kind::Status, None) => plan(report).unwrap_or_else(|| run(report)),
    }
}

/// The output of `check --format json`.
fn check(report: &Report<'_>) -> Value {
    let (facts, target, stats) = (report.facts, report.target, &report.stats);
    let answers = report.poll.map_or(&[][..], |poll| &poll.answers);
    let development = match &report.idle {
        Some(NothingToDo::Development { version, .. }) => Some(version),
        Some(
            NothingToDo::Out { .. } | NothingToDo::NotSet { .. } | NothingToDo::NotGiven { .. },
        )
        | None => None,
    };
    let taken = taken(report);
    // A development version, and a version whose tag is on another commit, are not released next.
    let target = target.filter(|_| development.is_none() && taken.is_none());
    json!({
        "format": FORMAT,
        "outcome": report.ending.outcome.word().text,
        "verdict": report.verdict(),
        "name": facts.name,
        "version": target.map(|target| target.version.to_string()),
        "tag": target.map(|target| target.tag.as_str()),
        "development": development,
        "taken": taken.map(|(target, tag)| json!({
            "version": target.version.to_string(),
            "tag": target.tag.as_str(),
            "commit": tag.commit,
        })),
        "commit": facts.commit.sha,
        "branch": facts.branch.known().ok(),
        "merge": facts.merge.as_ref().map(|merge| json!({
            "pull_request": merge.number,
            "head": merge.head,
            "onto": merge.onto,
            "rules": merge.manifest.known().ok().and_then(Option::as_ref).map(|it| &it.rules),
        })),
        "at": facts.at,
        "gates": answers.iter().map(|answer| json!({
            "id": answer.gate,
            "mode": answer.mode,
            "ruling": answer.ruling.as_ref().map(|ruling| ruling.verdict()),
            "summary": answer.ruling.as_ref().map_or_else(
                || answer.not_asked.as_deref().unwrap_or("off"),
                |ruling| ruling.summary(),
            ),
            "not_asked": answer.not_asked,
            "findings": answer.ruling.as_ref().map_or(&[][..], |ruling| ruling.findings()),
        })).collect::<Vec<_>>(),
        "requests": stats.requests(),
        "by_endpoint": stats.by_endpoint(),
        "quotas": stats.quotas(),
    })
}

/// The version at the commit, if its tag is on another commit, and its release is neither finished
/// nor in progress.
fn taken<'a>(report: &Report<'a>) -> Option<(&'a Target, &'a TagAt)> {
    let facts = report.facts;
    let tag = facts.tag.known().ok()?.as_ref().filter(|tag| tag.commit != facts.commit.sha)?;
    let going_on = facts.ledger.known().is_ok_and(Ledger::under_way);
    let stopped = matches!(report.verdict(), Some(Verdict::NoGo | Verdict::Unknown));
    report.target.filter(|_| stopped && !going_on).map(|target| (target, tag))
}

/// The output of `plan` and `status` if there is no plan because there is nothing to release.
fn nothing(idle: &NothingToDo, report: &Report<'_>) -> Value {
    let outcome = report.ending.outcome.word().text;
    match idle {
        NothingToDo::Out { version, tag, commit } => json!({
            "format": FORMAT,
            "outcome": outcome,
            "plan": null,
            "version": version,
            "tag": tag,
            "commit": commit,
        }),
        NothingToDo::Development { version, .. } => json!({
            "format": FORMAT,
            "outcome": outcome,
            "plan": null,
            "version": null,
            "development": version,
        }),
        NothingToDo::NotSet { .. } | NothingToDo::NotGiven { .. } => {
            json!({ "format": FORMAT, "outcome": outcome, "plan": null })
        }
    }
}

/// What `plan --format json` prints, if there is a plan; `release --plan` reads its `plan`.
#[must_use]
pub fn plan(report: &Report<'_>) -> Option<Value> {
    let ((plan, progress), costs, stats) = (report.plan?, &report.costs, &report.stats);
    Some(json!({
        "format": FORMAT,
        "outcome": report.ending.outcome.word().text,
        "digest": final_digest(plan),
        "missing_files": steps::pending_checks(plan),
        "later_files": later_files(plan, report.facts),
        "plan": plan,
        "standings": plan.steps().map(|(stage, planned)| Standings {
            stage: stage.name.as_str(),
            step: planned.key.as_str(),
            standing: progress.of(&planned.key).word().text,
            evidence: progress.of(&planned.key).said(),
            until: progress.of(&planned.key).until(),
            requests: costs.of(&planned.key),
            waits_for: steps::awaits(&planned.step),
        }).collect::<Vec<_>>(),
        "environments": environments::document(report.facts),
        "forecast": forecast(plan, progress, report.facts),
        "release_requests": costs.total(),
        "verdict": report.poll.map(Poll::verdict).map(|verdict: Verdict| verdict.to_string()),
        "requests": stats.requests(),
        "by_endpoint": stats.by_endpoint(),
        "quotas": stats.quotas(),
    }))
}

/// What `release --format json` and `abort --format json` print.
fn run(report: &Report<'_>) -> Value {
    let (sources, stats) = (Sources::of_facts(report.facts), &report.stats);
    let reasons = report.reasons(&sources);
    let reasons = report.troubles(&sources).chain(reasons).map(
        |reason| json!({ "word": reason.word.text, "gates": reason.gates, "finding": reason.finding }),
    );
    json!({
        "format": FORMAT,
        "outcome": report.ending.outcome.word().text,
        "exit": report.ending.outcome.exit().code(),
        "name": report.facts.name,
        "version": report.subject().map(|(version, _)| version.to_string()),
        "tag": report.subject().map(|(_, tag)| tag.as_str()),
        "previous": report.previous().map(TagName::as_str),
        "commit": report.facts.commit.sha,
        "release": report.release_page(),
        "stages": report.stages().into_iter().map(|(name, standing)| json!({
            "name": name,
            "standing": standing.text,
        })).collect::<Vec<_>>(),
        "next_stage": report.next_stage,
        "environments": environments::document(report.facts),
        "digest": report.plan.and_then(|(plan, _)| final_digest(plan)),
        "verdict": report.poll.map(|poll| poll.verdict().word().text),
        "reasons": reasons.collect::<Vec<_>>(),
        "requests": stats.requests(),
        "by_endpoint": stats.by_endpoint(),
        "quotas": stats.quotas(),
    })
}

#[derive(Serialize)]
struct Standings<'a> {
    stage: &'a str,
    step: &'a str,
    standing: &'a str,
    evidence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    requests: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<String>,
}
