//! Release notes: the changelog's section, or generated from the commits.

use super::generated::{generated, listed};
use crate::base::source::Source;
use crate::facts::Seen;
use crate::judge::case::Case;
use crate::judge::target::{self, NoTarget};
use crate::project::changelog::{self, sections};
use crate::project::manifest::ChangelogStyle;

/// The notes of a release, Markdown.
///
/// # Errors
/// When the changelog or the history that they come from is unseen.
pub fn notes(case: &Case<'_>) -> Result<String, NoTarget> {
    if are_generated(case) {
        return Ok(generated(&listed(case)?));
    }
    if case.manifest.changelog.style == ChangelogStyle::None {
        return Ok(String::new());
    }
    let target = case.target().map_err(NoTarget::clone)?;
    let name = &case.manifest.changelog.file;
    let source = Source { name: name.clone(), text: target::text(&case.facts.files, name)?.into() };
    let sections = sections(&source).unwrap_or_default();
    let section = changelog::of(&sections, &target.version);
    Ok(section.map_or_else(String::new, |(_, section)| section.notes.clone()))
}

/// Whether the notes are made from the commits.
#[must_use]
pub fn are_generated(case: &Case<'_>) -> bool {
    let (manifest, facts) = (case.manifest, case.facts);
    let file = facts.files.get(&manifest.changelog.file);
    let absent = matches!(file, Some(Seen::Known(crate::facts::FileAt::Absent)));
    match manifest.changelog.style {
        ChangelogStyle::Generated => true,
        ChangelogStyle::KeepAChangelog => absent && manifest.changelog.declared.is_none(),
        ChangelogStyle::None => false,
    }
}
