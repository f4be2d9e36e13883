//! Takes the release's place in an environment, and creates its deployment.

use super::perform::{EvidenceSource, Failed, Perform, StepContext, StepResult};
use crate::drive::execute::environment::{deployments, ours, show, write_record};
use crate::facts::Seen;
use crate::facts::environment::{DeploymentMark, DeploymentState};
use crate::planner::steps::Entering;
use crate::ports::{NewDeployment, PortError};
use crate::release::environment::{Entry, State};
use crate::release::ledger::LEASE;
use async_trait::async_trait;

pub(super) struct Enter;

#[async_trait(?Send)]
impl Perform for Enter {
    const NAME: &'static str = "enter";
    type Arguments = Entering;

    async fn perform(entering: Entering, act: StepContext<'_>) -> Result<StepResult, Failed> {
        let StepContext { write_ports, plan, facts, .. } = act;
        let name = &entering.environment;
        let digest = plan.digest();
        let now = match facts.time.known() {
            Ok(now) => *now,
            Err(unseen) => {
                let (what, why) = ("the time".into(), unseen.why.clone());
                return Err(Failed::NotDone(PortError::NoAnswer { what, why }));
            }
        };
        let entry = Entry {
            version: plan.version.clone(),
            tag: plan.tag.clone(),
            commit: plan.commit.clone(),
            plan: digest.clone(),
            stage: entering.stage.clone(),
            at: now,
            by: write_ports.runner.me().name,
            state: State::Entering,
            busy_until: now.checked_add(LEASE).ok(),
            verified: None,
            back_from: None,
        };
        write_record(write_ports, name, facts, |record| match record.of(&digest) {
            Some(_) => record.clone(),
            None => record.enter(entry),
        })
        .await?;
        if let Some(forge) = deployments(write_ports)
            && ours(facts, name).is_none()
            && let Some(entered) = entered(facts, name)
        {
            let new = NewDeployment {
                environment: name.clone(),
                commit: plan.commit.clone(),
                mark: DeploymentMark { plan: digest, stage: entering.stage.clone(), entered },
                description: format!("{} by tminus, stage {}", plan.tag, entering.stage),
            };
            let made = forge.create_deployment(&new).await?;
            if let Some(state) = facts.environments.get_mut(name)
                && let Seen::Known(Some(all)) = &mut state.deployments
            {
                all.insert(0, made);
            }
        }
        show(write_ports, name, facts, DeploymentState::InProgress, entering.url.as_deref())
            .await?;
        Ok(StepResult::by(EvidenceSource::ByAnswer))
    }
}

/// When this release entered, as the record has it.
fn entered(
    facts: &crate::facts::Facts,
    name: &crate::base::names::EnvironmentName,
) -> Option<jiff::Timestamp> {
    let record = &facts.environments.get(name)?.record.known().ok()?.value;
    record.current.as_ref().map(|entry| entry.at)
}
