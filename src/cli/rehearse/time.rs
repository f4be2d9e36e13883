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
use crate::judge::calendar::applied;
use crate::judge::case::Case;
use crate::judge::gates;
use crate::judge::ruling::{Poll, Verdict};
use crate::planner::forecast::entries;
use crate::planner::{Held, progress};
use crate::ports::Clock as _;
use crate::project::manifest::Manifest;
use crate::release::plan::Plan;
use jiff::SignedDuration;
use std::collections::BTreeMap;

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
        let mut said: Option<Waits> = None;
        for _ in 0..ROUNDS {
            let Some((waits, pause)) = self.pause(&run, &manifest) else { break };
            if said.as_ref() != Some(&waits) {
                self.say(&waits, &run);
            }
            said = Some(waits);
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

    /// What the release waits for, and the time until the next attempt.
    fn pause(&self, run: &ReleaseRun, manifest: &Manifest) -> Option<(Waits, SignedDuration)> {
        if let End::Gates(poll) = &run.end {
            return scheduled(run, manifest, poll);
        }
        let (step, held) = held(run)?;
        let waits = Waits::Step(step.clone());
        if held.finding.who == Some(Who::Reviewer) {
            return Some((waits, SignedDuration::from_secs(1)));
        }
        Some((waits, held.pause(*run.facts.time.known().ok()?)?))
    }

    fn say(&self, waits: &Waits, run: &ReleaseRun) {
        let message = match (waits, held(run)) {
            (Waits::Schedule(message), _) => message.as_str(),
            (Waits::Step(_), Some((_, held))) => held.finding.message.as_str(),
            (Waits::Step(_), None) => return,
        };
        let word = self.paint().word(WAITING, 8);
        self.out.detail(&format!("    {word} {} (simulated)", clean(message)));
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

/// What a release waits for.
#[derive(PartialEq, Eq)]
enum Waits {
    /// A step.
    Step(StepKey),
    /// The schedule, with its message.
    Schedule(String),
}

/// When the schedule allows the next stage to be entered, if nothing else stops the release.
fn scheduled(
    run: &ReleaseRun,
    manifest: &Manifest,
    poll: &Poll,
) -> Option<(Waits, SignedDuration)> {
    let stopping = poll.stopping();
    let by_itself = |id: &String| gates::find(id).is_some_and(|gate| gate.ends_by_itself);
    if stopping.is_empty() || !stopping.iter().all(by_itself) {
        return None;
    }
    let mut rulings = poll.answers.iter().filter_map(|answer| answer.ruling.as_ref());
    let message = rulings.find(|ruling| ruling.verdict() == Verdict::Hold)?.summary();
    let (plan, facts) = (run.plan.as_ref()?, &run.facts);
    let schedule = applied(&Case::new(manifest, facts));
    let progress = progress(plan, facts).ok()?;
    let stages = entries(plan, &progress, (facts, schedule.as_ref()), &BTreeMap::new());
    let (_, next) = stages.into_iter().next()?;
    let left = next.at?.duration_since(*facts.time.known().ok()?);
    let left = Some(left).filter(SignedDuration::is_positive)?;
    Some((Waits::Schedule(message.to_owned()), left))
}

fn held(run: &ReleaseRun) -> Option<(&StepKey, &Held)> {
    let End::Held { step, held } = &run.end else { return None };
    (held.verdict == Verdict::Hold).then_some((step, held))
}
