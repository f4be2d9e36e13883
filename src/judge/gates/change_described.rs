//! `change-described`: a version can be computed from the merge's title or commits.

use super::gate::{Need, Occasion, Rule};
use crate::base::clean::quoted;
use crate::base::finding::{Finding, Who};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::commits::{Change, ChangeKinds, Excluded, KINDS, account, demand};
use crate::project::manifest::{Bump, Policy, nearest};

/// How many subjects are listed; the rest is counted.
const SHOWN: usize = 5;

/// The rule.
pub(super) struct ChangeDescribed;

impl Rule for ChangeDescribed {
    const ID: &'static str = "change-described";
    const ASKS: &'static str = "can a version be computed from the title or the commit subjects?";
    const PAGE: &'static str = include_str!("../../../docs/gates/change-described.md");
    const AT: &'static [Occasion] = &[Occasion::Merge];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        Vec::new()
    }

    fn by_default(case: &Case<'_>) -> bool {
        case.manifest.version.policy == Policy::Commits
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let facts = case.facts;
        let Some(merge) = &facts.merge else { return Ruling::no_merge() };
        if merge.touches_other_packages_only() {
            return Ruling::go("the merge changes nothing in the package's folder");
        }
        let kinds = case.change_kinds();
        let title = merge.squashed(kinds);
        if let Some(title) = title.as_ref().filter(|title| without_type(title).is_empty()) {
            return Ruling::go(format!("{}, from the pull request title", word(title)));
        }
        let commits = match merge.commits.known() {
            Ok(commits) => account(commits, kinds),
            Err(unseen) => return Ruling::unseen("the commits of the merge", unseen),
        };
        let left_over: Vec<&str> = commits
            .excluded
            .iter()
            .filter(|(_, rule)| *rule == Excluded::Fixup)
            .map(|(sha, _)| sha.short())
            .collect();
        let unkind = without_type(&commits.changes);
        if unkind.is_empty() && left_over.is_empty() && !commits.changes.is_empty() {
            let n = match commits.changes.len() {
                1 => "1 commit subject".to_owned(),
                n => format!("{n} commit subjects"),
            };
            return Ruling::go(format!("{}, from {n}", word(&commits.changes)));
        }
        let mut finding = Finding::new(match &merge.title {
            Some(title) => {
                format!("the title {} does not start with a known commit type", quoted(title))
            }
            None => "some commits do not have a known commit type".into(),
        });
        for (sha, subject) in unkind.iter().take(SHOWN) {
            let either = if merge.title.is_some() { " either" } else { "" };
            finding = finding.note(format!("{sha} {} has no known type{either}", quoted(subject)));
        }
        for sha in left_over.iter().take(SHOWN) {
            finding = finding.note(format!("{sha} is a `fixup!` commit that was not squashed"));
        }
        let rest = (unkind.len() + left_over.len()).saturating_sub(2 * SHOWN);
        if rest > 0 {
            finding = finding.note(format!("and {rest} more"));
        }
        let odd = title.iter().flatten().chain(&commits.changes).find(|one| one.unknown.is_some());
        if let Some(change) = odd {
            finding = finding.note(unknown(change, kinds));
        }
        let help = "start the pull request's title, or every commit subject, with a Conventional Commits type, \
                    such as `feat:` or `fix:`; a squash merge uses the title as the commit subject";
        Ruling::no_go(finding.help(help).who(Who::Author))
    }
}

/// Says that a word is not a commit type, and which type was probably meant.
fn unknown(change: &Change, kinds: ChangeKinds<'_>) -> String {
    let word = change.unknown.as_deref().unwrap_or_default();
    let said = format!("{} is not a known commit type", quoted(word));
    let behind = change.description.split_once(':').map_or("", |(_, rest)| rest.trim_start());
    if kinds.knows(behind) {
        return format!("{said}; write {}", quoted(behind));
    }
    // The full word is recognized as its short form.
    let lower = word.to_ascii_lowercase();
    let begins = kinds.all().find(|kind| lower.starts_with(kind));
    match begins.or_else(|| nearest(word, kinds.all())) {
        Some(kind) => format!("{said}; did you mean `{kind}`?"),
        None => format!(
            "{said}; the commit types are {}, and those in `version.kinds`",
            KINDS.map(|kind| format!("`{kind}`")).join(", ")
        ),
    }
}

/// Changes whose type is unknown.
fn without_type(changes: &[Change]) -> Vec<(&str, &str)> {
    let without = changes.iter().filter(|change| change.kind.is_none());
    without.map(|change| (change.sha.short(), change.description.as_str())).collect()
}

fn word(changes: &[Change]) -> &'static str {
    match demand(changes) {
        Some((Bump::Major, _)) => "breaking change",
        Some((Bump::Minor, _)) => "minor change",
        Some((Bump::Patch, _)) => "patch change",
        None => "no version bump",
    }
}
