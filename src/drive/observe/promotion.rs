//! Finds the pre-release that a final version is promoted from.

use super::line::version_tags;
use super::manifest::read_manifest;
use super::refs::Refs;
use super::request::{ObserveError, ObserveRequest};
use super::unseen::from_port;
use crate::base::finding::{Finding, Who};
use crate::base::names::TagName;
use crate::base::version::Version;
use crate::facts::{Candidate, Seen, Unseen};
use crate::planner::version_in_file;
use crate::ports::{Head, PortError, ReadPorts, RefAt, Remote};
use crate::project::manifest::Manifest;
use crate::release::ledger::Ledger;
use crate::release::outcome::Outcome;

/// Where ledgers are.
const LEDGERS: &str = "refs/tminus/releases/";

/// How many ledgers are read, those of the highest pre-releases first.
const READ: usize = 10;

/// A pre-release, with its ledger.
pub(super) struct Found {
    version: Version,
    tag: TagName,
    ledger: Ledger,
}

/// The release, after the pre-release was found.
pub(super) struct ChosenRelease {
    /// The request with the version and the commit.
    pub(super) order: ObserveRequest,
    /// The pre-release; `None` if the release of the final version was started: its plan is sealed.
    pub(super) from: Option<Found>,
}

/// The release that a promotion continues or starts; `None` if no promotion is requested.
///
/// # Errors
/// When no pre-release can be promoted, or they cannot be read.
pub(super) async fn choose(
    read_ports: &ReadPorts<'_>,
    order: &ObserveRequest,
    head: &Head,
) -> Result<Option<ChosenRelease>, ObserveError> {
    let Some(wish) = &order.promotion else { return Ok(None) };
    let manifest = read_manifest(read_ports, order, &head.commit)?;
    if let Some(finding) = version_in_file(&manifest) {
        return Err(wrong(finding));
    }
    let wanted = wanted(order.request.version.as_ref(), wish.from.as_ref())?;
    let Some(remote) = read_ports.remote else {
        let unseen = Unseen {
            why: "the remote was not read".into(),
            help: Some("run without `--offline` and `--no-fetch`".into()),
            who: None,
        };
        return Err(unread("the ledgers of the pre-releases", &unseen));
    };
    let refs = remote.refs().await.map_err(|error| port("the remote's refs", &error))?;
    let started = Started { remote, names: ledgers(&manifest, &order.name, &refs) };
    let version = match wanted {
        Wanted::Version(version) => version,
        Wanted::Newest => match started.names.iter().find(|(version, _)| !version.is_final()) {
            Some((version, _)) => version.released(),
            None => return Err(wrong(none("no pre-release was released with tminus"))),
        },
    };
    if let Some(sealed) = started.sealed(&version).await? {
        return sealed_order(order, &version, &sealed).map(Some);
    }
    let found = started.newest(&version, wish.from.as_ref()).await?;
    let mut order = order.clone();
    order.commit = found.ledger.plan().map(|plan| plan.commit.to_string());
    order.request.version = Some(version);
    Ok(Some(ChosenRelease { order, from: Some(found) }))
}

/// The requested final version.
enum Wanted {
    Version(Version),
    /// The final version of the newest pre-release.
    Newest,
}

fn wanted(version: Option<&Version>, from: Option<&Version>) -> Result<Wanted, ObserveError> {
    let usage = |message: String, help: &str| {
        Err(refused(Outcome::Error, Finding::new(message).help(help)))
    };
    if let Some(from) = from.filter(|from| from.is_final()) {
        return usage(format!("{from} is not a pre-release"), "pass a pre-release with `--from`");
    }
    match (version, from) {
        (Some(version), _) if !version.is_final() => usage(
            format!("{version} is not a final version"),
            "pass the final version with `--version`, and the pre-release with `--from`",
        ),
        (Some(version), Some(from)) if from.released() != *version => usage(
            format!("{from} is not a pre-release of {version}"),
            "pass a pre-release of that version with `--from`",
        ),
        (Some(version), _) => Ok(Wanted::Version(version.clone())),
        (None, Some(from)) => Ok(Wanted::Version(from.released())),
        (None, None) => Ok(Wanted::Newest),
    }
}

/// The release of the final version that was started, if it was promoted.
fn sealed_order(
    order: &ObserveRequest,
    version: &Version,
    ledger: &Ledger,
) -> Result<ChosenRelease, ObserveError> {
    let promoted = ledger.plan().filter(|plan| plan.promoted.is_some());
    let Some(plan) = promoted else {
        let message = format!("the release of {version} was not promoted from a pre-release");
        let finding =
            Finding::new(message).note("it was started from files that were built for it");
        let help = format!("run `tminus status --version {version}` to see its state");
        return Err(wrong(finding.help(help)));
    };
    let mut order = order.clone();
    order.commit = Some(plan.commit.to_string());
    order.request.version = Some(version.clone());
    Ok(ChosenRelease { order, from: None })
}

