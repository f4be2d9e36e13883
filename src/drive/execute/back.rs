//! Returns an environment to its last verified version.
//!
//! The record of the environment is replaced by compare-and-swap before anything is deployed. Until
//! the rollback is finished, the record says what remains to be done, so running the command again
//! continues it.

use super::end::End;
use super::environment::{begin, busy_until, complete, takes, write_record};
use super::heartbeat::Heartbeat;
use super::record::Record;
use crate::base::finding::{Finding, Who};
use crate::base::names::{EnvironmentName, StageName};
use crate::base::version::Version;
use crate::drive::observe::{environment as variables, environment_record, refresh_environments};
use crate::facts::{Facts, Seen, Unseen};
use crate::judge::case::Case;
use crate::judge::gates;
use crate::judge::ruling::Poll;
use crate::planner::steps::command;
use crate::ports::{Ended, PortError, WritePorts};
use crate::project::manifest::{Manifest, Stage};
use crate::release::environment::{Entry, EnvironmentRecord, State};
use crate::release::ledger::{Event, Evidence, Ledger};
use crate::release::outcome::{Cause, Outcome};
use crate::release::plan::Plan;
use crate::release::step::Command;
use jiff::SignedDuration;
use std::time::Duration;

/// What to roll back.
#[derive(Debug, Clone)]
pub struct BackOptions {
    /// The stage; if not set, the last one whose environment has a release.
    pub stage: Option<StageName>,
    /// Take over the release from a holder that may be running.
    pub take_over: bool,
}

/// How the rollback ended.
#[derive(Debug)]
pub enum BackResult {
    /// The environment was rolled back.
    Back {
        /// The environment.
        environment: EnvironmentName,
        /// The version that it had before.
        from: Version,
        /// The version that it has now.
        to: Version,
    },
    /// Nothing was changed.
    Refused {
        /// The outcome.
        outcome: Outcome,
        /// The cause.
        finding: Box<Finding>,
    },
    /// A gate that applies to rollbacks is not go.
    Gates(Poll),
    /// The rollback was started and is not finished.
    Failed {
        /// The outcome.
        outcome: Outcome,
        /// The cause.
        finding: Box<Finding>,
    },
}

