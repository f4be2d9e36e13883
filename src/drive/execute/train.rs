//! Records the result of a train's past dates, after a release run.

use super::end::{End, ReleaseRun};
use super::environment::replace;
use crate::drive::observe::train_record;
use crate::facts::{Facts, Unseen};
use crate::judge::calendar::{merged, now};
use crate::judge::gates;
use crate::judge::ruling::{Poll, Verdict};
use crate::ports::{Document, PortError, WritePorts};
use crate::project::manifest::Manifest;
use crate::project::schedule::{Departure, Train};
use crate::release::ledger::Ledger;
use crate::release::train::{TrainDate, TrainEnd};
use jiff::Timestamp;

/// How often a record is read again if another run wrote it first.
const TRIES: usize = 3;

/// Records the last date of each train as soon as a release left with it, or it is over. Returns a
/// sentence for each date that was recorded.
///
/// # Errors
/// When a record cannot be read or written. The release does not depend on it.
pub async fn record_trains(
    write_ports: &WritePorts<'_>,
    manifest: &Manifest,
    run: &ReleaseRun,
) -> Result<Vec<String>, PortError> {
    let Some(schedule) = &manifest.schedule else { return Ok(Vec::new()) };
    // With `--at`, no train leaves.
    let Ok(now) = now(&run.facts) else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for train in &schedule.trains {
        let date = train.before(&schedule.zone, now).and_then(|last| {
            let missed = || TrainEnd::Missed { reason: reason(run, last) };
            let left = left_with(manifest, train, last, run);
            let end = left.or_else(|| (now >= last.closes).then(missed))?;
            Some(TrainDate { at: last.at, end })
        });
        if let Some(date) = recorded(write_ports, train, date, now).await? {
            let (at, words) = (schedule.local(date.at), date.end.words());
            lines.push(format!("the train `{}` of {at}: {words}", train.name));
        }
    }
    Ok(lines)
}

/// Records a date; returns it if it was not recorded before.
async fn recorded(
    write_ports: &WritePorts<'_>,
    train: &Train,
    date: Option<TrainDate>,
    now: Timestamp,
) -> Result<Option<TrainDate>, PortError> {
    let which = Document::Train(train.name.clone());
    let mut tries = 0;
    loop {
        let seen = train_record(&write_ports.read_ports(), &train.name).await;
        let unread = |unseen: &Unseen| PortError::NoAnswer {
            what: format!("read the train `{}`", train.name),
            why: unseen.why.clone(),
        };
        let mut stored = seen.known().map_err(unread)?.clone();
        let new = stored.value.with(date.clone(), now);
        if new == stored.value {
            return Ok(None);
        }
        let date = date.clone().filter(|_| new.dates != stored.value.dates);
        let line = match &date {
            Some(date) => format!("{}: {}", date.at, date.end.words()),
            None => "dates are recorded from now on".into(),
        };
        match replace(write_ports, &which, &mut stored, new, &line).await {
            Ok(()) => return Ok(date),
            Err(PortError::Behind { .. }) if tries < TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The release, if it entered a stage of the train on this date.
fn left_with(
    manifest: &Manifest,
    train: &Train,
    date: Departure,
    run: &ReleaseRun,
) -> Option<TrainEnd> {
    let ledger: &Ledger = run.facts.ledger.known().ok()?;
    let tag = &ledger.plan()?.tag;
    let stages = manifest.stages.iter().map(|stage| &stage.name.value);
    let mut entered = stages.filter(|stage| train.takes(stage)).filter_map(|it| ledger.entered(it));
    let on_it = entered.any(|at| date.at <= at && at < date.closes);
    on_it.then(|| TrainEnd::Left { tag: tag.clone() })
}

/// Why nothing left.
fn reason(run: &ReleaseRun, date: Departure) -> String {
    match &run.end {
        End::Gates(poll) => not_ready(poll, &run.facts, date),
        End::Idle(idle) => idle.said(),
        End::Nothing => "nothing to release".into(),
        End::Held { held, .. } => held.finding.message.clone(),
        End::NoPlan(none) => none.finding().message,
        End::Released
        | End::Through(_)
        | End::Before(_)
        | End::NoStage(_)
        | End::NotStarted
        | End::OtherPlan { .. }
        | End::Attached { .. }
        | End::Conflicts(_)
        | End::Blind { .. }
        | End::Failed { .. } => NOT_READY.into(),
    }
}

const NOT_READY: &str = "no release was ready in time";

/// The first gate that stops the release, except gates whose hold ends automatically; otherwise,
/// that the commit was too late, or that the schedule did not allow a release.
fn not_ready(poll: &Poll, facts: &Facts, date: Departure) -> String {
    let stops = poll.answers.iter().filter_map(|answer| {
        let ruling = answer.ruling.as_ref().filter(|it| it.verdict() != Verdict::Go)?;
        Some((answer.gate.as_str(), format!("{}: {}", answer.gate, ruling.summary())))
    });
    let stops: Vec<(&str, String)> = stops.collect();
    let by_itself = |gate: &str| gates::find(gate).is_some_and(|gate| gate.ends_by_itself);
    if let Some((_, why)) = stops.iter().find(|(gate, _)| !by_itself(gate)) {
        return why.clone();
    }
    if merged(facts).is_ok_and(|merged| merged > date.cut_off) {
        return format!("{} was merged after the cut-off", facts.commit.sha.short());
    }
    let closed = stops.iter().find(|(gate, _)| *gate != TRAIN);
    closed.map_or_else(|| NOT_READY.into(), |(_, why)| why.clone())
}

/// The gate of trains: it holds until the next date.
const TRAIN: &str = "train-due";
