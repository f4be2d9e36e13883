//! Changelog files for a single version, before a merge: they must stay, except that a merge can
//! change the next one until it is released.

use super::changelog_fragments::{Moved, new_fragments, no_fragment, none_left, uncollected};
use super::changelog_lost::{OldSections, is_ahead};
use crate::base::clean::clean;
use crate::base::finding::{Finding, Who};
use crate::base::source::Source;
use crate::base::version::Version;
use crate::facts::{ChangedFile, FileAt, Merge};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::changelog::whole;
use crate::project::commits::Change;
use crate::project::manifest::ChangelogStyle;

/// The ruling about a merge.
pub(super) fn rule(
    old: OldSections,
    merge: &Merge,
    (noticed, moved): (Option<&Change>, &Moved),
    case: &Case<'_>,
) -> Ruling {
    let told = match merge.told.known() {
        Ok(told) => told,
        Err(unseen) => return Ruling::unseen("the notes that the merge changes", unseen),
    };
    let mut findings: Vec<Finding> = told.iter().filter_map(|file| lost(old, file, case)).collect();
    let template = &case.manifest.changelog.file;
    let filled = told.iter().find(|file| {
        let version = template.version(&file.path);
        version.is_some_and(|version| is_ahead(&version, case) && says(&file.after, file, &version))
    });
    if case.manifest.changelog.style == ChangelogStyle::Fragments && filled.is_none() {
        if none_left(moved, case) {
            findings.push(uncollected(moved, template.as_str()).who(Who::Author));
        } else if let (Some(change), true) = (noticed, moved.added.is_empty()) {
            findings.push(no_fragment(change, moved, case).who(Who::Author));
        }
    }
    if let Some(first) = findings.first() {
        return Ruling::NoGo { summary: first.message.clone(), findings };
    }
    match (noticed, filled, moved.added.len()) {
        (None, _, 0) => Ruling::go("the merge contains no user-facing changes"),
        (_, Some(file), 0) => Ruling::go(format!("`{}` has new text", clean(&file.path))),
        (Some(_), None, 0) => Ruling::go(format!(
            "`{}` is required when the version is released",
            clean(template.as_str())
        )),
        (_, _, n) => Ruling::go(new_fragments(n, case)),
    }
}

fn says(file: &FileAt, named: &ChangedFile, version: &Version) -> bool {
    let FileAt::Text(text) = file else { return false };
    !whole(&Source { name: named.path.clone(), text: text.clone() }, version).is_empty()
}

/// Notes that have content before the merge, and none after it.
fn lost(old: OldSections, file: &ChangedFile, case: &Case<'_>) -> Option<Finding> {
    let version = case.manifest.changelog.file.version(&file.path)?;
    let ahead = is_ahead(&version, case);
    let kept = ahead || (old == OldSections::Keep && version.is_final());
    if !kept || !says(&file.before, file, &version) || says(&file.after, file, &version) {
        return None;
    }
    let path = clean(&file.path);
    let does = if file.after == FileAt::Absent { "removes" } else { "empties" };
    let finding = Finding::new(format!("the merge {does} `{path}`")).who(Who::Author);
    Some(match ahead {
        true => finding.help(format!("keep it: {version} is not released yet")),
        false => finding.help(
            "keep it, or first merge a change that sets `old-sections: archive` under `changelog-entry`",
        ),
    })
}
