//! Takes the samples of a stage, and records any changes that result.

use super::environment::{replace, show, write_record};
use super::record::Record;
use crate::drive::observe::{refresh_samples, take_round};
use crate::facts::environment::DeploymentState;
use crate::facts::{Facts, Seen, Unseen};
use crate::planner::steps::{Verifying, carried, counts, entered_at};
use crate::ports::{Document, PROBE_TIMEOUT, PortError, WritePorts};
use crate::release::ledger::{Event, Verified};
use crate::release::plan::Plan;
use crate::release::sample::{SampleResult, SampleSource, Verification};
use jiff::SignedDuration;

/// The time limit of a request to the forge, in seconds.
const FORGE: u64 = 60;

/// The time limit of a round.
pub(super) fn longest(verifying: &Verifying) -> SignedDuration {
    let of = |sample: &SampleSource| match sample {
        SampleSource::Run(_) => PROBE_TIMEOUT.as_secs(),
        SampleSource::Http(sample) => sample.timeout_seconds,
        SampleSource::Check(_) | SampleSource::Deployment(_) => FORGE,
    };
    let all = verifying.samples.iter().fold(0, |sum: u64, sample| sum.saturating_add(of(sample)));
    SignedDuration::from_secs(i64::try_from(all).unwrap_or(i64::MAX / 4))
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
    let entered = entered_at(plan, verifying, facts);
    let before = stored.value.stages.get(&verifying.stage);
    let after = Verification::after(before, &plan.digest(), entered, round, &verifying.pace);
    let Some(after) = after else {
        return Err(Unseen {
            why: "the clock is behind the newest sample".into(),
            help: Some("correct the clock of this machine".into()),
            who: None,
        });
    };
    let after = match carried(plan, verifying, facts) {
        Some(from) => after.carrying(from, &verifying.pace),
        None => after,
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
        let said = match &after.carried {
            Some(tag) => format!("{said}; {}", counts(tag)),
            None => said,
        };
        let stage = verifying.stage.clone();
        record.queue(Event::Verification { stage, now, said }, SignedDuration::ZERO);
    }
    Ok(())
}

fn unread() -> Unseen {
    Unseen { why: "the samples were not read".into(), help: None, who: None }
}