/// Progress messages.
#[derive(Debug)]
pub enum BackStep<'a> {
    /// The rollback starts or continues.
    Begins {
        /// The environment.
        environment: &'a EnvironmentName,
        /// The version that it has.
        from: &'a Version,
        /// The version that it will have.
        to: &'a Version,
    },
    /// A command is running.
    Runs(&'a str),
    /// Something is done.
    Done(&'a str),
}

/// Receives progress messages.
pub type BackListener<'a> = &'a mut dyn FnMut(BackStep<'_>);

/// The stage and its environment, and the versions before and after.
struct Course {
    environment: EnvironmentName,
    stage: StageName,
    from: Entry,
    to: Entry,
    /// The plan of the version that returns.
    plan: Plan,
    /// Whether the environment already has that version because of this rollback.
    deployed: bool,
}

/// Rolls an environment back, or continues an interrupted rollback.
pub async fn go_back(
    write_ports: &WritePorts<'_>,
    manifest: &Manifest,
    facts: &mut Facts,
    options: &BackOptions,
    tell: BackListener<'_>,
) -> BackResult {
    let course = match course(write_ports, manifest, options).await {
        Ok(course) => course,
        Err(refused) => return refused,
    };
    let poll = gates::poll_back(&Case::new(manifest, facts));
    if poll.answers.iter().any(|answer| answer.ruling.is_some())
        && poll.verdict() != crate::judge::ruling::Verdict::Go
    {
        return BackResult::Gates(poll);
    }
    let Course { environment, from, to, .. } = &course;
    tell(BackStep::Begins { environment, from: &from.version, to: &to.version });
    let done = match course.deployed {
        true => close(write_ports, options, &course).await,
        false => perform(write_ports, manifest, facts, options, &course, tell).await,
    };
    match done {
        Ok(()) => BackResult::Back {
            environment: course.environment,
            from: course.from.version,
            to: course.to.version,
        },
        Err(failed) => failed,
    }
}

async fn course(
    write_ports: &WritePorts<'_>,
    manifest: &Manifest,
    options: &BackOptions,
) -> Result<Course, BackResult> {
    let (stage, record) = chosen(write_ports, manifest, options).await?;
    let Some(to_environment) = &stage.environment else {
        return Err(refused(Finding::new(format!(
            "stage `{}` has no environment",
            stage.name.value
        ))));
    };
    let environment = to_environment.name.clone();
    let Some(current) = record.current.clone() else {
        let finding = Finding::new(format!("nothing was released to `{environment}`"));
        return Err(refused(finding.help("release a version first")));
    };
    // A started rollback is continued, and a finished one is not repeated: running the command
    // twice never goes back two versions.
    let returned = current.back_from.is_some();
    let deployed = returned && current.state == State::Deployed;
    let (from, to) = match returned {
        true => {
            let from = record.earlier.first().cloned();
            (from.ok_or_else(|| nothing_before(&environment))?, current)
        }
        false => {
            let to = record.last_verified().cloned();
            (current, to.ok_or_else(|| nothing_before(&environment))?)
        }
    };
    let ledger = write_ports.remote.ledger(&to.tag).await.map_err(|error| failed(&error))?;
    let plan = ledger.plan().filter(|plan| plan.digest() == to.plan).cloned();
    let Some(plan) = plan else {
        let finding = Finding::new(format!("the plan of {} is not in its ledger", to.version))
            .help(format!("deploy {} manually, or release a new version", to.version));
        return Err(refused(finding));
    };
    Ok(Course { environment, stage: stage.name.value.clone(), from, to, plan, deployed })
}

/// The stage to roll back, and the record of its environment.
async fn chosen<'m>(
    write_ports: &WritePorts<'_>,
    manifest: &'m Manifest,
    options: &BackOptions,
) -> Result<(&'m Stage, EnvironmentRecord), BackResult> {
    let named = |stage: &&Stage| match &options.stage {
        Some(name) => stage.name.value == *name,
        None => stage.environment.is_some(),
    };
    let mut last = None;
    for stage in manifest.stages.iter().filter(named) {
        let record = match &stage.environment {
            None => EnvironmentRecord::default(),
            Some(environment) => read(write_ports, &environment.name).await?,
        };
        if last.is_none() || record.current.is_some() {
            last = Some((stage, record));
        }
    }
    last.ok_or_else(|| {
        let names: Vec<String> =
            manifest.stages.iter().map(|stage| format!("`{}`", stage.name.value)).collect();
        let finding = match &options.stage {
            Some(name) => Finding::new(format!("there is no stage `{name}`"))
                .help(format!("the stages are {}", names.join(", "))),
            None => Finding::new("no stage of the manifest has an `environment`"),
        };
        BackResult::Refused {
            outcome: Outcome::Error,
            finding: Box::new(finding.who(Who::Operator)),
        }
    })
}

async fn read(
    write_ports: &WritePorts<'_>,
    name: &EnvironmentName,
) -> Result<EnvironmentRecord, BackResult> {
    match environment_record(&write_ports.read_ports(), name).await {
        Seen::Known(stored) => Ok(stored.value),
        Seen::Unseen(unseen) => Err(unknown(&unseen, &format!("cannot read environment `{name}`"))),
    }
}

fn unknown(unseen: &Unseen, what: &str) -> BackResult {
    let finding = Box::new(unseen.finding(what));
    BackResult::Refused { outcome: Outcome::Unknown, finding }
}

async fn perform(
    write_ports: &WritePorts<'_>,
    manifest: &Manifest,
    facts: &mut Facts,
    options: &BackOptions,
    course: &Course,
    tell: BackListener<'_>,
) -> Result<(), BackResult> {
    let (name, plan) = (&course.environment, &course.plan);
    let (mut left, was_finished) = lease(write_ports, &course.from, options).await?;
    let (mut returned, _) = lease(write_ports, &course.to, options).await?;
    refresh_environments(&write_ports.read_ports(), manifest, plan, facts).await;
    let now = *facts.time.known().map_err(|unseen| unknown(unseen, "cannot determine the time"))?;
    let stage = plan.stages.iter().find(|stage| stage.name == course.to.stage);
    let entry = Entry {
        at: now,
        by: write_ports.runner.me().name,
        state: State::Entering,
        busy_until: busy_until(stage, now),
        back_from: Some(course.from.version.clone()),
        stage: course.stage.clone(),
        ..course.to.clone()
    };
    let begun = |record: &EnvironmentRecord| {
        record.of(&entry.plan).is_some_and(|entry| entry.back_from.is_some())
    };
    let current = read(write_ports, name).await?;
    if !begun(&current) && current.of(&course.from.plan).is_none() {
        // Another release entered the environment after this one was chosen.
        return Err(failed(&PortError::Behind { what: format!("environment `{name}`") }));
    }
    write_record(write_ports, name, facts, |record| match begun(record) {
        // It may have been interrupted long ago.
        true => record.changed(&entry.plan, |it| it.busy_until = entry.busy_until),
        false => record
            .changed(&course.from.plan, |it| it.state = State::RolledBack)
            .enter(entry.clone()),
    })
    .await
    .map_err(|error| failed(&error))?;
    left.queue(
        Event::RolledBack { stage: course.stage.clone(), to: course.to.version.clone() },
        SignedDuration::ZERO,
    );
    let after = match was_finished {
        true => Event::Finished,
        false => Event::Stopped { why: format!("{name} was rolled back to {}", course.to.version) },
    };
    left.queue(after, SignedDuration::ZERO);
    left.push().await.map_err(stopped)?;
    tell(BackStep::Done(&format!("{name} is reserved for {}", course.to.version)));
    begin(write_ports, name, facts, None).await.map_err(|error| failed(&error))?;
    for planned in stage.into_iter().flat_map(|stage| &stage.steps) {
        let Some(run) = command(&planned.step) else { continue };
        // The entry extends the lease by the time that the command may take.
        returned.queue(Event::Meant { step: planned.key.clone() }, takes(&planned.step));
        returned.push().await.map_err(stopped)?;
        let heartbeat = Heartbeat::of(write_ports, facts, Some(name));
        heartbeat.during(again(write_ports, plan, &run, tell)).await?;
        let text = format!("performed again by the rollback from {}", course.from.version);
        let evidence = Evidence { text, ..Evidence::default() };
        returned.queue(Event::Did { step: planned.key.clone(), evidence }, SignedDuration::ZERO);
    }
    let done = complete(write_ports, name, facts, &course.to.plan, None).await;
    done.map_err(|error| failed(&error))?;
    tell(BackStep::Done(&format!("{} is in {name}", course.to.version)));
    returned.queue(Event::Finished, SignedDuration::ZERO);
    returned.push().await.map_err(stopped)
}

/// Closes the ledger of the version that returned, if nothing else is left to do.
async fn close(
    write_ports: &WritePorts<'_>,
    options: &BackOptions,
    course: &Course,
) -> Result<(), BackResult> {
    let ledger = write_ports.remote.ledger(&course.to.tag).await.map_err(|error| failed(&error))?;
    if ledger.finished() {
        return Ok(());
    }
    let (mut returned, _) = lease(write_ports, &course.to, options).await?;
    returned.queue(Event::Finished, SignedDuration::ZERO);
    returned.push().await.map_err(stopped)
}

/// Acquires the lease of a release. Returns whether the release was already finished.
async fn lease<'a>(
    write_ports: &'a WritePorts<'a>,
    entry: &'a Entry,
    options: &BackOptions,
) -> Result<(Record<'a>, bool), BackResult> {
    let ledger = write_ports.remote.ledger(&entry.tag).await.map_err(|error| failed(&error))?;
    let finished = Ledger::finished(&ledger);
    let leased = Record::lease(write_ports, &entry.tag, ledger, options.take_over);
    let (mut record, _) = leased.map_err(stopped)?;
    record.push().await.map_err(stopped)?;
    Ok((record, finished))
}

