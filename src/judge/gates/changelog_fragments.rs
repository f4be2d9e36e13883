//! Fragments: a merge adds one, and a release must leave none.

use super::changelog_section::NEAREST;
use crate::base::clean::{clean, quoted};
use crate::base::finding::Finding;
use crate::facts::{ChangedFile, FileAt, Merge, Seen, Unseen};
use crate::judge::case::Case;
use crate::judge::target::Target;
use crate::project::changelog::{is_fragment, says};
use crate::project::commits::Change;
use crate::project::manifest::ChangelogStyle;

/// Fragments that the tool did not collect into the section of a release. A pre-release can leave
/// them for the final version.
pub(super) fn left<'c>(
    allowed: bool,
    target: &Target,
    case: &Case<'c>,
) -> Result<Option<Finding>, &'c Unseen> {
    let rules = &case.manifest.changelog;
    if rules.style != ChangelogStyle::Fragments || allowed || !target.version.is_final() {
        return Ok(None);
    }
    let fragments = case.facts.fragments.known()?;
    if fragments.is_empty() {
        return Ok(None);
    }
    let folder = rules.fragments.trim_end_matches('/');
    let message = match fragments.len() {
        1 => format!("1 fragment is left in `{folder}`"),
        n => format!("{n} fragments are left in `{folder}`"),
    };
    let them = if fragments.len() == 1 { "it" } else { "them" };
    let finding = Finding::new(message).note(listed(fragments)).help(format!(
        "collect {them} into the section for {} with the project's changelog tool, or set `unreleased: \
         allow` under `changelog-entry`",
        target.version
    ));
    Ok(Some(finding))
}

/// The first names, and how many more there are.
fn listed(paths: &[String]) -> String {
    let mut names: Vec<String> =
        paths.iter().take(NEAREST).map(|path| format!("`{}`", clean(path))).collect();
    if paths.len() > NEAREST {
        names.push(format!("and {} more", paths.len() - NEAREST));
    }
    names.join(", ")
}

/// How a merge changes the fragments.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Fragments with text that it adds or changes.
    pub(super) added: Vec<String>,
    /// Fragments without text.
    pub(super) silent: Vec<String>,
    /// Fragments that it removes.
    pub(super) removed: Vec<String>,
}

/// How a merge changes the fragments; empty if the project has none.
pub(super) fn moved<'c>(merge: &'c Merge, case: &Case<'_>) -> Result<Moved, &'c Unseen> {
    let rules = &case.manifest.changelog;
    let mut moved = Moved::default();
    if rules.style != ChangelogStyle::Fragments {
        return Ok(moved);
    }
    for ChangedFile { path, before, after } in merge.told.known()? {
        if !is_fragment(&rules.fragments, path) {
            continue;
        }
        match (before, after) {
            (_, FileAt::Text(text)) if says(path, text) => moved.added.push(path.clone()),
            (_, FileAt::Absent) => moved.removed.push(path.clone()),
            (_, FileAt::Text(_) | FileAt::Binary | FileAt::TooLarge { .. }) => {
                moved.silent.push(path.clone());
            }
        }
    }
    Ok(moved)
}

/// Whether the merge removes the last fragments.
pub(super) fn none_left(moved: &Moved, case: &Case<'_>) -> bool {
    let left = matches!(&case.facts.fragments, Seen::Known(left) if left.is_empty());
    !moved.removed.is_empty() && left
}

/// The fragments that a merge adds, as part of a sentence.
pub(super) fn new_fragments(count: usize, case: &Case<'_>) -> String {
    let folder = case.manifest.changelog.fragments.trim_end_matches('/');
    match count {
        1 => format!("1 new fragment in `{folder}`"),
        n => format!("{n} new fragments in `{folder}`"),
    }
}

/// The finding for a user-facing change without a fragment.
pub(super) fn no_fragment(change: &Change, moved: &Moved, case: &Case<'_>) -> Finding {
    let folder = case.manifest.changelog.fragments.trim_end_matches('/');
    let what = quoted(&change.description);
    let message = match moved.silent.first() {
        Some(path) => format!("the fragment `{}` has no visible text", clean(path)),
        None => format!("the merge adds no fragment to `{folder}`"),
    };
    let help = match moved.silent.first() {
        Some(path) => format!("describe the change for users in `{}`", clean(path)),
        None => format!("describe the change for users in a new file in `{folder}`"),
    };
    Finding::new(message)
        .note(format!("user-facing change: {} {what}", change.sha.short()))
        .help(help)
}

/// The finding if the last fragments are gone, and the changelog has nothing new.
pub(super) fn uncollected(moved: &Moved, changelog: &str) -> Finding {
    let (what, them) = match moved.removed.as_slice() {
        [one] => (format!("the last fragment, `{}`", clean(one)), "it"),
        all => (format!("the last {} fragments", all.len()), "them"),
    };
    let message = format!("the merge removes {what}, and adds nothing to `{changelog}`");
    Finding::new(message).help(format!("keep {them}, or collect {them} into the changelog"))
}
