//! Whether a final version can be promoted from a pre-release, and which data it takes from the
//! pre-release.
//!
//! The same commit, the same manifest, and the same files: nothing is rebuilt. If one of them
//! differs, the verification of the pre-release does not apply.

use super::steps::{self, touches, verifying};
use crate::base::finding::{Finding, Who};
use crate::base::names::Digest;
use crate::base::version::Version;
use crate::facts::{Candidate, Facts, Release, RemoteAsset, Unseen};
use crate::judge::case::Case;
use crate::judge::target::NoTarget;
use crate::project::manifest::{Manifest, Touch};
use crate::release::ledger::{Ledger, Verified};
use crate::release::plan::{Plan, Promoted};
use crate::release::step::{Asset, Content};

/// What a final version takes from a pre-release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Promotion {
    pub(super) from: Promoted,
    /// Its files, each with its place in the published pre-release.
    pub(super) assets: Vec<Asset>,
}

/// What the release takes from a pre-release; `None` if it is not promoted from one.
///
/// # Errors
/// When the pre-release cannot be read, or does not qualify.
pub(super) fn promotion(case: &Case<'_>) -> Result<Option<Promotion>, NoTarget> {
    let Some(candidate) = &case.facts.candidate else { return Ok(None) };
    judge(case.manifest, case.facts, candidate).map(Some)
}

/// The finding that a file contains the version, so that a pre-release and a final version cannot
/// have the same commit; `None` if no file does.
#[must_use]
pub fn version_in_file(manifest: &Manifest) -> Option<Finding> {
    let file = manifest.version.files.first()?;
    let path = &file.path.value;
    let message = format!(
        "a pre-release cannot be promoted to a final version: `{path}` contains the version, so \
         the final version needs another commit"
    );
    let help = "release the final version through stages: the same commit and the same files go from \
                a test environment to production";
    Some(Finding::new(message).help(help).who(Who::Author))
}

fn judge(manifest: &Manifest, facts: &Facts, candidate: &Candidate) -> Result<Promotion, NoTarget> {
    if let Some(finding) = version_in_file(manifest) {
        return Err(NoTarget::Wrong(Box::new(finding)));
    }
    let what = || format!("the ledger of {}", candidate.tag);
    let ledger = candidate.ledger.known().map_err(|why| unread(what(), why))?;
    let plan = proven(candidate, ledger)?;
    same(manifest, facts, candidate, plan)?;
    let digest = plan.digest();
    stands(facts, candidate, plan, &digest)?;
    let assets = files(candidate, plan)?;
    let (version, tag) = (plan.version.clone(), plan.tag.clone());
    let from = Promoted { version, tag, commit: plan.commit.clone(), plan: digest };
    Ok(Promotion { from, assets })
}

fn wrong<T>(message: String, help: impl Into<String>) -> Result<T, NoTarget> {
    let finding = Finding::new(message).help(help.into()).who(Who::Operator);
    Err(NoTarget::Wrong(Box::new(finding)))
}

/// The plan of the pre-release, if it is finished, verified, and was not rolled back.
fn proven<'l>(candidate: &Candidate, ledger: &'l Ledger) -> Result<&'l Plan, NoTarget> {
    let version = &candidate.version;
    let Some(plan) = ledger.plan() else {
        let help = format!("release it first: `tminus release --version {version}`");
        return wrong(format!("{version} was not released with tminus"), help);
    };
    let mut stages = plan.stages.iter();
    if let Some((stage, _)) =
        stages.find_map(|stage| Some((&stage.name, ledger.rolled_back(&stage.name)?)))
    {
        return rolled_back(version, stage.as_str());
    }
    if !ledger.finished() {
        let help = format!("finish it first: `tminus release --version {version}`");
        return wrong(format!("{version} is not finished"), help);
    }
    let mut verified = false;
    for (stage, planned) in plan.steps() {
        if verifying(&planned.step).is_none() {
            continue;
        }
        let passed = ledger.verification(&stage.name) == Some(Verified::Passed);
        if !passed || ledger.did(&planned.key).is_none() {
            let help = format!("`tminus status --version {version}` shows its ledger");
            let name = &stage.name;
            return wrong(format!("{version} was not verified in stage `{name}`"), help);
        }
        verified = true;
    }
    if !verified {
        let message = format!("{version} was not verified: no stage of its plan has `verify`");
        let help = "add `verify` to a stage, and release another pre-release";
        return wrong(message, help);
    }
    Ok(plan)
}

fn unread(what: String, unseen: &Unseen) -> NoTarget {
    NoTarget::Unseen { what, unseen: unseen.clone() }
}

