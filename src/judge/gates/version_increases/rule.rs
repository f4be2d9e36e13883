//! The rule: it distinguishes the cases.

use super::tagged::{elsewhere, reached};
use super::untagged::compare;
use super::words::pointed;
use crate::base::finding::Finding;
use crate::facts::Facts;
use crate::judge::case::Case;
use crate::judge::gates::gate::{Need, Rule, not_due};
use crate::judge::ruling::Ruling;
use crate::judge::target::Target;

/// The rule.
pub(in crate::judge::gates) struct VersionIncreases;

impl Rule for VersionIncreases {
    const ID: &'static str = "version-increases";
    const ASKS: &'static str = "is the version higher than the previous release?";
    const PAGE: &'static str = include_str!("../../../../docs/gates/version-increases.md");
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
        if let Some((target, path)) = case.in_development() {
            return in_development(target, path, facts);
        }
        match facts.tag.known() {
            Err(unseen) => Ruling::unseen(&format!("tag `{}`", target.tag), unseen),
            Ok(Some(tag)) if tag.ancestor => reached(case, target, tag),
            Ok(Some(tag)) => elsewhere(target, tag, facts),
            Ok(None) => compare(case, target, history),
        }
    }
}

fn in_development(target: &Target, path: &str, facts: &Facts) -> Ruling {
    if !facts.request.expect_release {
        return Ruling::go(not_due(target, path));
    }
    let why = not_due(target, path).replacen("no release is due", "nothing to release", 1);
    let finding = Finding::new(why);
    let help = format!("set the version in `{path}` to the one to release");
    Ruling::no_go(pointed(finding, target).help(help))
}
