//! `version-increases`: the version is higher than the last release on its line, or is that
//! release.

use super::gate::{Need, Rule};
use crate::base::finding::Finding;
use crate::facts::{Facts, History, TagAt};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::judge::target::{Origin, Target};
use std::cmp::Ordering;

/// The rule.
pub(super) struct VersionIncreases;

impl Rule for VersionIncreases {
    const ID: &'static str = "version-increases";
    const ASKS: &'static str = "is the version higher than the last release on this line?";
    const PAGE: &'static str = include_str!("../../../docs/gates/version-increases.md");
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::History, Need::Files, Need::Tag]
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let facts = case.facts;
        let target = match case.target() {
            Ok(target) => target,
            Err(none) => return none.ruling(),
        };
        let history = match facts.history.known() {
            Ok(history) => history,
            Err(unseen) => return Ruling::unseen("the tags", unseen),
        };
        match facts.tag.known() {
            Err(unseen) => Ruling::unseen(&format!("tag `{}`", target.tag), unseen),
            Ok(Some(tag)) if tag.ancestor => out(case, target, tag),
            Ok(Some(tag)) => elsewhere(target, tag, facts),
            Ok(None) => compare(target, history),
        }
    }
}

fn out(case: &Case<'_>, target: &Target, tag: &TagAt) -> Ruling {
    let facts = case.facts;
    let at = format!("{} at {}", target.tag, tag.commit.short());
    if !case.is_out(tag) {
        return Ruling::go(format!("{} is tagged, {at}, and not published yet", target.version));
    }
    let unfinished = facts.ledger.known().is_ok_and(|ledger| ledger.under_way());
    if facts.request.expect_release && !unfinished {
        let finding = Finding::new(format!(
            "nothing to release: {} is already released, {at}",
            target.version
        ));
        let help = match target.origin {
            Origin::File { ref path, .. } => format!("raise the version in `{path}`"),
            Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => {
                "a release needs a change since the last one, or `--version`".into()
            }
        };
        return Ruling::no_go(pointed(finding, target).help(help));
    }
    Ruling::go(format!("{} is already released, {at}", target.version))
}

fn elsewhere(target: &Target, tag: &TagAt, facts: &Facts) -> Ruling {
    let finding = Finding::new(format!(
        "tag `{}` is on {}, which is not an ancestor of {}",
        target.tag,
        tag.commit.short(),
        facts.commit.sha.short(),
    ));
    Ruling::no_go(pointed(finding, target).help("choose another version; tminus never moves a tag"))
}

fn compare(target: &Target, history: &History) -> Ruling {
    let version = &target.version;
    let Some(last) = &history.last else {
        return Ruling::go(format!("{version}, the first release"));
    };
    match version.cmp_precedence(&last.version) {
        Ordering::Greater => {
            let from = history.base.as_ref().unwrap_or(last);
            let commits = match history.since.iter().filter(|commit| !commit.elsewhere).count() {
                1 => "1 commit".to_owned(),
                n => format!("{n} commits"),
            };
            Ruling::go(format!("{} -> {version}, {commits} since {}", from.version, from.tag))
        }
        Ordering::Equal => {
            let message = format!("{version} differs from {} only in build metadata", last.version);
            let finding = Finding::new(message)
                .help("raise the version: build metadata does not affect precedence");
            Ruling::no_go(pointed(finding, target))
        }
        Ordering::Less => {
            let message =
                format!("{version} is below {}, the last release on this line", last.version);
            let finding = Finding::new(message)
                .note(format!("`{}` is at {}", last.tag, last.commit.short()))
                .help(format!("choose a version above {}", last.version));
            Ruling::no_go(pointed(finding, target))
        }
    }
}

fn pointed(finding: Finding, target: &Target) -> Finding {
    let finding = finding.who(target.origin.who());
    match &target.origin {
        Origin::File { path, span } => finding.at(path, *span, "the version"),
        Origin::Asked | Origin::Commits { .. } | Origin::First | Origin::Last => finding,
    }
}
