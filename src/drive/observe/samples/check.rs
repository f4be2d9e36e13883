//! A check run or commit status that another system reports.

use super::judged::Judged;
use crate::facts::{Check, CheckState, Conclusion, Seen};
use crate::ports::{PortError, ReadPorts, Survey};
use crate::release::plan::Plan;
use crate::release::sample::{CheckSample, SampleResult};

pub(super) async fn take(
    read_ports: &ReadPorts<'_>,
    plan: &Plan,
    sample: &CheckSample,
) -> Result<Judged, PortError> {
    let forge = match read_ports.forge {
        Ok(forge) => forge,
        Err(why) => return Ok((SampleResult::Error, why.to_owned())),
    };
    let checks = match forge.survey(&Survey::checks_on(plan.commit.clone())).await?.checks {
        Seen::Known(checks) => checks,
        Seen::Unseen(unseen) => return Ok((SampleResult::Error, unseen.why)),
    };
    if checks.total > checks.runs.len() {
        return Ok((SampleResult::Error, "not every check could be read".into()));
    }
    let named = |check: &&Check| {
        check.name == sample.name && (sample.app.is_none() || check.app == sample.app)
    };
    let newest = checks.runs.iter().filter(named).max_by_key(|check| check.started_at);
    let Some(check) = newest else {
        return Ok((SampleResult::Inconclusive, "was not reported yet".into()));
    };
    Ok(match &check.state {
        CheckState::Pending(doing) => (SampleResult::Inconclusive, format!("is {}", doing.word())),
        CheckState::Finished(Conclusion::Success) => (SampleResult::Success, "success".into()),
        CheckState::Finished(Conclusion::Neutral | Conclusion::Skipped | Conclusion::Stale) => {
            (SampleResult::Inconclusive, "ended without a result".into())
        }
        CheckState::Finished(ended) => (SampleResult::Failure, ended.word().to_owned()),
    })
}
