//! `deployed`: the steps of the stage are done, and the release is in its environment. It follows
//! the other steps of a stage with `environment`.

use super::enter::{Standing, found, stands, unrecorded};
use super::kind::{Denial, Planning, Requests, StepKind, step};
use crate::base::clean;
use crate::base::names::{EnvironmentName, StageName, StepKey};
use crate::facts::Facts;
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{StageEnvironment, StepShape, Touch};
use crate::release::environment::State;
use crate::release::ledger::Evidence;
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct Deployed;

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploying {
    /// The environment.
    pub environment: EnvironmentName,
    /// The stage.
    pub stage: StageName,
    /// The URL of what is deployed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The step at the end of a stage with an environment.
pub(in crate::planner) fn deployed(stage: &StageName, to: &StageEnvironment) -> Vec<Planned> {
    let (environment, url) = (to.name.clone(), to.url.clone());
    let arguments = Deploying { environment, stage: stage.clone(), url };
    step::<Deployed>(&format!("deployed:{stage}"), Reach::Private, &arguments)
}

impl StepKind for Deployed {
    const NAME: &'static str = "deployed";
    const WRITTEN: Option<StepShape> = None;
    const TOUCHES: &'static [Touch] = &[Touch::Environment];
    type Settings = ();
    type Arguments = Deploying;

    fn plan(&(): &(), _: &Planning<'_>) -> Vec<Planned> {
        Vec::new()
    }

    fn standing(deploying: &Deploying, key: &StepKey, view: &mut View<'_>) -> StepState {
        match view.facts.ledger.known() {
            Err(unseen) => return StepState::Unseen(unseen.clone()),
            Ok(ledger) => {
                if let Some(evidence) = ledger.did(key) {
                    return StepState::Done { evidence: evidence.text.clone() };
                }
            }
        }
        let record = found(&deploying.environment, view.facts)
            .and_then(|state| state.record.known().map_err(Clone::clone));
        match record {
            Err(unseen) => StepState::Unseen(unseen),
            Ok(record) => match record.value.of(&view.plan.digest()) {
                Some(entry) if entry.state == State::Deployed => {
                    StepState::Done { evidence: format!("{} is deployed", entry.version) }
                }
                Some(_) | None => StepState::Missing,
            },
        }
    }

    fn denied(deploying: &Deploying, _: &Evidence, plan: &Plan, facts: &Facts) -> Denial {
        let name = &deploying.environment;
        Ok(match stands(name, plan, facts)? {
            None => Some(unrecorded(name)),
            Some(Standing::Entering) => {
                let record = format!("the record of environment `{name}`");
                Some(format!("{record} says that the release is still entering"))
            }
            Some(Standing::Deployed | Standing::Left) => None,
        })
    }

    fn title(deploying: &Deploying, _: &Plan) -> String {
        format!("mark as deployed to {}", clean::name(deploying.environment.as_str()))
    }

    fn requests(deploying: &Deploying, requests: Requests<'_>) -> usize {
        // Its own state, and that of what it replaces.
        let Requests { plan, facts, .. } = requests;
        1 + found(&deploying.environment, facts)
            .map_or(0, |state| state.replaced_by(&plan.digest()).count())
    }
}
