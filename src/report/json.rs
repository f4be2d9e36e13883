//! Reports as JSON documents. `format` increases if a field changes its meaning or is removed;
//! fields may be added at any time.

use super::finding::Sources;
use super::model::{Ending, Report};
use super::stats::Stats;
use crate::base::names::{Sha, TagName};
use crate::base::version::Version;
use crate::facts::Facts;
use crate::judge::ruling::{Poll, Verdict};
use crate::judge::target::Target;
use crate::planner::Progress;
use crate::planner::cost::Costs;
use crate::release::outcome::Outcome;
use crate::release::plan::Plan;
use serde::Serialize;
use serde_json::{Value, json};

/// The version of these documents.
pub const FORMAT: u32 = 1;

/// The output of `check --format json`.
#[must_use]
pub fn check(
    facts: &Facts,
    target: Option<&Target>,
    poll: &Poll,
    ending: &Ending,
    stats: &Stats,
) -> Value {
    json!({
        "format": FORMAT,
        "outcome": ending.outcome.word().text,
        "verdict": poll.verdict(),
        "name": facts.name,
        "version": target.map(|target| target.version.to_string()),
        "tag": target.map(|target| target.tag.as_str()),
        "commit": facts.commit.sha,
        "branch": facts.branch.known().ok(),
        "merge": facts.merge.as_ref().map(|merge| json!({
            "pull_request": merge.number,
            "head": merge.head,
            "onto": merge.onto,
            "rules": merge.manifest.known().ok().and_then(Option::as_ref).map(|it| &it.rules),
        })),
        "at": facts.at,
        "gates": poll.answers.iter().map(|answer| json!({
            "id": answer.gate,
            "mode": answer.mode,
            "ruling": answer.ruling.as_ref().map(|ruling| ruling.verdict()),
            "summary": answer.ruling.as_ref().map(|ruling| ruling.summary()),
            "not_asked": answer.not_asked,
            "findings": answer.ruling.as_ref().map_or(&[][..], |ruling| ruling.findings()),
        })).collect::<Vec<_>>(),
        "requests": stats.requests(),
        "by_endpoint": stats.by_endpoint(),
        "quotas": stats.quotas(),
    })
}

/// The output of `plan --format json` for a version that was released without tminus: there is no
/// plan.
#[must_use]
pub fn nothing(version: &Version, tag: &TagName, commit: &Sha) -> Value {
    json!({
        "format": FORMAT,
        "outcome": Outcome::NothingToRelease.word().text,
        "plan": null,
        "version": version,
        "tag": tag,
        "commit": commit,
    })
}

/// The output of `plan --format json` for a development version.
#[must_use]
pub fn not_due(version: &Version) -> Value {
    json!({
        "format": FORMAT,
        "outcome": Outcome::NothingToRelease.word().text,
        "plan": null,
        "version": version,
    })
}

/// What `plan --format json` prints; `release --plan` reads its `plan`.
#[must_use]
pub fn plan(
    plan: &Plan,
    progress: &Progress,
    costs: &Costs,
    poll: Option<&Poll>,
    outcome: Outcome,
    stats: &Stats,
) -> Value {
    json!({
        "format": FORMAT,
        "outcome": outcome.word().text,
        "digest": plan.digest(),
        "plan": plan,
        "standings": plan.steps().map(|(stage, planned)| Standings {
            stage: stage.name.as_str(),
            step: planned.key.as_str(),
            standing: progress.of(&planned.key).word().text,
            evidence: progress.of(&planned.key).said(),
            requests: costs.of(&planned.key),
        }).collect::<Vec<_>>(),
        "release_requests": costs.total(),
        "verdict": poll.map(Poll::verdict).map(|verdict: Verdict| verdict.to_string()),
        "requests": stats.requests(),
        "by_endpoint": stats.by_endpoint(),
        "quotas": stats.quotas(),
    })
}

/// What `release --format json` and `abort --format json` print.
#[must_use]
pub fn flight(report: &Report<'_>, exit: u8, stats: &Stats) -> Value {
    let sources = Sources::of_facts(report.facts);
    let reasons = report.reasons(&sources);
    let reasons = report.troubles(&sources).chain(reasons).map(
        |reason| json!({ "word": reason.word.text, "gates": reason.gates, "finding": reason.finding }),
    );
    json!({
        "format": FORMAT,
        "outcome": report.ending.outcome.word().text,
        "exit": exit,
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
        "digest": report.plan.map(|(plan, _)| plan.digest()),
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
    requests: usize,
}
