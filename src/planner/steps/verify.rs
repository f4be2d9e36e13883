//! `verify`: samples show that the release works for long enough. It is the last step of a stage
//! with `verify`.

use super::enter::{Enter, by_whom, found};
use super::kind::{Planning, Requests, StepKind, step};
use crate::base::clean;
use crate::base::finding::{Finding, Who};
use crate::base::moment::{length, short};
use crate::base::names::{EnvironmentName, StageName, StepKey, TagName};
use crate::base::seen::Unseen;
use crate::facts::Facts;
use crate::facts::environment::DeploymentState;
use crate::judge::ruling::Verdict;
use crate::planner::samples::{Placeholders, sources};
use crate::planner::standing::{Held, StepState};
use crate::planner::view::View;
use crate::project::manifest::{Stage, StepShape, Touch};
use crate::release::environment::{Entry, EnvironmentRecord, State};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use crate::release::sample::{Pace, SampleResult, SampleSource, Verification};
use crate::release::step::{Planned, Reach, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct Verify;

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifying {
    /// The stage.
    pub stage: StageName,
    /// Its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// What is sampled.
    pub samples: Vec<SampleSource>,
    /// How often, and for how long.
    pub pace: Pace,
}

/// The last step of a stage with `verify`.
pub(in crate::planner) fn planned(stage: &Stage, fill: &Placeholders<'_>) -> Vec<Planned> {
    let Some(verify) = &stage.verify else { return Vec::new() };
    let name = &stage.name.value;
    let arguments = Verifying {
        stage: name.clone(),
        environment: stage.environment.as_ref().map(|it| it.name.clone()),
        samples: sources(verify, fill),
        pace: Pace {
            every_seconds: stage.every_seconds().unwrap_or(60),
            steady_seconds: verify.steady_seconds,
            soak_seconds: stage.soak_seconds,
            deadline_seconds: verify.deadline_seconds,
            failures: verify.failures,
            inconclusive: verify.inconclusive,
            errors: verify.errors,
        },
    };
    step::<Verify>(&format!("verify:{name}"), Reach::Private, &arguments)
}

/// The verification of a step of this kind; `None` for any other step.
#[must_use]
pub fn verifying(step: &Step) -> Option<Verifying> {
    (step.kind() == Verify::NAME).then(|| step.arguments().ok())?
}

/// The pre-release whose verification and soak count for this stage: the release was promoted from it,
/// and it is verified in the environment, or was until the release took its place.
#[must_use]
pub fn carried<'p>(plan: &'p Plan, verifying: &Verifying, facts: &Facts) -> Option<&'p TagName> {
    let from = plan.promoted.as_ref()?;
    let record = &found(verifying.environment.as_ref()?, facts).ok()?.record.known().ok()?.value;
    let before = match record.of(&plan.digest()) {
        Some(_) => record.earlier.first()?,
        None => record.current.as_ref()?,
    };
    let same = before.plan == from.plan
        && before.tag == from.tag
        && before.commit == plan.commit
        && before.stage == verifying.stage;
    // A version that returned by a rollback was not in the environment in between.
    let stands = before.state == State::Deployed && before.back_from.is_none();
    (same && stands && before.verified.is_some()).then_some(&from.tag)
}

impl StepKind for Verify {
    const NAME: &'static str = "verify";
    const WRITTEN: Option<StepShape> = None;
    const TOUCHES: &'static [Touch] = &[Touch::Samples];
    type Settings = ();
    type Arguments = Verifying;

    fn plan(&(): &(), _: &Planning<'_>) -> Vec<Planned> {
        Vec::new()
    }

    fn standing(verifying: &Verifying, key: &StepKey, view: &mut View<'_>) -> StepState {
        let look = Look { verifying, key, view };
        match look.state() {
            Ok(state) => state,
            Err(unseen) => StepState::Unseen(unseen),
        }
    }

    fn title(verifying: &Verifying, _: &Plan) -> String {
        let count = verifying.samples.len();
        let samples = if count == 1 { "sample" } else { "samples" };
        match verifying.pace.soak_seconds {
            0 => format!("verify, {count} {samples}"),
            soak => format!("verify, {count} {samples}, soak {}", length(soak)),
        }
    }

    fn detail(verifying: &Verifying, plan: &Plan, facts: &Facts) -> String {
        let every = length(verifying.pace.every_seconds);
        match carried(plan, verifying, facts) {
            Some(tag) => format!("every {every}; {}", counts(tag)),
            None => format!("every {every}"),
        }
    }

