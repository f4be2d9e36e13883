//! `change-described`: a version can be made from what a merge brings.

use super::gate::{Need, Occasion, Rule};
use crate::base::clean::quoted;
use crate::base::finding::{Finding, Who};
use crate::facts::Facts;
use crate::judge::ruling::Ruling;
use crate::project::commits::{Change, Excluded, account, demand};
use crate::project::manifest::{Bump, Manifest, Policy, Reader, Shape};

/// How many subjects are shown before the rest is counted.
const SHOWN: usize = 5;

/// The rule.
pub(super) struct ChangeDescribed;

impl Rule for ChangeDescribed {
    const ID: &'static str = "change-described";
    const ASKS: &'static str = "do the title or the subjects say what a version can be made from?";
    const PAGE: &'static str = include_str!("../../../docs/gates/change-described.md");
    const AT: &'static [Occasion] = &[Occasion::Merge];
    const SETTINGS: Shape<'static> = Shape::Object(&[]);
    type Settings = ();

    fn settings(_: &Reader<'_>) -> Option<()> {
        Some(())
    }

    fn needs((): &()) -> Vec<Need> {
        Vec::new()
    }

    fn by_default(manifest: &Manifest, _: &Facts) -> bool {
        manifest.version.policy == Policy::Commits
    }

    fn rule((): &(), _: &Manifest, facts: &Facts) -> Ruling {
        let Some(merge) = &facts.merge else { return Ruling::no_merge() };
        if let Some(title) = merge.squashed().filter(|title| unkind(title).is_empty()) {
            return Ruling::go(format!("by its title, {}", word(&title)));
        }
        let commits = match merge.commits.known() {
            Ok(commits) => account(commits),
            Err(unseen) => return Ruling::unseen("the commits that it brings", unseen),
        };
        let left_over: Vec<&str> = commits
            .excluded
            .iter()
            .filter(|(_, rule)| *rule == Excluded::Fixup)
            .map(|(sha, _)| sha.short())
            .collect();
        let unkind = unkind(&commits.changes);
        if unkind.is_empty() && left_over.is_empty() && !commits.changes.is_empty() {
            let n = match commits.changes.len() {
                1 => "1 subject".to_owned(),
                n => format!("{n} subjects"),
            };
            return Ruling::go(format!("by {n}, {}", word(&commits.changes)));
        }
        let mut finding = Finding::new(match &merge.title {
            Some(title) => {
                format!("the title {} does not say what kind of change it is", quoted(title))
            }
            None => "not every commit says what kind of change it is".into(),
        });
        for (sha, subject) in unkind.iter().take(SHOWN) {
            finding = finding.note(format!("nor does {sha} {}", quoted(subject)));
        }
        for sha in left_over.iter().take(SHOWN) {
            finding = finding.note(format!("{sha} is left over from a rebase (`fixup!`)"));
        }
        let rest = (unkind.len() + left_over.len()).saturating_sub(2 * SHOWN);
        if rest > 0 {
            finding = finding.note(format!("and {rest} more"));
        }
        let help = "write the title as `feat: …`, `fix: …` or another kind (Conventional Commits); \
                    a squash merge makes it the commit's subject";
        Ruling::no_go(finding.help(help).who(Who::Author))
    }
}

/// Changes that follow no convention.
fn unkind(changes: &[Change]) -> Vec<(&str, &str)> {
    let without = changes.iter().filter(|change| change.kind.is_none());
    without.map(|change| (change.sha.short(), change.description.as_str())).collect()
}

fn word(changes: &[Change]) -> &'static str {
    match demand(changes) {
        Some((Bump::Major, _)) => "a breaking change",
        Some((Bump::Minor, _)) => "a minor change",
        Some((Bump::Patch, _)) => "a patch",
        None => "nothing that demands a version",
    }
}
