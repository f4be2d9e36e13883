//! Reads environments, verification samples, and the current time.

use super::unseen::from_port;
use crate::base::names::EnvironmentName;
use crate::facts::environment::{EnvironmentState, JobIdentity, Stored};
use crate::facts::{Facts, Seen};
use crate::judge::gates::counts_approvals_from;
use crate::judge::people::ApprovalSource;
use crate::planner::steps::touches;
use crate::ports::{Document, ForgeRead, ReadPorts};
use crate::project::manifest::{Manifest, Touch};
use crate::release::environment::EnvironmentRecord;
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use crate::release::sample::Verifications;
use crate::release::train::TrainRecord;
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// How far this machine's clock may be behind the ledger.
const BEHIND: SignedDuration = SignedDuration::from_mins(2);

/// Reads everything that the stages of a plan need.
pub async fn environments(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    plan: &Plan,
    facts: &mut Facts,
) {
    let names = plan.stages.iter().filter_map(|stage| stage.environment.clone());
    read_all(read_ports, manifest, names.collect(), Some(plan), facts).await;
    if plan.steps().any(|(_, planned)| touches(&planned.step, Touch::Samples)) {
        refresh_samples(read_ports, plan, facts).await;
    }
    time(read_ports, facts);
}

/// Reads every environment in a manifest, regardless of the version to release.
pub async fn all_environments(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    let names = manifest.stages.iter().filter_map(|stage| stage.environment.as_ref());
    let names = names.map(|environment| environment.name.clone()).collect();
    read_all(read_ports, manifest, names, None, facts).await;
}

async fn read_all(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    names: BTreeSet<EnvironmentName>,
    plan: Option<&Plan>,
    facts: &mut Facts,
) {
    let forge = manifest.forge.has_releases().then_some(read_ports.forge);
    let deployments = read_ports.forge.ok().and_then(|forge| forge.deployments());
    let own = |job: &JobIdentity| deployments.is_none_or(|forge| forge.has_job(job));
    let inside = match (names.is_empty(), read_ports.remote) {
        (true, _) => Seen::not_asked(),
        (false, None) => Seen::unseen("the network was not used"),
        (false, Some(_)) => match read_ports.prober.identity().await {
            Ok(identity) => Seen::Known(identity.filter(own).and_then(|job| job.environment)),
            Err(error) => from_port(&error),
        },
    };
    for name in names {
        let is_here = |other: EnvironmentName| other.is_called(name.as_str());
        let inside = inside.clone().map(|environment| environment.is_some_and(is_here));
        let counts = counts_approvals_from(manifest, ApprovalSource::Environments);
        let state = state(read_ports, forge, (plan, counts), (&name, inside), facts).await;
        facts.environments.insert(name, state);
    }
}

async fn state(
    read_ports: &ReadPorts<'_>,
    forge: Option<Result<&dyn ForgeRead, &str>>,
    (plan, counts): (Option<&Plan>, bool),
    (name, inside): (&EnvironmentName, Seen<bool>),
    facts: &Facts,
) -> EnvironmentState {
    let record = record(read_ports, name).await;
    let unread = |why: &str| EnvironmentState {
        protection: Seen::unseen(why),
        inside: inside.clone(),
        approvals: Seen::unseen(why),
        record: record.clone(),
        deployments: Seen::unseen(why),
    };
    let deployments = match forge {
        Some(Ok(forge)) => forge.deployments(),
        Some(Err(why)) => return unread(why),
        None => None,
    };
    let Some(deployments) = deployments else {
        // Without a forge, the only protection of an environment is the order of the stages.
        return EnvironmentState {
            protection: Seen::Known(Some(crate::facts::environment::Protection::default())),
            inside,
            approvals: Seen::Known(Vec::new()),
            record,
            deployments: Seen::Known(None),
        };
    };
    let protection = match deployments.protection(name).await {
        Ok(protection) => Seen::Known(protection),
        Err(error) => from_port(&error),
    };
    let reviewed = protection.known().ok().and_then(Option::as_ref);
    let reviewed = reviewed.is_some_and(|it| !it.reviewers.is_empty());
    let sealed = facts.ledger.known().ok().and_then(Ledger::sealed);
    // A job of the environment was already approved; its approval is read only if a gate counts it.
    let needed = inside != Seen::Known(true) || counts;
    let asked = sealed.zip(plan).filter(|_| reviewed && needed);
    let approvals = match asked {
        None => Seen::Known(Vec::new()),
        Some((since, plan)) => match deployments.approvals(name, &plan.commit, since).await {
            Ok(approvals) => Seen::Known(approvals),
            Err(error) => from_port(&error),
        },
    };
    let deployments = match deployments.deployments(name).await {
        Ok(deployments) => Seen::Known(Some(deployments)),
        Err(error) => from_port(&error),
    };
    EnvironmentState { protection, inside, approvals, record, deployments }
}

