//! Handles a release that entered an environment and is no longer there. Its steps in that
//! environment are not repeated, because that would replace the release that is there now.

use super::standing::{Held, Progress, StepState};
use super::steps::{by_whom, command, found, has_entered, touches};
use crate::base::finding::Finding;
use crate::base::seen::Unseen;
use crate::facts::Facts;
use crate::judge::ruling::Verdict;
use crate::project::manifest::Touch;
use crate::release::ledger::Ledger;
use crate::release::plan::{Plan, PlannedStage};

/// Corrects the states of the stages whose environment has another release.
pub(super) fn replaced(plan: &Plan, facts: &Facts, progress: &mut Progress) {
    let Ok(ledger) = facts.ledger.known() else { return };
    for stage in &plan.stages {
        let Some(name) = &stage.environment else { continue };
        if !has_entered(stage, ledger) {
            continue;
        }
        let record =
            found(name, facts).and_then(|state| state.record.known().map_err(Clone::clone));
        let outside = match record {
            Ok(record) if record.value.of(&plan.digest()).is_some() => continue,
            Ok(record) => Ok(by_whom(name, &record.value)),
            Err(unseen) => Err(unseen),
        };
        correct(stage, ledger, &outside, progress);
    }
}

fn correct(
    stage: &PlannedStage,
    ledger: &Ledger,
    outside: &Result<Finding, Unseen>,
    progress: &mut Progress,
) {
    for planned in &stage.steps {
        let state = progress.of(&planned.key);
        if matches!(state, StepState::Done { .. }) || touches(&planned.step, Touch::Samples) {
            continue;
        }
        let did = ledger.did(&planned.key).filter(|_| command(&planned.step).is_some());
        let now = match (did, state, outside) {
            (Some(evidence), _, _) => StepState::Done { evidence: evidence.text.clone() },
            (None, StepState::Missing, Ok(finding)) => {
                let (verdict, finding) = (Verdict::NoGo, finding.clone());
                StepState::Held(Box::new(Held { verdict, finding, until: None, again: None }))
            }
            (None, StepState::Missing, Err(unseen)) => StepState::Unseen(unseen.clone()),
            (None, StepState::Done { .. } | StepState::Held(_) | StepState::Unseen(_), _) => {
                continue;
            }
        };
        progress.standings.insert(planned.key.clone(), now);
    }
}
