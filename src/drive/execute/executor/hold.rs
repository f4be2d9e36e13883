//! What keeps a release on hold: the protection of an environment, or the verification of a stage.

use super::Executor;
use crate::base::finding::Finding;
use crate::base::names::StepKey;
use crate::drive::execute::end::{End, EnterStages};
use crate::drive::execute::environment::{ours, show};
use crate::drive::execute::verification::{is_due, sample};
use crate::facts::environment::DeploymentState;
use crate::planner::steps::{Verifying, verifying};
use crate::planner::{Held, StepState};
use crate::release::ledger::Event;
use crate::release::plan::PlannedStage;
use crate::release::step::Planned;
use jiff::SignedDuration;

/// How long a deployment in progress can go without an update.
const HEARTBEAT_INTERVAL: SignedDuration = SignedDuration::from_mins(10);

impl Executor<'_> {
    /// Whether a step can start now; `false` if the state changed and must be compared again.
    pub(super) async fn may_begin(
        &mut self,
        stage: &PlannedStage,
        planned: &Planned,
    ) -> Result<bool, End> {
        let entered = self.record.ledger().entered(&stage.name).is_some();
        if self.entering == EnterStages::No && stage.environment.is_some() && !entered {
            let again = self.confirm(stage).await? && !self.is_confirmed(stage);
            return if again { Ok(false) } else { Err(End::Before(stage.name.clone())) };
        }
        match self.progress.of(&planned.key).clone() {
            StepState::Unseen(unseen) => {
                return Err(End::Blind { step: planned.key.clone(), unseen });
            }
            StepState::Held(held) => {
                self.held(stage, planned, *held).await?;
                return Ok(false);
            }
            StepState::Missing if verifying(&planned.step).is_some() => {
                let none = Held::hold(Finding::new("no sample was taken yet"));
                self.held(stage, planned, none).await?;
                return Ok(false);
            }
            StepState::Missing | StepState::Done { .. } => {}
        }
        Ok(!self.confirm(stage).await?)
    }

    /// Handles a step that is on hold. A verification gets one round of samples per run; any other
    /// hold ends the run.
    async fn held(
        &mut self,
        stage: &PlannedStage,
        planned: &Planned,
        held: Held,
    ) -> Result<(), End> {
        let step = planned.key.clone();
        if let Some(verifying) = verifying(&planned.step) {
            let again = self.count(format!("sample {step}")) > 1;
            if again || !is_due(self.plan, &verifying, &self.facts) {
                return Err(End::Held { step, held: Box::new(held) });
            }
            return self.sample(&step, &verifying).await;
        }
        if self.record.ledger().queued(&stage.name).is_none() {
            self.record.queue(Event::Queued { stage: stage.name.clone() }, SignedDuration::ZERO);
        }
        Err(End::Held { step, held: Box::new(held) })
    }

    async fn sample(&mut self, step: &StepKey, verifying: &Verifying) -> Result<(), End> {
        let sampled =
            sample(self.write_ports, self.plan, verifying, &mut self.record, &mut self.facts);
        match sampled.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(End::Failed { step: Some(step.clone()), error }),
            Err(unseen) => Err(End::Blind { step: step.clone(), unseen }),
        }
    }

    /// Samples the verification of the earlier stages once more before a stage is entered. Returns
    /// whether the state must be compared again.
    async fn confirm(&mut self, stage: &PlannedStage) -> Result<bool, End> {
        let ledger = self.record.ledger();
        if ledger.entered(&stage.name).is_some() {
            return Ok(false);
        }
        let before = self.plan.stages.iter().take_while(|other| other.name != stage.name);
        let open = before.flat_map(|stage| &stage.steps).find_map(|planned| {
            let open = ledger.did(&planned.key).is_none();
            Some((planned.key.clone(), verifying(&planned.step).filter(|_| open)?))
        });
        let Some((step, verifying)) = open else { return Ok(false) };
        if self.count(format!("sample {step}")) == 1 && is_due(self.plan, &verifying, &self.facts) {
            self.sample(&step, &verifying).await?;
            return Ok(true);
        }
        self.settle_verified();
        Ok(true)
    }

    /// Whether the ledger records every verification before a stage.
    fn is_confirmed(&self, stage: &PlannedStage) -> bool {
        let ledger = self.record.ledger();
        let before = self.plan.stages.iter().take_while(|other| other.name != stage.name);
        let mut steps = before.flat_map(|stage| &stage.steps);
        steps.all(|one| verifying(&one.step).is_none() || ledger.did(&one.key).is_some())
    }

    /// Records the verifications that are done.
    pub(super) fn settle_verified(&mut self) {
        let ledger = self.record.ledger();
        let open = self.plan.steps().filter_map(|(_, planned)| {
            let StepState::Done { evidence } = self.progress.of(&planned.key) else { return None };
            let open = verifying(&planned.step).is_some() && ledger.did(&planned.key).is_none();
            open.then(|| (planned.key.clone(), evidence.clone()))
        });
        let open: Vec<(StepKey, String)> = open.collect();
        for (key, evidence) in open {
            self.settle(&key, &evidence);
        }
    }

    /// Reports a deployment as in progress again: GitHub marks a deployment as abandoned after half
    /// an hour without an update. The release does not depend on this.
    pub(super) async fn heartbeat(&mut self, planned: &Planned) {
        let now = self.write_ports.clock.now();
        let stage = self.plan.steps().find(|(_, other)| other.key == planned.key);
        let Some(name) = stage.and_then(|(stage, _)| stage.environment.clone()) else { return };
        let entered = ours(&self.facts, &name)
            .is_some_and(|deployment| deployment.state == DeploymentState::InProgress);
        let since = self.last_heartbeat.map(|last_heartbeat| now.duration_since(last_heartbeat));
        if entered && since.is_some_and(|since| since >= HEARTBEAT_INTERVAL) {
            let state = DeploymentState::InProgress;
            let _ = show(self.write_ports, &name, &mut self.facts, state, None).await;
        }
        if since.is_none_or(|since| since >= HEARTBEAT_INTERVAL) {
            self.last_heartbeat = Some(now);
        }
    }

    /// Marks the deployment as failed if a step of its stage failed. The release does not depend on
    /// this.
    pub(super) async fn show_failure(&mut self, end: &End) {
        let End::Failed { step: Some(step), .. } = end else { return };
        let stage = self.plan.steps().find(|(_, planned)| planned.key == *step);
        if let Some(name) = stage.and_then(|(stage, _)| stage.environment.as_ref()) {
            let state = DeploymentState::Failure;
            let _ = show(self.write_ports, name, &mut self.facts, state, None).await;
        }
    }
}