    fn requests(verifying: &Verifying, requests: Requests<'_>) -> usize {
        round_requests(verifying) + usize::from(shows_failure(verifying, requests))
    }
}

/// The requests to the forge of one round of samples.
pub(in crate::planner) fn round_requests(verifying: &Verifying) -> usize {
    let samples = verifying.samples.iter().map(|sample| match sample {
        SampleSource::Check(_) => 1,
        // The list, and the states.
        SampleSource::Deployment(_) => 2,
        SampleSource::Run(_) | SampleSource::Http(_) => 0,
    });
    samples.sum()
}

/// Whether the deployment is marked as failed, so that a successful verification marks it again.
fn shows_failure(verifying: &Verifying, Requests { plan, facts, .. }: Requests<'_>) -> bool {
    let state = verifying.environment.as_ref().and_then(|name| found(name, facts).ok());
    let Some(state) = state else { return false };
    let record = state.record.known().ok().and_then(|record| record.value.of(&plan.digest()));
    record.is_some_and(|entry| entry.state == State::Deployed)
        && state.own_deployment().is_some_and(|own| own.state == DeploymentState::Failure)
}

/// Whether a round is due. The release must be in the environment. No round was taken yet, or the
/// interval is over, or a limit was exceeded and somebody may have fixed the cause.
#[must_use]
pub fn is_due(plan: &Plan, verifying: &Verifying, facts: &Facts) -> bool {
    if verifying.environment.is_some() && entered_at(plan, verifying, facts).is_none() {
        return false;
    }
    let Ok(now) = facts.time.known() else { return false };
    let Ok(samples) = facts.samples.known() else { return false };
    samples.value.stages.get(&verifying.stage).is_none_or(|current| {
        current.next(&verifying.pace) <= *now || current.is_over_limit(&verifying.pace)
    })
}

/// When the release entered the environment of the stage.
#[must_use]
pub fn entered_at(plan: &Plan, verifying: &Verifying, facts: &Facts) -> Option<Timestamp> {
    let name = verifying.environment.as_ref()?;
    let record = &facts.environments.get(name)?.record.known().ok()?.value;
    record.of(&plan.digest()).map(|entry| entry.at)
}

struct Look<'a, 'f> {
    verifying: &'a Verifying,
    key: &'a StepKey,
    view: &'a View<'f>,
}

impl Look<'_, '_> {
    fn state(&self) -> Result<StepState, Unseen> {
        let facts = self.view.facts;
        let ledger = facts.ledger.known().map_err(Clone::clone)?;
        if let Some(evidence) = ledger.did(self.key)
            && self.is_left_behind(ledger)
        {
            return Ok(StepState::Done { evidence: evidence.text.clone() });
        }
        let entered = match &self.verifying.environment {
            None => None,
            Some(name) => match self.entry(name)? {
                Some(entry) => Some(entry.at),
                None if self.has_entered(ledger) => return self.replaced(name),
                None => return Ok(StepState::Missing),
            },
        };
        let now = *facts.time.known().map_err(Clone::clone)?;
        let samples = facts.samples.known().map_err(Clone::clone)?;
        let plan = self.view.plan.digest();
        let current = samples.value.stages.get(&self.verifying.stage);
        let current = current.filter(|it| it.plan == plan && it.entered == entered);
        Ok(match current {
            None => StepState::Missing,
            Some(current) => self.judged(current, now),
        })
    }

    /// Whether a later stage was entered, or no stage follows: later samples then no longer count.
    fn is_left_behind(&self, ledger: &Ledger) -> bool {
        let own = |stage: &crate::release::plan::PlannedStage| stage.name == self.verifying.stage;
        let stages = &self.view.plan.stages;
        let later = stages.iter().position(own).and_then(|at| stages.get(at + 1..)).unwrap_or(&[]);
        later.is_empty() || later.iter().any(|stage| ledger.entered(&stage.name).is_some())
    }

    /// Whether the stage was entered, so that its environment had this release.
    fn has_entered(&self, ledger: &Ledger) -> bool {
        ledger.entered(&self.verifying.stage).is_some()
            && self.view.plan.steps().any(|(stage, planned)| {
                stage.name == self.verifying.stage
                    && planned.step.kind() == Enter::NAME
                    && ledger.did(&planned.key).is_some()
            })
    }

