//! One round: every sample of a stage.

use super::judged::Judged;
use super::{check, deployment, http, run};
use crate::ports::{PortError, ReadPorts};
use crate::release::plan::Plan;
use crate::release::sample::{Round, Sample, SampleResult, SampleSource};
use jiff::Timestamp;

/// The maximum length of a sample's text, in characters.
const LONGEST: usize = 200;

/// Takes every sample.
pub(in crate::drive) async fn take_round(
    read_ports: &ReadPorts<'_>,
    plan: &Plan,
    sources: &[SampleSource],
    at: Timestamp,
) -> Round {
    let mut samples = Vec::new();
    for source in sources {
        let judged = match source {
            SampleSource::Run(sample) => run::take(read_ports, plan, sample).await,
            SampleSource::Http(sample) => http::take(read_ports, sample).await,
            SampleSource::Check(sample) => check::take(read_ports, plan, sample).await,
            SampleSource::Deployment(sample) => deployment::take(read_ports, plan, sample).await,
        };
        let (result, said) = judged.unwrap_or_else(|error| error_of(&error));
        let said = crate::base::clean::clip(&said, LONGEST).into_owned();
        samples.push(Sample { name: source.title(), result, said });
    }
    Round { at, samples }
}

fn error_of(error: &PortError) -> Judged {
    (SampleResult::Error, error.why())
}
