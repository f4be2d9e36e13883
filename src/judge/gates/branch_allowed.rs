//! `branch-allowed`: the commit is on a branch that allows releases.

use super::gate::{Need, Occasion, Rule};
use crate::base::finding::{Finding, Who};
use crate::base::names::BranchName;
use crate::base::version::Version;
use crate::facts::{BranchPosition, Facts, Freshness};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::manifest::LINE;
use crate::release::ledger::Ledger;

/// The rule.
pub(super) struct BranchAllowed;

impl Rule for BranchAllowed {
    const ID: &'static str = "branch-allowed";
    const ASKS: &'static str = "is the commit on a branch that allows releases?";
    const PAGE: &'static str = include_str!("../../../docs/gates/branch-allowed.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::Branch]
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        let branch = match facts.branch.known() {
            Ok(branch) => branch,
            Err(unseen) => {
                return Ruling::unknown(unseen.finding("cannot determine the branch"));
            }
        };
        let version = case.target().ok().map(|target| &target.version);
        if let Some(pattern) = manifest.allowing(branch.as_str(), version) {
            let by = if pattern.as_str() == branch.as_str() {
                String::new()
            } else {
                format!(", allowed by `{}`", pattern.as_str())
            };
            return held(facts, branch, &by);
        }
        let patterns: Vec<String> =
            manifest.branches.iter().map(|p| allowed(p.value.as_str(), version)).collect();
        let mut finding = Finding::new(format!("releases are not allowed from branch `{branch}`"))
            .note(format!("allowed branches: {}", patterns.join(", ")))
            .help("merge into an allowed branch, or add this branch to `branches`")
            .who(Who::Author);
        if let Some(first) = manifest.branches.first().filter(|first| first.span.end > 0) {
            finding = finding.at(&manifest.source.name, first.span, "allowed branches");
        }
        Ruling::no_go(finding)
    }
}

/// A pattern for people.
fn allowed(pattern: &str, version: Option<&Version>) -> String {
    if pattern != LINE {
        return format!("`{pattern}`");
    }
    let such_as = match version.and_then(|it| it.numbers().first().zip(it.numbers().get(1))) {
        Some((major, minor)) => format!(", such as `{major}.{minor}.x`"),
        None => String::new(),
    };
    format!("a branch that is named for the version (`{LINE}`){such_as}")
}

/// Whether the branch contains the commit. A release that is already public can only be finished.
fn held(facts: &Facts, branch: &BranchName, by: &str) -> Ruling {
    let commit = facts.commit.sha.short();
    let public = facts.ledger.known().is_ok_and(Ledger::is_public);
    let at = match facts.branch_head.known() {
        Ok(at) => at,
        Err(_) if public => {
            return Ruling::go(format!("{branch}{by}; the release is already public"));
        }
        Err(unseen) => return Ruling::unseen(&format!("the head of `{branch}`"), unseen),
    };
    let on = at.remote.as_ref().map_or_else(String::new, |remote| format!(" on `{remote}`"));
    let (is, does, when) = match (&at.remote, at.freshness) {
        (None, _) | (Some(_), Freshness::Now) => ("is", "does", ""),
        (Some(_), Freshness::LastFetch) => ("was", "did", " at the last fetch"),
    };
    let note = match &at.head {
        Some(head) => format!("`{branch}`{on} {is} at {}{when}", head.short()),
        None => format!("`{branch}`{on} {does} not exist{when}"),
    };
    let fetch = match at.freshness {
        Freshness::Now => "",
        Freshness::LastFetch => {
            "; if you merged it after the last fetch, run without `--offline` and `--no-fetch`"
        }
    };
    match at.commit {
        BranchPosition::On => Ruling::go(format!("{branch}{by}")),
        BranchPosition::Ahead | BranchPosition::Apart if public => Ruling::go(format!(
            "{branch}{by}; the branch has moved, but the release is already public"
        )),
        BranchPosition::Ahead => {
            let push = match &at.remote {
                Some(remote) => {
                    format!("push it to `{branch}` on `{remote}`, or merge it into `{branch}`")
                }
                None => format!("move `{branch}` to this commit first"),
            };
            let finding = Finding::new(format!("{commit} is not on `{branch}` yet"));
            let finding = finding.note(note).help(push).who(Who::Author);
            Ruling::Hold { summary: finding.message.clone(), findings: vec![finding] }
        }
        BranchPosition::Apart => Ruling::no_go(
            Finding::new(format!("{commit} is not on `{branch}`"))
                .note(note)
                .help(format!("merge it into `{branch}`, or choose a commit on `{branch}`{fetch}"))
                .who(Who::Author),
        ),
    }
}
