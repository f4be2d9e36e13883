//! Facts that only the forge can report.

use super::unseen::from_port;
use super::workflows::{changed, some_filters, workflow_files};
use crate::base::finding::Who;
use crate::base::names::TagName;
use crate::facts::rights::Permission;
use crate::facts::{Facts, Release, Seen};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection, Need};
use crate::planner::steps::touches;
use crate::ports::{PortError, ReadPorts, Survey};
use crate::project::manifest::Touch;
use crate::project::manifest::{ForgeFeatures, Manifest};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use std::time::Duration;

/// The reason for unseen values if the manifest has `forge: none`.
pub const NO_FORGE: &str = "the manifest says `forge: none`";

/// Reads checks, rules and the published release from the forge again, for all gates of the
/// manifest.
pub async fn survey(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    survey_for(read_ports, manifest, &gates::needs(manifest, &GateSelection::default()), facts)
        .await;
}

/// Reads only what is needed from the forge.
pub(super) async fn survey_for(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    needs: &[Need],
    facts: &mut Facts,
) {
    if !manifest.forge.has_releases() {
        facts.published = Seen::Known(None);
        facts.drafts = Seen::Known(Vec::new());
    } else if let Err(why) = read_ports.forge {
        facts.published = Seen::unseen(why);
        facts.drafts = Seen::unseen(why);
    }
    let tag = Case::new(manifest, facts).target().ok().map(|target| target.tag.clone());
    if let Some(published) = ask(read_ports, manifest, needs, tag, facts).await {
        facts.published = published;
    }
}

/// Reads only checks and rules from the forge again. The release stays as it was read before,
/// because this query does not return the digests of its assets.
pub async fn survey_checks(read_ports: &ReadPorts<'_>, manifest: &Manifest, facts: &mut Facts) {
    ask(read_ports, manifest, &gates::needs(manifest, &GateSelection::default()), None, facts)
        .await;
}

/// Reads only the checks: the cheap query that is repeated while checks run.
///
/// # Errors
/// When the forge does not respond. The facts then stay unchanged.
pub async fn checks_again(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let refused =
        |why: &str| PortError::Refused { what: "read the checks".into(), why: why.into() };
    let forge = read_ports.forge.map_err(refused)?;
    let same_tree = gates::needs(manifest, &GateSelection::default()).contains(&Need::SameTree);
    let survey = Survey { same_tree, ..Survey::checks_on(facts.commit.sha.clone()) };
    let surveyed = forge.survey(&survey).await?;
    facts.checks = surveyed.checks;
    facts.same_tree = surveyed.same_tree;
    Ok(())
}

/// Returns the release of the tag, if the forge responded.
async fn ask(
    read_ports: &ReadPorts<'_>,
    manifest: &Manifest,
    needs: &[Need],
    tag: Option<TagName>,
    facts: &mut Facts,
) -> Option<Seen<Option<Release>>> {
    let asked = match manifest.forge.hosts {
        ForgeFeatures::Releases => read_ports.forge,
        ForgeFeatures::Nothing => Err(NO_FORGE),
    };
    let forge = match asked {
        Ok(forge) => forge,
        Err(why) => {
            facts.checks = Seen::unseen(why);
            facts.rules = Seen::unseen(why);
            return None;
        }
    };
    if needs.contains(&Need::Workflows) {
        facts.workflows = workflow_files(read_ports.repository, &facts.commit.sha);
    }
    let survey = Survey {
        commit: facts.commit.sha.clone(),
        branch: facts.branch.known().ok().cloned(),
        tag,
        same_tree: needs.contains(&Need::SameTree),
        push: needs.contains(&Need::Push) && facts.branch.known().is_ok() && some_filters(facts),
    };
    let surveyed = forge.survey(&survey).await;
    facts.at = read_ports.clock.now();
    match surveyed {
        Ok(surveyed) => {
            facts.checks = surveyed.checks;
            facts.same_tree = surveyed.same_tree;
            facts.push = surveyed.push;
            facts.rules = match survey.branch {
                Some(_) => surveyed.rules,
                None => Seen::unseen_help("the branch is unknown", "pass it with `--branch`"),
            };
            facts.changed = changed(read_ports.repository, facts);
            Some(surveyed.published)
        }
        Err(error) => {
            facts.checks = from_port(&error);
            facts.same_tree = from_port(&error);
            facts.push = from_port(&error);
            facts.rules = from_port(&error);
            Some(from_port(&error))
        }
    }
}

/// The missing permission because of which drafts are not visible, if it is known.
fn missing_permission(facts: &Facts) -> Option<String> {
    match &facts.rights.known().ok()?.releases {
        Seen::Known(Permission::Denied { needs, .. }) => Some(needs.clone()),
        Seen::Known(Permission::Granted) | Seen::Unseen(_) => None,
    }
}

/// Pauses, in seconds, between attempts to find a draft that may have been created: lists are
/// updated with a delay.
const LISTING_LAG: [u64; 4] = [2, 5, 10, 15];

/// Lists the drafts and the published release of a plan's tag, with their assets.
pub async fn list_releases(read_ports: &ReadPorts<'_>, plan: &Plan, facts: &mut Facts) {
    releases(read_ports, &plan.tag, facts).await;
}

/// Whether the creation of a draft was started, so that a draft may exist.
fn drafts_in_doubt(ledger: &Ledger) -> bool {
    let begun = ledger.in_doubt();
    ledger.plan().is_some_and(|plan| {
        let mut steps = plan.steps().filter(|(_, planned)| begun.contains(&&planned.key));
        steps.any(|(_, planned)| touches(&planned.step, Touch::Draft))
    })
}

pub(super) async fn releases(read_ports: &ReadPorts<'_>, tag: &TagName, facts: &mut Facts) {
    let Ok(forge) = read_ports.forge else { return };
    let ledger = facts.ledger.known().ok();
    let recorded = ledger.and_then(Ledger::release);
    let in_doubt = ledger.is_some_and(drafts_in_doubt);
    let mut listed = forge.releases(tag).await;
    for seconds in LISTING_LAG {
        let empty = listed.as_ref().is_ok_and(Vec::is_empty);
        if !(in_doubt && empty) {
            break;
        }
        read_ports.clock.sleep(Duration::from_secs(seconds)).await;
        listed = forge.releases(tag).await;
    }
    let mut releases = match listed {
        Ok(releases) => releases,
        Err(error) => {
            facts.drafts = from_port(&error);
            return;
        }
    };
    // A release whose number is in the ledger is read directly, without that delay.
    if let Some(id) = recorded {
        match forge.release(id).await {
            Ok(found) => {
                releases.retain(|release| release.id != id);
                releases.extend(found.filter(|release| release.tag == tag.as_str()));
            }
            Err(error) => {
                facts.drafts = from_port(&error);
                return;
            }
        }
    }
    sort_releases(releases, facts);
}

pub(super) fn sort_releases(releases: Vec<Release>, facts: &mut Facts) {
    let (drafts, mut published): (Vec<_>, Vec<_>) =
        releases.into_iter().partition(|release| release.draft);
    facts.drafts = match missing_permission(facts) {
        // Without write permission, an empty list does not mean that there are no drafts.
        Some(needs) if drafts.is_empty() => Seen::unseen_help(
            format!("only a token with write access can see drafts: the token lacks `{needs}`"),
            format!("give the token `{needs}`"),
        )
        .by(Who::Grantor),
        Some(_) | None => Seen::Known(drafts),
    };
    // The list contains the digests of the assets, the survey does not; either may be outdated.
    if let Some(release) = published.pop() {
        facts.published = Seen::Known(Some(release));
    }
}
