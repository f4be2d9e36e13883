//! The loop that performs a plan.

mod hold;
mod repair;

use super::effect::Effects;
use super::end::{End, EnterStages, Listener, ReleaseNotice};
use super::environment::takes;
use super::heartbeat::Heartbeat;
use super::record::Record;
use super::steps::{self, EvidenceSource, Failed, StepContext, StepResult};
use crate::base::names::{Sha, StageName, StepKey};
use crate::drive::observe::{
    blockers_again, refresh_all, refresh_people, refresh_step, refresh_time, rights_again,
    survey_checks,
};
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection};
use crate::judge::ruling::Permit;
use crate::planner::steps::touches;
use crate::planner::{Progress, StepState, progress};
use crate::ports::{PortError, WritePorts};
use crate::project::manifest::{Manifest, Touch};
use crate::release::ledger::{Event, Evidence, Ledger};
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Planned, Reach};
use crate::release::waiver::UsedWaiver;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// The maximum number of attempts of one repair.
const TRIES: usize = 4;

/// The maximum number of attempts of a step that was refused because of a rate limit.
const LIMITED: usize = 3;

/// The maximum number of attempts of a step whose response was lost and whose effect is not
/// visible.
const UNANSWERED: usize = 2;

/// Pauses, in seconds, between reads of the state of a step that was performed or may have been.
const LAG: [u64; 4] = [0, 2, 4, 8];

/// The longest wait for a rate limit before the run stops.
const MAX_LIMIT_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// The last stage to run, and whether to take the release over.
pub(super) struct ReleaseLimits {
    /// The last stage to run; `None` for all.
    pub(super) through: Option<StageName>,
    /// Whether to start stages that enter an environment.
    pub(super) entering: EnterStages,
    /// Take over the release from a holder that may be running.
    pub(super) take_over: bool,
}

/// Performs a plan. It requires a [`Permit`] to start, and a new one before every public step.
pub(super) async fn execute(
    write_ports: &WritePorts<'_>,
    manifest: &Manifest,
    plan: &Plan,
    limits: &ReleaseLimits,
    facts: Facts,
    permit: Permit,
    report: Listener<'_>,
) -> (End, Facts, Progress) {
    let ledger = facts.ledger.known().cloned().unwrap_or_default();
    let release = ledger.release();
    let unsealed = ledger.plan().is_none();
    let (mut record, took_over) =
        match Record::lease(write_ports, &plan.tag, ledger, limits.take_over) {
            Ok(leased) => leased,
            Err(end) => return (end, facts, Progress::default()),
        };
    if unsealed {
        let event = Event::Sealed { digest: plan.digest(), plan: Box::new(plan.clone()) };
        record.queue(event, SignedDuration::ZERO);
    }
    let mut executor = Executor {
        write_ports,
        manifest,
        plan,
        through: limits.through.as_ref(),
        entering: limits.entering,
        effects: Effects { write_ports },
        record,
        facts,
        release,
        object: None,
        tries: BTreeMap::new(),
        progress: Progress::default(),
        waived: Vec::new(),
        last_heartbeat: None,
        report,
    };
    let end = match executor.record.push().await {
        Err(end) if is_lost(&end) => executor.overtaken(end).await,
        Err(end) => end,
        Ok(()) => {
            executor.notify(&ReleaseNotice::Leased(took_over.as_deref()));
            match executor.steps(permit).await {
                end if is_lost(&end) => executor.overtaken(end).await,
                end => {
                    executor.release_lease(&end).await;
                    end
                }
            }
        }
    };
    (end, executor.facts, executor.progress)
}

/// Whether another runner wrote to the ledger, so that this run's state is outdated.
fn is_lost(end: &End) -> bool {
    matches!(
        end,
        End::Attached { .. } | End::Failed { step: None, error: PortError::Behind { .. } }
    )
}

/// The observed result of a performed step.
enum ObservedStep {
    Done,
    /// A broken item must be removed first.
    Broken,
    Nothing,
}

struct Executor<'a> {
    write_ports: &'a WritePorts<'a>,
    manifest: &'a Manifest,
    plan: &'a Plan,
    through: Option<&'a StageName>,
    entering: EnterStages,
    effects: Effects<'a>,
    record: Record<'a>,
    facts: Facts,
    /// The release's number, taken from the response before the ledger contains it.
    release: Option<u64>,
    /// The tag object that this run created.
    object: Option<Sha>,
    /// How often each repair was tried, and which errors each step had.
    tries: BTreeMap<String, usize>,
    progress: Progress,
    /// The waivers that this run has reported.
    waived: Vec<UsedWaiver>,
    /// When the deployment was last reported as in progress.
    last_heartbeat: Option<Timestamp>,
    report: Listener<'a>,
}