/// The versions that have a ledger, with their tags, highest first.
fn ledgers(manifest: &Manifest, name: &str, refs: &[RefAt]) -> Vec<(Version, TagName)> {
    let folder = name.rsplit('/').next().map(str::to_owned);
    let names: Vec<String> = manifest.name.iter().cloned().chain(folder).collect();
    let tag = |at: &RefAt| {
        let name = format!("refs/tags/{}", at.name.strip_prefix(LEDGERS)?);
        Some(RefAt { name, ..at.clone() })
    };
    let tags: Vec<RefAt> = refs.iter().filter_map(tag).collect();
    let versions = version_tags(manifest, &names, &tags).versions;
    versions.into_iter().map(|one| (one.version, one.tag)).collect()
}

/// The releases that have a ledger.
struct Started<'a> {
    remote: &'a dyn Remote,
    names: Vec<(Version, TagName)>,
}

impl Started<'_> {
    async fn ledger(&self, tag: &TagName) -> Result<Ledger, ObserveError> {
        let ledger = self.remote.ledger(tag).await;
        ledger.map_err(|error| port(&format!("the ledger of {tag}"), &error))
    }

    /// The ledger of a version, if its plan is sealed.
    async fn sealed(&self, version: &Version) -> Result<Option<Ledger>, ObserveError> {
        let Some((_, tag)) = self.names.iter().find(|(one, _)| one == version) else {
            return Ok(None);
        };
        let ledger = self.ledger(tag).await?;
        Ok(Some(ledger).filter(|ledger| ledger.plan().is_some()))
    }

    /// The newest pre-release of a version that was not aborted, or the requested one.
    async fn newest(
        &self,
        version: &Version,
        from: Option<&Version>,
    ) -> Result<Found, ObserveError> {
        let fits = |one: &Version| match from {
            Some(from) => one == from,
            None => !one.is_final() && one.released() == *version,
        };
        let fit = self.names.iter().filter(|(one, _)| fits(one));
        for (version, tag) in fit.take(READ) {
            let ledger = self.ledger(tag).await?;
            if ledger.plan().is_some() {
                let (version, tag) = (version.clone(), tag.clone());
                return Ok(Found { version, tag, ledger });
            }
        }
        let said = match from {
            Some(from) => format!("{from} was not released with tminus"),
            None => format!("no pre-release of {version} was released with tminus"),
        };
        Err(wrong(none(&said)))
    }
}

fn none(said: &str) -> Finding {
    let help = "release a pre-release first: `tminus release --version X.Y.Z-rc.1`";
    Finding::new(said).help(help)
}

/// The data of the pre-release besides its ledger.
pub(super) async fn candidate(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    refs: &Refs,
    found: &Found,
) -> Candidate {
    let Found { version, tag, ledger } = found;
    let name = format!("refs/tags/{tag}");
    let at = match refs.list() {
        Ok(refs) => {
            let tag = refs.iter().find(|at| at.name == name);
            Seen::Known(tag.map(|at| at.commit.clone()))
        }
        Err(unseen) => unseen,
    };
    let published = match read_ports.forge {
        _ if !manifest.forge.has_releases() => Seen::Known(None),
        Ok(forge) => match forge.releases(tag).await {
            Ok(all) => Seen::Known(all.into_iter().find(|release| !release.draft)),
            Err(error) => from_port(&error),
        },
        Err(why) => Seen::unseen(why),
    };
    let ledger = Seen::Known(ledger.clone());
    Candidate { version: version.clone(), tag: tag.clone(), ledger, at, published }
}

fn wrong(finding: Finding) -> ObserveError {
    refused(Outcome::NoGo, finding)
}

fn refused(outcome: Outcome, finding: Finding) -> ObserveError {
    let finding = if finding.who.is_some() { finding } else { finding.who(Who::Operator) };
    ObserveError::NotPromoted { outcome, finding: Box::new(finding) }
}

fn unread(what: &str, unseen: &Unseen) -> ObserveError {
    refused(Outcome::Unknown, unseen.finding(&format!("cannot read {what}")))
}

fn port(what: &str, error: &PortError) -> ObserveError {
    let (why, help, who) = (error.why(), error.help(), error.who());
    unread(what, &Unseen { why, help, who })
}