/// Runs a command of the version that returns, unless its probe reports that it is done.
async fn again(
    write_ports: &WritePorts<'_>,
    plan: &Plan,
    run: &Command,
    tell: BackListener<'_>,
) -> Result<(), BackResult> {
    let variables = variables(plan);
    let failed_with = |why: String| {
        let finding = Finding::new(format!("`{}` {why}", run.name))
            .help("fix the cause, then run `tminus promote --back` again")
            .who(Who::Operator);
        BackResult::Failed { outcome: Outcome::Partial, finding: Box::new(finding) }
    };
    let is_done = async || -> Result<Option<bool>, BackResult> {
        let Some(probe) = &run.probe else { return Ok(None) };
        let ended = write_ports.runner.probe(probe, &variables).await;
        match ended.map_err(|error| failed(&error))?.code {
            Some(0) => Ok(Some(true)),
            Some(1) => Ok(Some(false)),
            Some(code) => Err(failed_with(format!("has a probe that exited with {code}"))),
            None => Err(failed_with("has a probe that was killed or timed out".into())),
        }
    };
    let what = format!("run {}", run.name);
    if is_done().await? == Some(true) {
        tell(BackStep::Done(&what));
        return Ok(());
    }
    tell(BackStep::Runs(&run.name));
    let timeout = Duration::from_secs(run.timeout_seconds);
    let ended = write_ports.runner.run(&run.command, &variables, timeout).await;
    match ended.map_err(|error| failed(&error))? {
        Ended { code: Some(0), .. } => {}
        Ended { code: Some(code), .. } => return Err(failed_with(format!("exited with {code}"))),
        Ended { code: None, .. } => return Err(failed_with("was killed or timed out".into())),
    }
    if is_done().await? == Some(false) {
        return Err(failed_with("ran, but its probe reports that it is not done".into()));
    }
    tell(BackStep::Done(&what));
    Ok(())
}