fn rolled_back<T>(version: &Version, stage: &str) -> Result<T, NoTarget> {
    wrong(
        format!("{version} was rolled back in `{stage}`"),
        "release a fixed pre-release, and promote that one",
    )
}

/// The commit and the manifest are those of the pre-release.
fn same(
    manifest: &Manifest,
    facts: &Facts,
    candidate: &Candidate,
    plan: &Plan,
) -> Result<(), NoTarget> {
    let (version, commit) = (&candidate.version, plan.commit.short());
    if plan.commit != facts.commit.sha {
        let other = facts.commit.sha.short();
        let message = format!("{version} was released from commit {commit}, not {other}");
        return wrong(message, "release a pre-release from that commit, and promote that one");
    }
    if plan.manifest != manifest.digest {
        let name = &manifest.source.name;
        let message =
            format!("`{name}` differs from the manifest that {version} was released with");
        return wrong(message, "use the manifest of that commit: run without `--manifest`");
    }
    Ok(())
}

/// It was neither withdrawn nor rolled back: its tag and its release are there, and no environment
/// went back from it.
fn stands(
    facts: &Facts,
    candidate: &Candidate,
    plan: &Plan,
    digest: &Digest,
) -> Result<(), NoTarget> {
    let Candidate { version, tag, .. } = candidate;
    let has = |touch| plan.steps().any(|(_, planned)| touches(&planned.step, touch));
    if has(Touch::Tag) || has(Touch::Publication) {
        let at = candidate.at.known().map_err(|why| unread(format!("tag {tag}"), why))?;
        match at {
            Some(at) if *at == plan.commit => {}
            Some(at) => {
                let (at, commit) = (at.short(), plan.commit.short());
                let message =
                    format!("tag `{tag}` is at {at}, but {version} was released from {commit}");
                return wrong(message, "find out who moved the tag");
            }
            None => return withdrawn(version, &format!("tag `{tag}` does not exist")),
        }
    }
    if has(Touch::Publication) && published(candidate)?.is_none() {
        return withdrawn(version, "it has no published release");
    }
    let back = plan.stages.iter().find(|stage| {
        let state = stage.environment.as_ref().and_then(|name| facts.environments.get(name));
        let record = state.and_then(|state| state.record.known().ok());
        record.is_some_and(|record| record.value.rolled_back(digest))
    });
    back.map_or(Ok(()), |stage| rolled_back(version, stage.name.as_str()))
}

fn withdrawn<T>(version: &Version, why: &str) -> Result<T, NoTarget> {
    wrong(
        format!("{version} was withdrawn: {why}"),
        "release another pre-release, and promote that one",
    )
}

fn published(candidate: &Candidate) -> Result<Option<&Release>, NoTarget> {
    let what = || format!("the release of {}", candidate.tag);
    let seen = candidate.published.known().map_err(|why| unread(what(), why))?;
    Ok(seen.as_ref())
}

/// The files of the pre-release, as they are in its published release. Files that tminus itself
/// writes are written again, with the same text.
fn files(candidate: &Candidate, plan: &Plan) -> Result<Vec<Asset>, NoTarget> {
    let version = &candidate.version;
    let mut files = Vec::new();
    for asset in steps::assets(plan) {
        let Some(release) = published(candidate)? else {
            return withdrawn(version, "its assets are not published");
        };
        let Some(there) = release.assets.iter().find(|there| is_sealed(&asset, there)) else {
            let name = &asset.name;
            let message = format!("asset `{name}` of {version} is not the file that was sealed");
            return wrong(message, "find out who changed it, or release another pre-release");
        };
        if names_version(&asset.name, version) {
            let name = &asset.name;
            let message =
                format!("asset `{name}` contains the version of the pre-release in its name");
            let help = "remove the pre-release from the file name, or release the final version \
                        through stages";
            return wrong(message, help);
        }
        if !matches!(asset.content, Content::Text(_)) {
            let content = Content::Release { tag: plan.tag.clone(), asset: there.id };
            files.push(Asset { content, ..asset });
        }
    }
    Ok(files)
}

/// Whether an asset on the forge is one of the plan. If the forge reports no digest, the bytes are
/// compared when they are sent.
fn is_sealed(asset: &Asset, there: &RemoteAsset) -> bool {
    let same = there.digest.as_ref().is_none_or(|digest| *digest == asset.digest);
    there.name == asset.name && there.uploaded && there.size == asset.size && same
}

/// Whether the name of a file contains a pre-release, in any way of writing it (`1.2.0-rc.3`,
/// `1.2.0rc3`, `1_2_0_RC3`). A renamed file would still contain it inside, and would no longer match
/// the signatures and digests beside it.
fn names_version(name: &str, version: &Version) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    bare(name).contains(&bare(version.as_str()))
}
