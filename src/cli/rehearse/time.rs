//! Lets simulated time pass while a rehearsed release is on hold, and simulates approvals.

use super::super::release::tell;
use super::Rehearsal;
use crate::adapters::sim::SimApproval;
use crate::base::clean::clean;
use crate::base::finding::Who;
use crate::base::names::StepKey;
use crate::base::word::{Tone, Word};
use crate::drive::execute::{End, ReleaseNotice, ReleaseOptions, ReleaseRun, release};
use crate::drive::observe::Observed;
use crate::facts::Facts;
use crate::facts::environment::Approval;
use crate::judge::ruling::Verdict;
use crate::planner::Held;
use crate::ports::Clock as _;
use crate::project::manifest::Manifest;
use crate::release::plan::Plan;
use jiff::SignedDuration;

/// The maximum number of attempts of a release that is on hold.
const ROUNDS: usize = 10_000;

const WAITING: Word = Word::new("waiting", Tone::Wait);
const APPROVED: Word = Word::new("approved", Tone::Good);

impl Rehearsal<'_> {
    /// Performs the release, and performs it again after each hold.
    pub(super) async fn performed(
        &self,
        mut manifest: Manifest,
        facts: Facts,
    ) -> anyhow::Result<(ReleaseRun, Manifest)> {
        let ports = self.write_ports();
        let options = ReleaseOptions::default();
        let first = &mut |plan: &Plan, notice: &ReleaseNotice<'_>| tell(plan, notice, self.out);
        let mut run = release(&ports, &manifest, facts, &options, first).await;
        let mut said: Option<StepKey> = None;
        for _ in 0..ROUNDS {
            let Some((step, pause)) = self.pause(&run) else { break };
            if said.as_ref() != Some(&step) {
                self.say(&run);
            }
            said = Some(step);
            self.world.sleep(pause.unsigned_abs()).await;
            self.approve(&run);
            let seen = self.look().await?;
            let Observed { manifest: now, facts, .. } = seen;
            manifest = now;
            let later = &mut |plan: &Plan, notice: &ReleaseNotice<'_>| match notice {
                ReleaseNotice::Leased(_) | ReleaseNotice::Waived(_) => {}
                ReleaseNotice::Entered(_)
                | ReleaseNotice::Begins(_)
                | ReleaseNotice::Done(..)
                | ReleaseNotice::Again(..)
                | ReleaseNotice::Repairs(_) => tell(plan, notice, self.out),
            };
            run = release(&ports, &manifest, facts, &options, later).await;
        }
        Ok((run, manifest))
    }

    /// The step that is on hold, and the time until the next attempt.
    fn pause(&self, run: &ReleaseRun) -> Option<(StepKey, SignedDuration)> {
        let (step, held) = held(run)?;
        if held.finding.who == Some(Who::Reviewer) {
            return Some((step.clone(), SignedDuration::from_secs(1)));
        }
        Some((step.clone(), held.pause(*run.facts.time.known().ok()?)?))
    }

    fn say(&self, run: &ReleaseRun) {
        let Some((_, held)) = held(run) else { return };
        let word = self.paint().word(WAITING, 8);
        self.out.detail(&format!("    {word} {} (simulated)", clean(&held.finding.message)));
    }

    /// Simulates the approval that a release waits for.
    fn approve(&self, run: &ReleaseRun) {
        let Some((step, held)) = held(run) else { return };
        let Some(plan) = run.plan.as_ref().filter(|_| held.finding.who == Some(Who::Reviewer))
        else {
            return;
        };
        let stage = plan.steps().find(|(_, planned)| planned.key == *step);
        let Some(environment) = stage.and_then(|(stage, _)| stage.environment.clone()) else {
            return;
        };
        let word = self.paint().word(APPROVED, 8);
        self.out.detail(&format!("    {word} by a simulated reviewer"));
        let approval =
            Approval { by: "reviewer".into(), run: 1, started_by: None, url: None, at: None };
        let (at, commit) = (self.world.now(), plan.commit.clone());
        self.world.with(|state| {
            state.approvals.push(SimApproval { environment, commit, at, approval });
        });
    }
}

fn held(run: &ReleaseRun) -> Option<(&StepKey, &Held)> {
    let End::Held { step, held } = &run.end else { return None };
    (held.verdict == Verdict::Hold).then_some((step, held))
}
