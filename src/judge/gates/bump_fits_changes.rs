//! `bump-fits-changes`: the version bump is at least as large as the changes require.

use super::gate::{Need, Rule, not_due};
use crate::base::clean::{LONGEST_NAME, clip, quoted};
use crate::base::finding::Finding;
use crate::base::version::{NoNextVersion, Scheme, Version};
use crate::facts::Merge;
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{Origin, Target};
use crate::project::commits::{Change, CommitSummary, account, is_revert};
use crate::project::manifest::Bump;

/// The rule.
pub(super) struct BumpFitsChanges;

impl Rule for BumpFitsChanges {
    const ID: &'static str = "bump-fits-changes";
    const ASKS: &'static str = "is the version bump large enough for the changes?";
    const PAGE: &'static str = include_str!("../../../docs/gates/bump-fits-changes.md");
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::History, Need::Files, Need::Tag]
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        let target = match case.target() {
            Ok(target) => target,
            Err(none) => return none.ruling(),
        };
        if let Some((target, path)) = case.in_development() {
            return Ruling::go(not_due(target, path));
        }
        let history = match facts.history.known() {
            Ok(history) => history,
            Err(unseen) => return Ruling::unseen("the commits since the previous release", unseen),
        };
        match facts.tag.known() {
            Err(unseen) => {
                return Ruling::unseen(&format!("tag `{}`", target.tag), unseen);
            }
            Ok(Some(tag)) if case.is_out(tag) => {
                return Ruling::go(format!("{} is already released", target.version));
            }
            Ok(Some(_) | None) => {}
        }
        let Some(base) = &history.base else {
            return Ruling::go("nothing to compare: first release");
        };
        let moved = base.version.moved_to(&target.version);
        let kinds = case.change_kinds();
        let mut account = account(&history.since, kinds);
        // A squash merge adds the title to the history.
        let adds = |merge: &Merge| merge.adds(&facts.history, kinds);
        account.changes.extend(facts.merge.iter().flat_map(adds));
        let odd = odd(&account);
        let Some((demanded, by)) = account.demand() else {
            let none = format!("no change since {} requires a version bump", base.tag);
            let said = moved.map_or(none.clone(), |bump| format!("{}; {none}", word(bump)));
            return Ruling::go(format!("{said}{odd}"));
        };
        let least = match base.version.bumped(demanded, manifest.version.zero) {
            Ok(least) if target.version.scheme() != Scheme::Calendar => least,
            Ok(_) | Err(NoNextVersion::Calendar) => {
                return Ruling::go("calendar versions do not depend on the kind of change");
            }
            Err(NoNextVersion::Last) => {
                return Ruling::go(format!("nothing is higher than {}", base.tag));
            }
        };
        let because = format!("{} {}", by.sha.short(), headline(by));
        if target.version.released() >= least {
            let enough = base.version.moved_to(&least);
            return Ruling::go(match moved {
                Some(bump) if Some(bump) > enough => {
                    let only = enough
                        .map_or_else(|| "no bump".to_owned(), |bump| format!("a {}", word(bump)));
                    format!("{}; only {only} is required, by {because}{odd}", word(bump))
                }
                Some(_) | None => {
                    format!("{}, required by {because}{odd}", enough.map_or("none", word))
                }
            });
        }
        let capped = base.version.number(0) == 0 && demanded > manifest.version.zero;
        let below_one = if capped { "; below 1.0, `version.zero` sets the bump" } else { "" };
        let finding = too_low(target, &least)
            .note(format!("required by {because} ({} change{below_one})", word(demanded)))
            .note(format!("the previous release is {}, at {}", base.tag, base.commit.short()));
        Ruling::no_go(finding)
    }
}

/// A finding that a version is lower than its changes require, at its location.
fn too_low(target: &Target, least: &Version) -> Finding {
    let pre = if target.version.is_final() { "" } else { "a pre-release of " };
    let finding =
        Finding::new(format!("{} is too low: its changes require {least}", target.version))
            .help(format!("release it as {pre}{least}"))
            .who(target.origin.who());
    match &target.origin {
        Origin::File { path, span } => finding.at(path, *span, "too low"),
        Origin::Commits { .. } | Origin::Asked | Origin::First | Origin::Last => finding,
    }
}

/// A note that lists the changes that do not count because their type is unknown.
fn odd(account: &CommitSummary) -> String {
    let odd: Vec<&Change> = account.changes.iter().filter(|one| one.unknown.is_some()).collect();
    let Some(word) = odd.first().and_then(|first| first.unknown.as_deref()) else {
        return String::new();
    };
    match odd.len() {
        1 => format!("; unknown commit type {}", quoted(word)),
        n => format!("; {n} commits have unknown types, such as {}", quoted(word)),
    }
}

fn headline(change: &Change) -> String {
    // A message written by `git revert` needs no type.
    let kind = change.kind.as_deref().filter(|_| !is_revert(&change.description)).map(|kind| {
        let scope = change.scope.as_deref().map(|scope| format!("({scope})")).unwrap_or_default();
        format!("{kind}{scope}{}: ", if change.breaking { "!" } else { "" })
    });
    let whole = format!("{}{}", kind.unwrap_or_default(), change.description);
    clip(&whole, LONGEST_NAME).into_owned()
}

fn word(bump: Bump) -> &'static str {
    match bump {
        Bump::Patch => "patch",
        Bump::Minor => "minor",
        Bump::Major => "major",
    }
}