    fn record(&self, name: &EnvironmentName) -> Result<&EnvironmentRecord, Unseen> {
        let record = found(name, self.view.facts)?.record.known();
        record.map(|record| &record.value).map_err(Clone::clone)
    }

    /// This release's entry in the environment.
    fn entry(&self, name: &EnvironmentName) -> Result<Option<&Entry>, Unseen> {
        Ok(self.record(name)?.of(&self.view.plan.digest()))
    }

    /// The release is no longer in the environment.
    fn replaced(&self, name: &EnvironmentName) -> Result<StepState, Unseen> {
        let finding = by_whom(name, self.record(name)?);
        Ok(held(Verdict::NoGo, finding))
    }

    fn judged(&self, current: &Verification, now: Timestamp) -> StepState {
        let (pace, result) = (&self.verifying.pace, current.last.result());
        if current.is_over(pace) && !current.is_stale(pace, now) {
            let evidence = match (&current.carried, pace.soak_seconds) {
                (Some(tag), _) => format!("verified; {}", counts(tag)),
                (None, 0) => format!("verified at {}", short(current.verified.unwrap_or(now))),
                (None, _) => format!("verified for {}", length(current.soaked_seconds)),
            };
            return StepState::Done { evidence };
        }
        let finding = self.finding(current);
        if current.is_over_limit(pace) {
            let verdict = match result {
                SampleResult::Failure => Verdict::NoGo,
                SampleResult::Success | SampleResult::Inconclusive | SampleResult::Error => {
                    Verdict::Hold
                }
            };
            return held(verdict, finding.who(Who::Operator));
        }
        if current.is_late(pace, now) {
            let deadline = length(pace.deadline_seconds.unwrap_or_default());
            let finding = Finding::new(format!("the stage was not verified within {deadline}"))
                .note(finding.message)
                .help("find out why, then run `tminus release` again, or release a fixed version");
            return held(Verdict::Hold, finding.who(Who::Operator));
        }
        let (again, until) = (current.next(pace), current.earliest_end(pace));
        let finding = match until > again {
            true => finding.note(format!(
                "the {} ends at {} at the earliest; a sample is taken every {}",
                if pace.soak_seconds > 0 { "soak" } else { "verification" },
                short(until),
                length(pace.every_seconds)
            )),
            false => finding,
        };
        StepState::Held(Box::new(Held {
            verdict: Verdict::Hold,
            finding: finding.who(Who::Nobody),
            until: Some(until),
            again: Some(again),
        }))
    }

    /// The state in one sentence. The worst sample is a note.
    fn finding(&self, current: &Verification) -> Finding {
        let pace = &self.verifying.pace;
        let worst = current.last.worst();
        let sampled = worst.map_or_else(String::new, |worst| {
            format!("{}: {}, {}", worst.name, worst.result.word().text, worst.said)
        });
        match current.last.result() {
            SampleResult::Success if current.verified.is_some() => {
                let (done, all) = (length(current.soaked_seconds), length(pace.soak_seconds));
                Finding::new(format!("verified; soaked for {done} of {all}"))
                    .help(format!("run `tminus release` again after {}", short(current.next(pace))))
            }
            SampleResult::Success => {
                let steady = length(pace.steady_seconds);
                Finding::new(format!("successful, but not yet for {steady}"))
                    .help(format!("run `tminus release` again after {}", short(current.next(pace))))
            }
            result @ (SampleResult::Failure | SampleResult::Inconclusive | SampleResult::Error) => {
                let rounds = if current.in_a_row == 1 { "round" } else { "rounds in a row" };
                let word = match result {
                    SampleResult::Failure => "failed",
                    SampleResult::Inconclusive | SampleResult::Success => "was inconclusive",
                    SampleResult::Error => "could not be measured",
                };
                Finding::new(format!("the verification {word}, {} {rounds}", current.in_a_row))
                    .note(sampled)
                    .help(
                        "fix the cause, then run `tminus release` again; or release a fixed version, \
                         or go back with `tminus promote --back`",
                    )
            }
        }
    }
}

/// Text that the verification of a pre-release counts.
#[must_use]
pub fn counts(tag: &TagName) -> String {
    format!("based on the verification and soak of {}", clean::name(tag.as_str()))
}

fn held(verdict: Verdict, finding: Finding) -> StepState {
    StepState::Held(Box::new(Held { verdict, finding, until: None, again: None }))
}