fn nothing_before(environment: &EnvironmentName) -> BackResult {
    let finding = Finding::new(format!(
        "environment `{environment}` has no earlier version whose verification passed"
    ));
    refused(finding.help("release a fixed version; tminus returns only to versions that a stage with `verify` has verified"))
}

fn refused(finding: Finding) -> BackResult {
    let finding = Box::new(finding.who(Who::Operator));
    BackResult::Refused { outcome: Outcome::NoGo, finding }
}

fn failed(error: &PortError) -> BackResult {
    let mut finding = Finding::new(error.to_string());
    finding.help = error.help();
    finding.who = error.who();
    let outcome = match error {
        PortError::Behind { .. } | PortError::Limited { .. } => Outcome::Stopped(Cause::Busy),
        PortError::Refused { .. } => Outcome::Stopped(Cause::Refused),
        PortError::NoAnswer { .. } | PortError::Denied { .. } | PortError::Damaged { .. } => {
            Outcome::Stopped(Cause::Unanswered)
        }
    };
    BackResult::Failed { outcome, finding: Box::new(finding) }
}

/// The lease could not be acquired or kept.
fn stopped(end: End) -> BackResult {
    match end {
        End::Failed { error, .. } => failed(&error),
        End::Attached { holder, .. } => {
            let finding = Finding::new(format!("`{}` is running this release", holder.name))
                .help("wait, or pass `--take-over`")
                .who(Who::Nobody);
            BackResult::Failed { outcome: Outcome::Attached, finding: Box::new(finding) }
        }
        End::Nothing
        | End::Idle(_)
        | End::Released
        | End::Through(_)
        | End::Before(_)
        | End::NoPlan(_)
        | End::NotStarted
        | End::NoStage(_)
        | End::OtherPlan { .. }
        | End::Gates(_)
        | End::Conflicts(_)
        | End::Held { .. }
        | End::Blind { .. } => failed(&PortError::Behind { what: "the ledger".into() }),
    }
}
