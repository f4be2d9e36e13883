//! `train-due`: the train that the release leaves with is due.

use super::gate::{Need, Occasion, Rule};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Sha, StageName};
use crate::judge::calendar::{merged, now};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::manifest::Manifest;
use crate::project::schedule::{Departure, Schedule, Train};
use crate::release::ledger::Ledger;
use jiff::Timestamp;
use std::collections::HashMap;

/// The rule.
pub(super) struct TrainDue;

impl Rule for TrainDue {
    const ID: &'static str = "train-due";
    const ASKS: &'static str = "is the release's train due?";
    const PAGE: &'static str = include_str!("../../../docs/gates/train-due.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    const ENDS_BY_ITSELF: bool = true;
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::Merged]
    }

    fn concerns(manifest: &Manifest) -> bool {
        manifest.schedule.as_ref().is_some_and(|schedule| !schedule.trains.is_empty())
    }

    fn by_default(case: &Case<'_>) -> bool {
        Self::concerns(case.manifest)
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let trains = case.manifest.schedule.as_ref().filter(|it| !it.trains.is_empty());
        let Some(schedule) = trains else { return Ruling::go("the manifest has no trains") };
        let now = match now(case.facts) {
            Ok(now) => now,
            Err(ruling) => return ruling,
        };
        let merged = match merged(case.facts) {
            Ok(merged) => merged,
            Err(ruling) => return ruling,
        };
        let stage = match next_stage(case) {
            Next::Left(stage) => {
                return Ruling::go(format!(
                    "the release already left: stage `{stage}` was entered"
                ));
            }
            Next::Free(stage) => return Ruling::go(before(schedule, stage, now)),
            Next::With(stage) => stage,
        };
        let trains = || schedule.trains.iter().filter(|train| train.takes(stage));
        match schedule.departure(stage, merged, now) {
            None => {
                let finding =
                    Finding::new("no train in the schedule leaves after this commit was merged");
                let help = "add dates to `schedule.trains` in the manifest";
                Ruling::no_go(finding.help(help).who(Who::Author))
            }
            Some((train, departure)) if departure.at <= now => Ruling::go(format!(
                "the train `{}` of {} is due; the commit was merged {}",
                train.name,
                schedule.local(departure.at),
                schedule.local(merged)
            )),
            Some((train, departure)) => {
                let missed = trains().find_map(|train| missed(schedule, train, merged, now));
                held(case, schedule, (train, departure), merged, missed)
            }
        }
    }
}

enum Next<'c> {
    /// A stage of a train was entered before.
    Left(&'c StageName),
    /// The next stage, if there is one, is entered without a train.
    Free(Option<&'c StageName>),
    /// The next stage is entered with a train.
    With(&'c StageName),
}

/// The stage that the release enters next.
fn next_stage<'c>(case: &Case<'c>) -> Next<'c> {
    let ledger = case.facts.ledger.known().ok();
    let entered =
        |name: &StageName| ledger.and_then(|ledger: &Ledger| ledger.entered(name)).is_some();
    let trains = || case.manifest.schedule.iter().flat_map(|schedule| &schedule.trains);
    let takes = |name: &StageName| trains().any(|train| train.takes(name));
    let names = || case.manifest.stages.iter().map(|stage| &stage.name.value);
    if let Some(left) = names().find(|name| takes(name) && entered(name)) {
        return Next::Left(left);
    }
    match names().find(|name| !entered(name)) {
        Some(next) if takes(next) => Next::With(next),
        next => Next::Free(next),
    }
}

/// The next train, if the next stage is entered without one.
fn before(schedule: &Schedule, stage: Option<&StageName>, now: Timestamp) -> String {
    let stage =
        stage.map_or_else(|| "the rest of the release".into(), |stage| format!("`{stage}`"));
    match schedule.next_train(None, now) {
        None => format!("{stage} does not wait for a train"),
        Some((train, departure)) => format!(
            "{stage} does not wait for a train; the next is `{}`, {}",
            train.name,
            schedule.local(departure.at)
        ),
    }
}

/// The date of a train that is not over, and for which the commit was merged too late.
fn missed(
    schedule: &Schedule,
    train: &Train,
    merged: Timestamp,
    now: Timestamp,
) -> Option<Departure> {
    let zone = &schedule.zone;
    let candidates = [train.before(zone, now), train.after(zone, now)];
    candidates.into_iter().flatten().rev().find(|one| one.cut_off < merged && now < one.closes)
}

fn held(
    case: &Case<'_>,
    schedule: &Schedule,
    (train, departure): (&Train, Departure),
    merged: Timestamp,
    missed: Option<Departure>,
) -> Ruling {
    let local = |at| schedule.local(at);
    let finding =
        Finding::new(format!("the train `{}` leaves {}", train.name, local(departure.at)));
    let again = format!("run the command again after {}", local(departure.at));
    let finding = match missed {
        None => finding.help(again),
        Some(missed) => {
            let commit = case.facts.commit.sha.short();
            let finding = finding.note(format!(
                "{commit} was merged {}, after the cut-off ({}) of the train that leaves {}",
                local(merged),
                local(missed.cut_off),
                local(missed.at)
            ));
            match in_time(case, missed.cut_off) {
                Some(sha) => finding.help(format!(
                    "to leave with the train of {}, use `--commit {sha}` to release the last commit \
                     that was merged by its cut-off; otherwise, {again}",
                    local(missed.at)
                )),
                None => finding
                    .note("every commit since the last release was merged after the cut-off")
                    .help(again),
            }
        }
    };
    Ruling::Hold { summary: finding.message.clone(), findings: vec![finding.who(Who::Nobody)] }
}

/// The last commit that the branch had before a cut-off, of those since the last release. Commits
/// of a merged branch are older than its merge.
fn in_time(case: &Case<'_>, cut_off: Timestamp) -> Option<String> {
    let since = &case.facts.history.known().ok()?.since;
    let merges = since.iter().any(|commit| !commit.parent_commits.is_empty());
    let places: HashMap<&Sha, usize> =
        since.iter().enumerate().map(|(place, commit)| (&commit.sha, place)).collect();
    let mut next = *places.get(&case.facts.commit.sha)?;
    // Each commit is visited at most once.
    for _ in since {
        next = match since.get(next)?.parent_commits.first() {
            Some(parent) => *places.get(parent)?,
            None if merges => return None,
            None => next + 1,
        };
        let commit = since.get(next)?;
        if commit.committed_at <= cut_off.as_second() {
            return Some(commit.sha.short().to_string());
        }
    }
    None
}
