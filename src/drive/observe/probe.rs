//! Runs the user's probes.

use super::unseen::from_port;
use crate::facts::{Facts, Seen};
use crate::planner::steps::command;
use crate::ports::{Ended, ReadPorts};
use crate::release::plan::Plan;
use crate::release::step::Step;

/// Runs the probes of a plan's `run` steps.
pub(super) async fn probes(read_ports: &ReadPorts<'_>, plan: &Plan, facts: &mut Facts) {
    for (_, planned) in plan.steps() {
        if let Some(seen) = probe(read_ports, plan, &planned.step).await {
            facts.probes.insert(planned.key.clone(), seen);
        }
    }
}

pub(super) async fn probe(
    read_ports: &ReadPorts<'_>,
    plan: &Plan,
    step: &Step,
) -> Option<Seen<bool>> {
    let run = command(step)?;
    let command = run.probe.as_ref()?;
    let help = "a probe must exit with 0 if the step is done and with 1 if it is not";
    Some(match read_ports.prober.probe(command, &environment(plan)).await {
        Ok(Ended { code: Some(0), .. }) => Seen::Known(true),
        Ok(Ended { code: Some(1), .. }) => Seen::Known(false),
        Ok(Ended { code: Some(code), .. }) => {
            Seen::unseen_help(format!("the probe of `{}` exited with {code}", run.name), help)
        }
        Ok(Ended { code: None, .. }) => {
            Seen::unseen_help(format!("the probe of `{}` was killed or timed out", run.name), help)
        }
        Err(error) => from_port(&error),
    })
}

/// Environment variables that describe the release to the user's commands.
#[must_use]
pub fn environment(plan: &Plan) -> Vec<(String, String)> {
    vec![
        ("TMINUS_VERSION".into(), plan.version.to_string()),
        ("TMINUS_TAG".into(), plan.tag.to_string()),
        ("TMINUS_COMMIT".into(), plan.commit.to_string()),
    ]
}