/// Reads the record of an environment and its deployments again.
pub(super) async fn refresh_environment(
    read_ports: &ReadPorts<'_>,
    name: &EnvironmentName,
    facts: &mut Facts,
) {
    let record = record(read_ports, name).await;
    let forge = read_ports.forge.ok().and_then(|forge| forge.deployments());
    let deployments = match forge {
        None => None,
        Some(forge) => Some(match forge.deployments(name).await {
            Ok(deployments) => Seen::Known(Some(deployments)),
            Err(error) => from_port(&error),
        }),
    };
    if let Some(state) = facts.environments.get_mut(name) {
        state.record = record;
        if let Some(deployments) = deployments {
            state.deployments = deployments;
        }
    }
}

/// Reads the verification samples of a release again.
pub async fn refresh_samples(read_ports: &ReadPorts<'_>, plan: &Plan, facts: &mut Facts) {
    let document = Document::Samples(plan.tag.clone());
    facts.samples = stored::<Verifications>(read_ports, &document).await;
}

/// Reads what is in an environment.
pub async fn record(
    read_ports: &ReadPorts<'_>,
    name: &EnvironmentName,
) -> Seen<Stored<EnvironmentRecord>> {
    stored(read_ports, &Document::Environment(name.clone())).await
}

/// Reads the results of a train's past dates.
pub async fn train_record(read_ports: &ReadPorts<'_>, train: &str) -> Seen<Stored<TrainRecord>> {
    stored(read_ports, &Document::Train(train.to_owned())).await
}

/// Reads a document. A document of a newer format is unseen.
async fn stored<T: DeserializeOwned + Default>(
    read_ports: &ReadPorts<'_>,
    document: &Document,
) -> Seen<Stored<T>> {
    let Some(remote) = read_ports.remote else { return Seen::unseen("the remote was not read") };
    let (at, text) = match remote.document(document).await {
        Ok(Some(found)) => found,
        Ok(None) => return Seen::Known(Stored { at: None, value: T::default() }),
        Err(error) => return from_port(&error),
    };
    let help = "update tminus, or delete the ref if it was changed manually";
    match serde_json::from_str::<Format>(&text) {
        Ok(Format { format: 1 }) => {}
        Ok(Format { format }) => {
            let name = document.ref_name();
            let why = format!("`{name}` has format {format}, but this version of tminus reads 1");
            return Seen::unseen_help(why, help);
        }
        Err(error) => {
            return Seen::unseen_help(format!("`{}`: {error}", document.ref_name()), help);
        }
    }
    match serde_json::from_str(&text) {
        Ok(value) => Seen::Known(Stored { at: Some(at), value }),
        Err(error) => Seen::unseen_help(format!("`{}`: {error}", document.ref_name()), help),
    }
}

#[derive(serde::Deserialize)]
struct Format {
    format: u32,
}

/// Stores the time: the forge's time or, if it is unknown, this machine's. If this machine's clock
/// is behind the ledger, the time is unseen. The forge's time is used even if an entry was written
/// with a wrong clock.
pub fn time(read_ports: &ReadPorts<'_>, facts: &mut Facts) {
    let forge = read_ports.forge.ok().and_then(|forge| forge.server_time());
    if let Some(now) = forge {
        facts.time = Seen::Known(now);
        return;
    }
    let now = read_ports.clock.now();
    let newest = facts.ledger.known().ok().and_then(Ledger::newest);
    facts.time = match newest.filter(|newest| newest.duration_since(now) > BEHIND) {
        None => Seen::Known(now),
        Some(_) => Seen::unseen_help(
            "the clock of this machine is behind the newest entry of the ledger",
            "correct the clock of this machine",
        ),
    };
}
