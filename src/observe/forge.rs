//! What only the forge can tell.

use super::unseen::from_port;
use crate::facts::{Facts, Release, Seen};
use crate::ledger::Ledger;
use crate::manifest::{Forge, Manifest};
use crate::names::TagName;
use crate::ports::{Eyes, Survey};
use crate::rights::Leave;
use crate::step::Plan;
use crate::target;
use std::time::Duration;

/// Why there is no forge to ask, where the manifest wants none.
pub const NO_FORGE: &str = "the manifest says `forge: none`";

/// Asks the forge for checks, rules and the published release, afresh.
pub async fn survey(eyes: &Eyes<'_>, manifest: &Manifest, facts: &mut Facts) {
    if manifest.forge == Forge::None {
        facts.checks = Seen::unseen(NO_FORGE);
        facts.rules = Seen::unseen(NO_FORGE);
        facts.published = Seen::Known(None);
        facts.drafts = Seen::Known(Vec::new());
        return;
    }
    let forge = match eyes.forge {
        Ok(forge) => forge,
        Err(why) => {
            facts.checks = Seen::unseen(why);
            facts.rules = Seen::unseen(why);
            facts.published = Seen::unseen(why);
            facts.drafts = Seen::unseen(why);
            return;
        }
    };
    let survey = Survey {
        commit: facts.commit.sha.clone(),
        branch: facts.branch.known().ok().cloned(),
        tag: target::of(manifest, facts).ok().map(|target| target.tag),
        twins: false,
        push: false,
    };
    match forge.survey(&survey).await {
        Ok(surveyed) => {
            facts.checks = surveyed.checks;
            facts.twins = surveyed.twins;
            facts.push = surveyed.push;
            facts.rules = match survey.branch {
                Some(_) => surveyed.rules,
                None => Seen::unseen_help("the branch is not known", "name it with `--branch`"),
            };
            facts.published = surveyed.published;
        }
        Err(error) => {
            facts.checks = from_port(&error);
            facts.rules = from_port(&error);
            facts.published = from_port(&error);
        }
    }
    facts.at = eyes.clock.now();
}

/// The permission whose lack hides drafts, where that is known.
fn blind(facts: &Facts) -> Option<String> {
    match &facts.rights.known().ok()?.releases {
        Seen::Known(Leave::Denied { needs, .. }) => Some(needs.clone()),
        Seen::Known(Leave::Granted) | Seen::Unseen(_) => None,
    }
}

/// Waits between looks for a draft that may have been made, in seconds: listings lag.
const LISTING_LAG: [u64; 4] = [2, 5, 10, 15];

/// Lists the drafts and the published release of a plan's tag, with their assets.
pub async fn list_releases(eyes: &Eyes<'_>, plan: &Plan, facts: &mut Facts) {
    releases(eyes, &plan.tag, facts).await;
}

pub(super) async fn releases(eyes: &Eyes<'_>, tag: &TagName, facts: &mut Facts) {
    let Ok(forge) = eyes.forge else { return };
    let ledger = facts.ledger.known().ok();
    let recorded = ledger.and_then(Ledger::release);
    let in_doubt =
        ledger.and_then(Ledger::in_doubt).is_some_and(|key| key.as_str() == "draft-release");
    let mut listed = forge.releases(tag).await;
    for seconds in LISTING_LAG {
        let empty = listed.as_ref().is_ok_and(Vec::is_empty);
        if !(in_doubt && empty) {
            break;
        }
        eyes.clock.sleep(Duration::from_secs(seconds)).await;
        listed = forge.releases(tag).await;
    }
    let mut releases = match listed {
        Ok(releases) => releases,
        Err(error) => {
            facts.drafts = from_port(&error);
            return;
        }
    };
    // A number that the ledger knows is read directly: that does not lag.
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
    facts.drafts = match blind(facts) {
        // What is not shown to those who may not write is not what is not there.
        Some(needs) if drafts.is_empty() => Seen::unseen_help(
            format!("drafts are shown only to those who may write: the token lacks `{needs}`"),
            format!("give the token `{needs}`"),
        ),
        Some(_) | None => Seen::Known(drafts),
    };
    // The listing has the assets' digests, the survey has not; either may lag.
    if let Some(release) = published.pop() {
        facts.published = Seen::Known(Some(release));
    }
}
