//! Reports as JSON documents. `format` increases if a field changes its meaning or is removed;
//! fields may be added at any time.

use super::accounting;
use super::blocked;
use super::environments;
use super::finding::Sources;
use super::model::{Kind, NothingToDo, Report};
use super::plan::final_digest;
use crate::base::names::TagName;
use crate::facts::{Blocker, TagAt};
use crate::judge::gates::Feedback;
use crate::judge::ruling::{Answer, Poll, Verdict};
use crate::judge::target::Target;
use crate::planner::forecast::forecast;
use crate::planner::{later_files, steps};
use crate::release::ledger::Ledger;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of these documents.
pub const FORMAT: u32 = 1;

/// The document of a report.
#[must_use]
pub fn document(report: &Report<'_>) -> Value {
    let mut document = plain(report);
    if let (Some(all), Some(fields)) = (&report.accounting, document.as_object_mut()) {
        fields.insert("accounting".into(), accounting::document(all));
    }
    if let (Some(waivers), Some(fields)) = (waivers(report), document.as_object_mut()) {
        fields.insert("waivers".into(), waivers);
    }
    if let (Some(feedback), Some(fields)) = (report.feedback, document.as_object_mut()) {
        fields.insert("feedback".into(), self::feedback(feedback));
    }
    let blocking = matches!(report.kind, Kind::Status | Kind::Run) && report.plan.is_some();
    if let (true, Some(fields)) = (blocking, document.as_object_mut()) {
        let sources = Sources::of_facts(report.facts);
        fields.insert("blockers".into(), blocked::document(&report.blocking(&sources)).into());
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
        "gates": answers.iter().map(gate).collect::<Vec<_>>(),
        "requests": stats.requests(),
        "by_endpoint": stats.by_endpoint(),
        "quotas": stats.quotas(),
    })
}

/// The waivers that were used, and notes about the others; `None` if there is no waiver file and no
/// waiver was used.
fn waivers(report: &Report<'_>) -> Option<Value> {
    let used = report.waived();
    let file = report.facts.waivers.known().ok().filter(|file| file.source.is_some());
    if used.is_empty() && file.is_none() {
        return None;
    }
    Some(json!({
        "commit": file.and_then(|file| file.commit.as_ref()),
        "asked": file.map(|file| file.asked),
        "used": used,
        "faults": report.poll.map_or(&[][..], |poll| &poll.waiver_faults),
        "notes": report.poll.map_or(&[][..], |poll| &poll.waiver_notes),
    }))
}

/// What testers reported: the issues that are listed, and how many are open.
fn feedback(feedback: Feedback<'_>) -> Value {
    let found = feedback.seen().known();
    let issue = |(issue, _): (&Blocker, String)| {
        let Blocker { number, title, url, assignees, labels, .. } = issue;
        json!({ "number": number, "title": title, "url": url, "assignees": assignees, "labels": labels })
    };
    let issues = || feedback.issues().map(issue).collect::<Vec<_>>();
    json!({
        "issues": found.ok().map(|_| issues()),
        "total": found.ok().map(|found| found.total),
        "labels": found.ok().map(|found| &found.query.labels),
        "missing_labels": found.ok().map(|found| &found.missing_labels),
        "unread": found.err().map(|unseen| &unseen.why),
    })
}

/// The result of a gate. Waivers that cover it are listed beside its ruling, which does not change.
fn gate(answer: &Answer) -> Value {
    let mut gate = json!({
        "id": answer.gate,
        "mode": answer.mode,
        "ruling": answer.ruling.as_ref().map(|ruling| ruling.verdict()),
        "summary": answer.ruling.as_ref().map_or_else(
            || answer.not_asked.as_deref().unwrap_or("off"),
            |ruling| ruling.summary(),
        ),
        "not_asked": answer.not_asked,
        "findings": answer.ruling.as_ref().map_or(&[][..], |ruling| ruling.findings()),
    });
    if let (false, Some(fields)) = (answer.notes.is_empty(), gate.as_object_mut()) {
        fields.insert("notes".into(), json!(answer.notes));
    }
    if let (false, Some(fields)) = (answer.waived.is_empty(), gate.as_object_mut()) {
        let waivers: Vec<Value> = (answer.waived.iter())
            .map(|one| json!({ "waiver": one.used, "finding": one.finding }))
            .collect();
        fields.insert("waived".into(), answer.is_waived.into());
        fields.insert("waivers".into(), waivers.into());
    }
    gate
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
    let expected = forecast(plan, progress, report.facts, report.schedule.as_ref());
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
        "forecast": expected.iter().filter_map(|(stage, entry)| {
            Some((stage.to_string(), entry.at?))
        }).collect::<BTreeMap<_, _>>(),
        "forecast_rules": expected.iter().filter_map(|(stage, entry)| {
            Some((stage.to_string(), entry.rule.as_ref()?.to_string()))
        }).collect::<BTreeMap<_, _>>(),
        "dates": report.dates.document(),
        "release_requests": costs.total(),
        "release_runs": costs.runs,
        "waiting_requests": costs.waiting,
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
    let mut document = json!({
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
    });
    let promoted = report.plan.and_then(|(plan, _)| plan.promoted.as_ref());
    if let (Some(from), Some(document)) = (promoted, document.as_object_mut()) {
        document.insert("promoted".into(), json!(from));
    }
    document
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
