//! `tree-clean`: the tracked files on disk are the same as in the commit.

use super::gate::{Need, Occasion, Rule};
use crate::base::clean::{LONGEST_NAME, clip, quoted};
use crate::base::finding::{Finding, Who};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;

/// How many files are listed; the rest is counted.
const SHOWN: usize = 5;

/// The rule.
pub(super) struct TreeClean;

impl Rule for TreeClean {
    const ID: &'static str = "tree-clean";
    const ASKS: &'static str = "are the tracked files on disk the same as in `HEAD`?";
    const PAGE: &'static str = include_str!("../../../docs/gates/tree-clean.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::WorkTree]
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let facts = case.facts;
        let dirty = match facts.dirty.known() {
            Ok(dirty) => dirty,
            Err(unseen) => return Ruling::unseen("the working tree", unseen),
        };
        let Some(first) = dirty.first() else {
            return Ruling::go("tracked files match HEAD");
        };
        let message = match dirty.len() {
            1 => format!("{} differs from HEAD", quoted(first)),
            n => format!("{n} tracked files differ from HEAD"),
        };
        let mut finding = Finding::new(message);
        if dirty.len() > 1 {
            for file in dirty.iter().take(SHOWN) {
                finding = finding.note(clip(file, LONGEST_NAME));
            }
        }
        if dirty.len() > SHOWN {
            finding = finding.note(format!("and {} more", dirty.len() - SHOWN));
        }
        let them = if dirty.len() == 1 { "it" } else { "them" };
        let help = format!("commit or `git stash` {them}: the release is made from the commit");
        Ruling::no_go(finding.help(help).who(Who::Operator))
    }
}