impl Executor<'_> {
    async fn steps(&mut self, mut permit: Permit) -> End {
        let plan = self.plan;
        let mut unlisted = true;
        self.honour(&permit);
        loop {
            if let Err(end) = self.compare() {
                return end;
            }
            if let Some(repair) = self.progress.repairs.first().cloned() {
                match self.repair(&repair).await {
                    Ok(()) => continue,
                    Err(end) => return end,
                }
            }
            let Some((stage, planned)) = self.progress.next(plan, self.through) else {
                return match self.through {
                    Some(stage) if self.progress.next(plan, None).is_some() => {
                        End::Through(stage.clone())
                    }
                    Some(_) | None => {
                        self.settle_verified();
                        End::Released
                    }
                };
            };
            match self.may_begin(stage, planned).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(end) => return end,
            }
            if planned.reach > Reach::Private && std::mem::take(&mut unlisted) {
                // Responses to our own requests do not show a draft or tag that someone else
                // created in the meantime.
                self.refresh(None, None).await;
                rights_again(&self.write_ports.read_ports(), self.manifest, &mut self.facts).await;
                continue;
            }
            if let Err(error) = self.keep_place(stage, planned).await {
                return End::Failed { step: Some(planned.key.clone()), error };
            }
            match self.clear(stage, planned, permit).await {
                Ok(fresh) => permit = fresh,
                Err(end) => return end,
            }
            self.honour(&permit);
            if let Err(end) = self.take(stage, planned, &permit).await {
                return end;
            }
        }
    }

    /// Records the waivers that a permit depends on, once for each release, and reports them once
    /// per run.
    fn honour(&mut self, permit: &Permit) {
        for used in permit.waived() {
            if !self.record.ledger().waived().any(|known| known.is_same(used)) {
                let event = Event::Waived(Box::new(used.clone()));
                self.record.queue(event, SignedDuration::ZERO);
            }
            if !self.waived.iter().any(|known| known.is_same(used)) {
                self.waived.push(used.clone());
                self.notify(&ReleaseNotice::Waived(used));
            }
        }
    }

    /// Compares the plan with the actual state, and records which steps are done.
    fn compare(&mut self) -> Result<(), End> {
        self.progress = self.seen()?;
        if self.release.is_none() {
            self.release = self.progress.release.as_ref().map(|release| release.id);
        }
        let doubted: Vec<StepKey> = self.record.ledger().in_doubt().into_iter().cloned().collect();
        for key in doubted {
            if let StepState::Done { evidence } = self.progress.of(&key) {
                let evidence = evidence.clone();
                self.settle(&key, &evidence);
            }
        }
        Ok(())
    }

    fn seen(&mut self) -> Result<Progress, End> {
        self.facts.ledger = Seen::Known(self.record.ledger().clone());
        progress(self.plan, &self.facts).map_err(End::Conflicts)
    }

    fn settle(&mut self, key: &StepKey, evidence: &str) {
        let planned = self.plan.steps().map(|(_, step)| step).find(|step| step.key == *key);
        if let Some(planned) = planned {
            self.notify(&ReleaseNotice::Done(planned, evidence));
        }
        let tags = planned.is_some_and(|planned| touches(&planned.step, Touch::Tag));
        let object = self.object.clone().filter(|_| tags);
        let evidence = Evidence { text: evidence.to_owned(), release: self.release, object };
        self.record.queue(Event::Did { step: key.clone(), evidence }, SignedDuration::ZERO);
    }

    /// Runs the gates before a step, and returns a permit. For a public step, the permit is new.
    async fn clear(
        &mut self,
        stage: &PlannedStage,
        planned: &Planned,
        permit: Permit,
    ) -> Result<Permit, End> {
        let enters = self.record.ledger().entered(&stage.name).is_none();
        let gated = enters && !stage.gates.is_empty();
        let mut permit = permit;
        if gated || planned.reach > Reach::Private {
            survey_checks(&self.write_ports.read_ports(), self.manifest, &mut self.facts).await;
            blockers_again(&self.write_ports.read_ports(), self.manifest, &mut self.facts).await;
            self.facts.at = self.write_ports.clock.now();
            refresh_time(&self.write_ports.read_ports(), &mut self.facts);
            if gated || self.record.take_heard() {
                self.facts.ledger = Seen::Known(self.record.ledger().clone());
                let ports = self.write_ports.read_ports();
                Box::pin(refresh_people(&ports, self.manifest, &mut self.facts)).await;
            }
            permit = self.poll(stage)?;
        }
        if enters {
            self.record.queue(Event::Entered { stage: stage.name.clone() }, SignedDuration::ZERO);
            self.notify(&ReleaseNotice::Entered(&stage.name));
        }
        Ok(permit)
    }

    fn poll(&self, stage: &PlannedStage) -> Result<Permit, End> {
        let case = Case::new(self.manifest, &self.facts).in_stage(&stage.name);
        let poll = gates::poll(
            &case,
            &GateSelection { also: stage.gates.clone(), ..GateSelection::release() },
        );
        poll.permit(&self.facts).ok_or(End::Gates(poll))
    }

    /// Records the intent to perform a step, performs it, and reads the state again.
    async fn take(
        &mut self,
        stage: &PlannedStage,
        planned: &Planned,
        permit: &Permit,
    ) -> Result<(), End> {
        self.record.queue(Event::Meant { step: planned.key.clone() }, takes(&planned.step));
        self.record.push().await?;
        if planned.reach > Reach::Private && self.record.heard() {
            // Somebody made a statement before this step was recorded: the gates run again.
            return Ok(());
        }
        self.notify(&ReleaseNotice::Begins(planned));
        self.beat(stage).await;
        let heartbeat = Heartbeat::of(self.write_ports, &self.facts, stage.environment.as_ref());
        let act = StepContext {
            write_ports: self.write_ports,
            plan: self.plan,
            permit,
            release: self.progress.release.as_ref(),
            facts: &mut self.facts,
        };
        let done = match heartbeat.during(steps::perform(&planned.step, act)).await {
            Ok(performed) => match self.performed(planned, performed)? {
                true => return Ok(()),
                false => Ok(()),
            },
            Err(Failed::NotDone(error)) => {
                self.refused(planned, &error);
                Err(error)
            }
            Err(Failed::MaybeDone(error)) => Err(error),
        };
        let unsure = matches!(done, Ok(()) | Err(PortError::NoAnswer { .. }));
        let shown = self.shows(planned, unsure).await?;
        let error = done.err().unwrap_or_else(|| PortError::NoAnswer {
            what: planned.key.to_string(),
            why: "it ran, but its effect is not visible".into(),
        });
        match shown {
            ObservedStep::Done => return Ok(()),
            // The step is half done; the loop repairs it.
            ObservedStep::Broken if self.may_retry(planned.key.as_str(), &error).await => {
                return Ok(());
            }
            ObservedStep::Broken => {}
            ObservedStep::Nothing => {
                self.notify(&ReleaseNotice::Again(planned, &error));
                if self.may_retry(planned.key.as_str(), &error).await {
                    return Ok(());
                }
            }
        }
        Err(End::Failed { step: Some(planned.key.clone()), error })
    }

    /// Whether to retry after an error; waits as long as the error requires. This follows GitHub's
    /// best practices: a rate-limited request is sent again when the limit resets; a request that
    /// may have taken effect is sent once more, after its effect was checked.
    async fn may_retry(&mut self, what: &str, error: &PortError) -> bool {
        match error {
            PortError::NoAnswer { .. } => self.count(format!("{what}: unanswered")) < UNANSWERED,
            PortError::Limited { until, .. } => {
                let wait =
                    until.duration_since(self.write_ports.clock.now()).max(SignedDuration::ZERO);
                let fits = match self.write_ports.clock.left() {
                    Some(left) => wait.unsigned_abs() < left,
                    None => wait <= MAX_LIMIT_WAIT,
                };
                let worth = fits && self.count(format!("{what}: limited")) < LIMITED;
                if worth {
                    self.write_ports.clock.sleep(wait.unsigned_abs()).await;
                }
                worth
            }
            PortError::Behind { .. } => self.count(format!("{what}: behind")) < UNANSWERED,
            PortError::Refused { .. } | PortError::Denied { .. } | PortError::Damaged { .. } => {
                false
            }
        }
    }

    /// Stores the result of a step. Returns whether the response shows that the step is done or
    /// needs a repair; otherwise, the state is read again.
    fn performed(&mut self, planned: &Planned, performed: StepResult) -> Result<bool, End> {
        self.release = performed.release.or(self.release);
        self.object = performed.object.or(self.object.take());
        match performed.evident {
            EvidenceSource::ByLook => Ok(false),
            EvidenceSource::ByAnswer => {
                let seen = self.seen()?;
                Ok(seen.is_done(&planned.key) || !seen.repairs.is_empty())
            }
            EvidenceSource::Recorded(evidence) => {
                self.settle(&planned.key, &evidence);
                Ok(false)
            }
        }
    }

    /// Reads the state until a step is done, or until a part of it must be repaired. Reads several
    /// times if the result is uncertain, because forges show their own writes with a delay.
    async fn shows(&mut self, planned: &Planned, unsure: bool) -> Result<ObservedStep, End> {
        // Without the release's number, the releases are listed, and listing them already waits.
        let waits = if unsure && self.release.is_some() { &LAG[..] } else { &[0] };
        for seconds in waits {
            let wait = Duration::from_secs(*seconds);
            if self.write_ports.clock.left().is_some_and(|left| !wait.is_zero() && left <= wait) {
                break;
            }
            self.write_ports.clock.sleep(wait).await;
            self.refresh(self.release, Some(&planned.key)).await;
            let seen = self.seen()?;
            if seen.is_done(&planned.key) {
                return Ok(ObservedStep::Done);
            }
            if !seen.repairs.is_empty() {
                return Ok(ObservedStep::Broken);
            }
        }
        Ok(ObservedStep::Nothing)
    }

    fn notify(&mut self, report: &ReleaseNotice<'_>) {
        (self.report)(self.plan, report);
    }

    /// Records that a step was started and did not take effect.
    fn refused(&mut self, planned: &Planned, error: &PortError) {
        let event = Event::Refused { step: planned.key.clone(), why: error.why() };
        self.record.queue(event, SignedDuration::ZERO);
    }

    async fn refresh(&mut self, release: Option<u64>, touched: Option<&StepKey>) {
        self.facts.ledger = Seen::Known(self.record.ledger().clone());
        let read_ports = self.write_ports.read_ports();
        refresh_step(&read_ports, self.manifest, self.plan, &mut self.facts, release, touched)
            .await;
    }

    /// Reads everything again before the result is reported: another runner may have finished the
    /// release.
    async fn overtaken(&mut self, end: End) -> End {
        let read_ports = self.write_ports.read_ports();
        refresh_all(&read_ports, self.manifest, self.plan, &mut self.facts).await;
        match progress(self.plan, &self.facts) {
            Ok(now) => self.progress = now,
            Err(conflicts) => return End::Conflicts(conflicts),
        }
        let finished = self.facts.ledger.known().is_ok_and(Ledger::finished);
        if finished && self.progress.is_complete(self.plan) { End::Nothing } else { end }
    }

    fn count(&mut self, what: String) -> usize {
        let tries = self.tries.entry(what).or_default();
        *tries += 1;
        *tries
    }

    /// Ends the lease of this run in the ledger. If that fails, the lease expires.
    async fn release_lease(&mut self, end: &End) {
        let event = match end {
            End::Attached { .. }
            | End::Nothing
            | End::Idle(_)
            | End::NoPlan(_)
            | End::NoStage(_)
            | End::NotStarted
            | End::OtherPlan { .. } => return,
            End::Released => Event::Finished,
            End::Before(stage) => Event::Stopped { why: format!("before {stage}, as requested") },
            End::Through(stage) => Event::Stopped { why: format!("after {stage}, as requested") },
            End::Gates(poll) => Event::Stopped { why: format!("gates: {}", poll.verdict()) },
            End::Conflicts(conflicts) => {
                let first = conflicts.first().map(|conflict| conflict.finding().message);
                Event::Stopped { why: format!("conflict: {}", first.unwrap_or_default()) }
            }
            End::Failed { error, .. } => Event::Stopped { why: error.to_string() },
            End::Held { held, .. } => Event::Stopped { why: held.finding.message.clone() },
            End::Blind { step, unseen } => Event::Stopped {
                why: format!("cannot determine the state of {step}: {}", unseen.why),
            },
        };
        self.show_failure(end).await;
        self.record.queue(event, SignedDuration::ZERO);
        let _ = self.record.push().await;
        if let Ok(now) = self.seen() {
            self.progress = now;
        }
    }
}
