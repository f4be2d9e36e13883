//! Takes the samples of a stage, and records any changes that result.

use super::environment::{replace, show, write_record};
use super::record::Record;
use crate::drive::observe::{refresh_samples, take_round};
use crate::facts::environment::DeploymentState;
use crate::facts::{Facts, Seen, Unseen};
use crate::planner::steps::Verifying;
use crate::ports::{Document, PortError, WritePorts};
use crate::release::ledger::{Event, Verified};
use crate::release::plan::Plan;
use crate::release::sample::{SampleResult, Verification};
use jiff::{SignedDuration, Timestamp};

/// Whether a round is due. The release must be in the environment, and either no round was taken
/// yet, the interval is over, or a limit was exceeded and somebody may have fixed the cause.
pub(super) fn is_due(plan: &Plan, verifying: &Verifying, facts: &Facts) -> bool {
    if verifying.environment.is_some() && entered(plan, verifying, facts).is_none() {
        return false;
    }
    let Ok(now) = facts.time.known() else { return false };
    let Ok(samples) = facts.samples.known() else { return false };
    samples.value.stages.get(&verifying.stage).is_none_or(|current| {
        current.next(&verifying.pace) <= *now || current.is_over_limit(&verifying.pace)
    })
}

/// Takes a round and stores its result.
///
/// # Errors
/// When the time is unknown, or earlier than the newest sample.
pub(super) async fn sample(
    write_ports: &WritePorts<'_>,
    plan: &Plan,
    verifying: &Verifying,
    record: &mut Record<'_>,
    facts: &mut Facts,
) -> Result<Result<(), PortError>, Unseen> {
    let now = *facts.time.known().map_err(Clone::clone)?;
    let Seen::Known(stored) = &facts.samples else {
        return Err(facts.samples.known().err().cloned().unwrap_or_else(unread));
    };
    let round = take_round(&write_ports.read_ports(), plan, &verifying.samples, now).await;
    let entered = entered(plan, verifying, facts);
    let before = stored.value.stages.get(&verifying.stage);
    let after = Verification::after(before, &plan.digest(), entered, round, &verifying.pace);
    let Some(after) = after else {
        return Err(Unseen {
            why: "the clock is behind the newest sample".into(),
            help: Some("set the clock of this machine".into()),
            who: None,
        });
    };
    let mut new = stored.value.clone();
    new.stages.insert(verifying.stage.clone(), after.clone());
    let line = format!("{}: {}", verifying.stage, after.last.result().word().text);
    let document = Document::Samples(plan.tag.clone());
    let Seen::Known(stored) = &mut facts.samples else { return Err(unread()) };
    match replace(write_ports, &document, stored, new, &line).await {
        Ok(()) => {}
        // Another runner sampled at the same time; use its round.
        Err(PortError::Behind { .. }) => {
            refresh_samples(&write_ports.read_ports(), plan, facts).await;
            return Ok(Ok(()));
        }
        Err(error) => return Ok(Err(error)),
    }
    Ok(changed(write_ports, verifying, &after, record, facts).await)
}

/// Records that the verdict changed: in the ledger, in the environment's record, and in the
/// deployment.
async fn changed(
    write_ports: &WritePorts<'_>,
    verifying: &Verifying,
    after: &Verification,
    record: &mut Record<'_>,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let known = record.ledger().verification(&verifying.stage);
    let over = after.is_over_limit(&verifying.pace);
    let now = match (after.verified, after.last.result(), over) {
        (Some(_), SampleResult::Success, _) => Verified::Passed,
        (_, SampleResult::Failure, true) => Verified::Failed,
        (_, SampleResult::Inconclusive | SampleResult::Error, true) => Verified::Inconclusive,
        (_, _, _) => return Ok(()),
    };
    if let Some(name) = &verifying.environment {
        let (verified, state) = match now {
            Verified::Passed => (after.verified, DeploymentState::Success),
            Verified::Failed => (None, DeploymentState::Failure),
            Verified::Inconclusive => (None, DeploymentState::Success),
        };
        write_record(write_ports, name, facts, |record| {
            record.changed(&after.plan, |entry| entry.verified = verified)
        })
        .await?;
        show(write_ports, name, facts, state, None).await?;
    }
    if known != Some(now) {
        let worst = after.last.worst();
        let said =
            worst.map_or_else(String::new, |worst| format!("{}: {}", worst.name, worst.said));
        let stage = verifying.stage.clone();
        record.queue(Event::Verification { stage, now, said }, SignedDuration::ZERO);
    }
    Ok(())
}

/// When the release entered the environment of the stage.
fn entered(plan: &Plan, verifying: &Verifying, facts: &Facts) -> Option<Timestamp> {
    let name = verifying.environment.as_ref()?;
    let record = &facts.environments.get(name)?.record.known().ok()?.value;
    record.of(&plan.digest()).map(|entry| entry.at)
}

fn unread() -> Unseen {
    Unseen { why: "the samples were not read".into(), help: None, who: None }
}
